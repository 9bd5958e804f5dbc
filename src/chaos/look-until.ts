import { describeError } from '../model/errors.ts';
import type { Verification } from '../model/injection.ts';
import type { Clock } from '../ports/clock.ts';
import { unlessAborted } from './deadline.ts';
import { notSeen, type Finding } from './fault.ts';

const LOOK_EVERY = { ms: 100 };

/**
 * Looks again and again until it is seen or the signal aborts. Looking only: nothing is done a second time.
 * @returns the last look; never throws, for a look that fails is one that saw nothing.
 */
export async function lookUntil(
  look: () => Promise<Finding>,
  clock: Clock,
  signal: AbortSignal,
): Promise<Verification> {
  let last = notSeen('It was not looked at.');
  for (;;) {
    try {
      last = await unlessAborted(look(), signal);
    } catch (error) {
      if (!signal.aborted || last.says === 'It was not looked at.')
        last = notSeen(`The look failed: ${describeError(error)}`);
    }
    const at = clock.now();
    if (last.ok || signal.aborted) return { ...last, at };
    await clock.sleep(LOOK_EVERY, signal).catch(() => undefined);
    if (signal.aborted) return { ...last, at };
  }
}
