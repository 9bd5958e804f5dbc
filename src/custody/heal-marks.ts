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
  /** What was found and is still there, or could not be looked at again, as lines of a diff; none when all is as before. */
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
  const seen = new Map<string, SeenMark>();
  for (;;) {
    const { marks, troubles } = await order.find(signal);
    const ours = marks.filter((mark) => isOurs(mark, order));
    const spared = marks.filter((mark) => !ours.includes(mark)).map(({ says }) => says);
    const failed = new Map<string, string>();
    for (const mark of ours) {
      if (!seen.has(mark.id)) report?.(`Healing by its mark: ${mark.says}.`);
      seen.set(mark.id, { says: mark.says, troubles: seen.get(mark.id)?.troubles ?? troubles });
      try {
        await mark.heal(signal);
      } catch (error) {
        failed.set(mark.id, describeError(error));
      }
    }
    const still = new Set(ours.map(({ id }) => id));
    const away = [...seen].filter(([id]) => !still.has(id)).map(([, mark]) => mark);
    const unseen = away.flatMap((mark) => notLookedAt(mark, troubles));
    if ((ours.length === 0 && unseen.length === 0) || clock.now().ns >= untilNs) {
      return {
        healed: away.filter((mark) => notLookedAt(mark, troubles).length === 0).map(({ says }) => says),
        left: [
          ...ours.map(({ id, says }) => `+ ${says}${failed.has(id) ? ` (${failed.get(id) ?? ''})` : ''}`),
          ...unseen,
        ],
        spared,
        troubles,
      };
    }
    await clock.sleep(LOOK_EVERY, signal);
  }
}

/** A mark as it was found, and what could not be looked at even then. */
interface SeenMark {
  readonly says: string;
  readonly troubles: readonly string[];
}

/** Whoever found it may be the one that cannot look now. */
function notLookedAt({ says, troubles: then }: SeenMark, now: readonly string[]): readonly string[] {
  const why = now.find((trouble) => !then.includes(trouble));
  return why === undefined ? [] : [`? ${says} (${why})`];
}

function isOurs({ run }: Mark, { run: wanted, lives, nameless }: HealMarksOrder): boolean {
  if (run === undefined) return nameless && wanted === undefined;
  return (wanted === undefined || run === wanted) && !lives(run);
}
