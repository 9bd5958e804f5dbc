import { nanosecondsOf } from '../model/duration.ts';
import { describeError } from '../model/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { FoundMarks, Mark } from '../ports/mark.ts';

export interface HealMarksOrder {
  readonly clock: Clock;
  /** Looks at the systems. */
  readonly find: (signal: AbortSignal) => Promise<FoundMarks>;
  /** Only marks of this run; default all that are not somebody's who lives. */
  readonly run?: string;
  /** Whether a run is going on, here or elsewhere: what it hurts is its own to heal. */
  readonly lives: (run: string) => boolean;
  /** Whether marks that tell no run are ours to heal: on a lab that we deployed, with no run on it. */
  readonly nameless: boolean;
  readonly report?: (says: string) => void;
}

export interface HealedMarks {
  /** What was found and is gone. */
  readonly healed: readonly string[];
  /** What was found and is still there, as lines of a diff; none of it is there when all is as before. */
  readonly left: readonly string[];
  /** Left to runs that are going on. */
  readonly spared: readonly string[];
  readonly troubles: readonly string[];
}

const LOOK_EVERY = { ms: 250 };
const PATIENCE = { ms: 30_000 };

/**
 * Takes away what carries our marks, and looks again until it is gone: for runs whose journal was lost. Repeatable, and safe when
 * two do it at once.
 */
export async function healMarks(order: HealMarksOrder, signal: AbortSignal): Promise<HealedMarks> {
  const { clock, report } = order;
  const untilNs = clock.now().ns + nanosecondsOf(PATIENCE);
  const seen = new Map<string, Mark>();
  for (;;) {
    const { marks, troubles } = await order.find(signal);
    const ours = marks.filter((mark) => isOurs(mark, order));
    const spared = marks.filter((mark) => !ours.includes(mark)).map(({ says }) => says);
    const failed = new Map<string, string>();
    for (const mark of ours) {
      if (!seen.has(mark.id)) report?.(`Healing by its mark: ${mark.says}.`);
      seen.set(mark.id, mark);
      try {
        await mark.heal(signal);
      } catch (error) {
        failed.set(mark.id, describeError(error));
      }
    }
    if (ours.length === 0 || clock.now().ns >= untilNs) {
      const still = new Set(ours.map(({ id }) => id));
      return {
        healed: [...seen.values()].filter(({ id }) => !still.has(id)).map(({ says }) => says),
        left: ours.map(({ id, says }) => `+ ${says}${failed.has(id) ? ` (${failed.get(id) ?? ''})` : ''}`),
        spared,
        troubles,
      };
    }
    await clock.sleep(LOOK_EVERY, signal);
  }
}

function isOurs({ run }: Mark, { run: wanted, lives, nameless }: HealMarksOrder): boolean {
  if (run === undefined) return nameless && wanted === undefined;
  return (wanted === undefined || run === wanted) && !lives(run);
}
