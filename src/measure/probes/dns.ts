import type { RecordType } from '../dns-message.ts';
import { hostAndPort } from './host-and-port.ts';
import { numberParameter, textParameter, type Probe } from './probe.ts';

const DEFAULT_NAME = 'kubernetes.default.svc.cluster.local';
const DEFAULT_PORT = 53;

export const dns: Probe = {
  name: 'dns',
  summary:
    'Does a name server answer for a name, with at least one record? Asked over UDP once a sample: no cache and no second try.',
  parameters: {
    lookup: { type: 'string', describe: 'The name that is asked, in full.', default: DEFAULT_NAME },
    record: { type: 'enum', describe: 'Type of the record.', default: 'A', values: ['A', 'AAAA', 'SRV'] },
    server: { type: 'string', describe: "Address of the name server; absent: the endpoint's host." },
    port: {
      type: 'integer',
      describe: 'Port of the name server.',
      default: DEFAULT_PORT,
      minimum: 1,
      maximum: 65535,
    },
  },
  question: (spec, { access }) => ({
    kind: 'dns',
    host: textParameter(spec, 'server', hostAndPort(access.url).host),
    port: numberParameter(spec, 'port', DEFAULT_PORT),
    name: textParameter(spec, 'lookup', DEFAULT_NAME),
    type: recordType(textParameter(spec, 'record', 'A')),
  }),
};

const recordType = (text: string): RecordType => (text === 'AAAA' || text === 'SRV' ? text : 'A');
