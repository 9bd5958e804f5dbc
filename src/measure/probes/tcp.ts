import type { Probe } from './probe.ts';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80 };

export const tcp: Probe = {
  name: 'tcp',
  summary:
    'Can a TCP connection to the endpoint be made? Each sample makes a new one, whatever `connection` says.',
  parameters: {},
  question(_spec, { access }) {
    const url = new URL(access.url);
    const port = url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? 80) : Number(url.port);
    return { kind: 'tcp', host: url.hostname.replace(/^\[|\]$/g, ''), port };
  },
};
