import type { Clock } from '../ports/clock.ts';
import type { Question, WireAccess, WireAssignment } from '../ports/prober.ts';
import { createBootAsker } from './boot-asker.ts';
import { createDnsAsker } from './dns-asker.ts';
import { createHttpAsker } from './http-asker.ts';
import { createLeanHttpAsker, isLean } from './lean-http-asker.ts';
import type { Asker } from './probe-line.ts';
import { createRelayedAsker } from './relayed-asker.ts';
import { createTcpAsker } from './tcp-asker.ts';
import { createTlsAsker } from './tls-asker.ts';

type Tools = Pick<WireAssignment, 'spec' | 'access'> & { readonly clock: Pick<Clock, 'after' | 'now'> };
type Askers = {
  readonly [Kind in Question['kind']]: (
    question: Extract<Question, { readonly kind: Kind }>,
    tools: Tools,
  ) => Asker<WireAccess>;
};

/** Who asks which kind of question; a new kind is a file beside these and a line here. */
const ASKERS: Askers = {
  tcp: (question) => createTcpAsker(question),
  tls: (question, { access }) => createTlsAsker(question, access),
  dns: (question, { spec }) => createDnsAsker({ ...question, connection: spec.connection }),
  http: ({ ask }, tools) =>
    isLean(ask, tools.spec.connection)
      ? createLeanHttpAsker({ ask, access: tools.access, now: () => tools.clock.now().ns })
      : createHttpAsker({ asks: [ask], ...httpTools(tools) }),
  relayed: ({ ask, then }, tools) => createRelayedAsker({ ask, then, ...httpTools(tools) }),
  sequence: ({ kind: _kind, ...question }, tools) => createHttpAsker({ ...question, ...httpTools(tools) }),
  boot: (question, tools) => createBootAsker({ question, ...httpTools(tools) }),
};

const httpTools = ({ spec, access, clock }: Tools) =>
  ({ access, clock, connection: spec.connection, timeoutMs: spec.timeout.ms }) as const;

/** Who asks the question of a probe. */
export function createAsker(
  { spec, question, access }: WireAssignment,
  clock: Pick<Clock, 'after' | 'now'>,
): Asker<WireAccess> {
  const create = ASKERS[question.kind] as (question: Question, tools: Tools) => Asker<WireAccess>;
  return create(question, { spec, access, clock });
}
