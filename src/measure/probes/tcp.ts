import { hostAndPort } from './host-and-port.ts';
import type { Probe } from './probe.ts';

export const tcp: Probe = {
  name: 'tcp',
  summary:
    'Can a TCP connection to the endpoint be made? Each sample makes a new one, whatever `connection` says.',
  parameters: {},
  question: (_spec, { access }) => ({ kind: 'tcp', ...hostAndPort(access.url) }),
};
