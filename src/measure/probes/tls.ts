import { hostAndPort } from './host-and-port.ts';
import type { Probe } from './probe.ts';

export const tls: Probe = {
  name: 'tls',
  summary:
    'Does a TLS handshake with the endpoint end well, with a certificate that its access trusts? Each sample makes a new connection.',
  parameters: {},
  question: (_spec, { access }) => ({ kind: 'tls', ...hostAndPort(access.url) }),
};
