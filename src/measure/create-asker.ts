import type { WireAccess, WireAssignment } from '../ports/prober.ts';
import { createHttpAsker } from './http-asker.ts';
import type { Asker } from './probe-line.ts';
import { createTcpAsker } from './tcp-asker.ts';

/** Who asks the question of a probe. */
export function createAsker({ spec, question, access }: WireAssignment): Asker<WireAccess> {
  if (question.kind === 'tcp') return createTcpAsker(question);
  return createHttpAsker({
    asks: question.kind === 'http' ? [question.ask] : question.asks,
    access,
    connection: spec.connection,
    timeoutMs: spec.timeout.ms,
  });
}
