import type { FailurePhase } from '../model/observation.ts';

/** Errors of this host, not of the system that was asked: no descriptors, no memory, no free port. */
const OURS = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'UND_ERR_INVALID_ARG']);

const BY_CODE: Readonly<Record<string, FailurePhase>> = {
  ENOTFOUND: 'resolve',
  EAI_AGAIN: 'resolve',
  ECONNREFUSED: 'connect',
  EHOSTUNREACH: 'connect',
  ENETUNREACH: 'connect',
  EPIPE: 'send',
};

/** OpenSSL's and Node's own names for a handshake or a certificate that was refused. */
const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|EPROTO|HOSTNAME_MISMATCH)/;

/** What the HTTP parser says about bytes that are no HTTP. */
const PARSER_CODE = /^(HPE_|UND_ERR_(RES|RESPONSE|HEADERS_OVERFLOW|BODY))/;

/** Where a request failed. @param reached the phase that it was in when the error came; it decides where the error does not. */
export function failurePhase(error: unknown, reached: FailurePhase): FailurePhase {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (OURS.has(code)) return 'harness';
  if (TLS_CODE.test(code)) return 'tls';
  // undici's parser leaves the code out where the very first bytes are no answer.
  const unreadable = PARSER_CODE.test(code) || (error instanceof Error && error.name === 'HTTPParserError');
  if (unreadable) return reached === 'body' ? 'body' : 'answer';
  return BY_CODE[code] ?? reached;
}
