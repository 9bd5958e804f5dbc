import { createSecureContext } from 'node:tls';
import type { WireAccess } from '../ports/prober.ts';

/** Certificates are read once and not for each connection, which costs more than the handshake. */
export function secureOptions({ ca, cert, key, verify }: WireAccess): {
  readonly secureContext: ReturnType<typeof createSecureContext>;
  readonly rejectUnauthorized: boolean;
} {
  return {
    secureContext: createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    }),
    rejectUnauthorized: verify,
  };
}
