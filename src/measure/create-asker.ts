import type { Clock } from '../ports/clock.ts';
import type { WireAccess, WireAssignment } from '../ports/prober.ts';
import { createHttpAsker } from './http-asker.ts';
import type { Asker } from './probe-line.ts';
import { createTcpAsker } from './tcp-asker.ts';

/** Who asks the question of a probe. */
export function createAsker(
  { spec, question, access }: WireAssignment,
  clock: Pick<Clock, 'after'>,
): Asker<WireAccess> {
  if (question.kind === 'tcp') return createTcpAsker(question);
  return createHttpAsker({
    asks: question.kind === 'http' ? [question.ask] : question.asks,
    ...(question.kind === 'sequence' && question.slots !== undefined ? { slots: question.slots } : {}),
    access,
    clock,
    connection: spec.connection,
    timeoutMs: spec.timeout.ms,
  });
}
