import type {
  ComparedMeasure,
  Comparison,
  Measure,
  MeasureUnit,
  Range,
  RunSummary,
  Spread,
} from '../../model/comparison.ts';
import { ALPHA, moved, POWER, slowed, tolerated } from './margins.ts';
import { middleOf, neededRuns } from './needed-runs.ts';
import { surelyMore } from './surely-more.ts';

/** Both sides of a factor's confidence interval, 95 % together. */
const ONE_SIDE = 0.025;

/** A factor is looked for between its inverse and this. */
const LARGEST_FACTOR = 64;

/** Halvings of that stretch on a logarithmic scale: the factor is exact to half a percent. */
const HALVINGS = 11;

/** Two groups of runs of one plan, as whoever chose them hands them on. */
export interface ComparisonOrder extends Pick<
  Comparison,
  'plan' | 'lab' | 'baseline' | 'changed' | 'differences' | 'notes' | 'slowdown'
> {
  readonly baselineRuns: readonly RunSummary[];
  readonly changedRuns: readonly RunSummary[];
}

interface Sides {
  readonly measure: Measure;
  readonly before: readonly Range[];
  readonly after: readonly Range[];
}

type Tested = Omit<ComparedMeasure, 'pSlowerCorrected' | 'truth' | 'says'>;

/**
 * Sets two groups of runs side by side, measure by measure. Two one-sided tests each: is the changed subject surely slower than
 * the baseline and what is tolerated on top of it; and is it surely faster than the baseline slowed down by what must be found.
 * A false alarm over all judged measures is held to `alpha` (Holm 1979); that none is slower needs every measure to show it, so
 * there each is tested by itself. Pure, and the same runs give the same comparison whatever their order.
 */
export function compareRuns(order: ComparisonOrder): Comparison {
  const { baselineRuns, changedRuns, slowdown, ...rest } = order;
  const sides = sidesOf(baselineRuns, changedRuns);
  const judged = sides.filter(({ measure }) => measure.judged).length;
  const search = { slowdown, alpha: ALPHA / Math.max(1, judged) };
  const tested = sides.map((side) => test(side, search));
  const corrected = holm(tested.filter((one) => one.judged).map(({ pSlower }) => pSlower));
  let next = 0;
  const measures = tested.map((one): ComparedMeasure => {
    const pSlowerCorrected = one.judged
      ? (corrected[next++] ?? 1)
      : Math.min(1, one.pSlower * Math.max(1, judged));
    return { ...one, pSlowerCorrected, ...conclude({ ...one, pSlowerCorrected }, slowdown) };
  });
  const needs = measures.filter((one) => one.judged).map(({ needed }) => needed);
  const known = needs.filter((one) => one !== undefined);
  return {
    schemaVersion: 1,
    ...rest,
    slowdown,
    alpha: ALPHA,
    power: POWER,
    measures,
    ...(known.length > 0 && known.length === needs.length ? { needed: Math.max(...known) } : {}),
  };
}

/** Every measure that a run of the baseline has; a run without it counts nothing there. */
function sidesOf(before: readonly RunSummary[], after: readonly RunSummary[]): readonly Sides[] {
  const first = new Map(before.flatMap(({ measures }) => measures).map((measure) => [measure.id, measure]));
  const values = (runs: readonly RunSummary[], id: string): readonly Range[] =>
    runs.flatMap(({ measures }) =>
      measures.filter((one) => one.id === id).map(({ min, max }) => ({ min, max: max ?? Infinity })),
    );
  return [...first.values()].map((measure) => ({
    measure,
    before: values(before, measure.id),
    after: values(after, measure.id),
  }));
}

function test({ measure, before, after }: Sides, search: { slowdown: number; alpha: number }): Tested {
  const { id, title, unit, judged } = measure;
  const { slowdown } = search;
  const factor = factorOf(before, after, unit);
  const needed = neededRuns(before, { unit, ...search });
  return {
    id,
    title,
    unit,
    judged,
    baseline: spreadOf(before),
    changed: spreadOf(after),
    ...(factor === undefined ? {} : { factor }),
    pSlower: surelyMore(
      after,
      before.map((range) => tolerated(range, unit)),
    ),
    pNotSlower: surelyMore(
      before.map((range) => slowed(range, unit, slowdown)),
      after,
    ),
    ...(typeof needed === 'number' ? { needed } : {}),
  };
}

function conclude(
  one: Tested & { readonly pSlowerCorrected: number },
  slowdown: number,
): Pick<ComparedMeasure, 'truth' | 'says'> {
  const { title, unit, needed, baseline, changed, pSlowerCorrected, pNotSlower } = one;
  const runs = Math.min(baseline.runs, changed.runs);
  const about = `The ${title}`;
  const looked = unit === 'count' ? 'one more' : `a slowdown of ${slowdown} times`;
  if (needed === undefined) {
    return {
      truth: 'unknown',
      says:
        baseline.runs < 5
          ? `${about} is not known well enough: its spread is estimated from 5 runs of the baseline or more, and there are ${baseline.runs}.`
          : `${about} is measured too coarsely: no number of runs would tell ${looked} from none; probe more often.`,
    };
  }
  if (runs < needed) {
    return {
      truth: 'unknown',
      says: `${about} needs ${needed} runs of each to find ${looked}, and there are ${baseline.runs} and ${changed.runs}.`,
    };
  }
  if (pSlowerCorrected <= ALPHA) return { truth: 'fail', says: `${about} is surely worse than before.` };
  if (pNotSlower <= ALPHA) return { truth: 'pass', says: `${about} is surely not worse by ${looked}.` };
  return {
    truth: 'unknown',
    says: `${about} may be a little worse: neither surely worse nor surely free of ${looked}.`,
  };
}

/** Holm's step-down correction, in the order of what it is given. */
function holm(chances: readonly number[]): readonly number[] {
  const corrected = chances.map(() => 1);
  let highest = 0;
  const order = chances.map((p, index) => ({ p, index })).sort((x, y) => x.p - y.p);
  for (const [rank, { p, index }] of order.entries()) {
    highest = Math.max(highest, Math.min(1, p * (chances.length - rank)));
    corrected[index] = highest;
  }
  return corrected;
}

export function spreadOf(ranges: readonly Range[]): Spread {
  const middles = ranges.map(middleOf).sort((x, y) => x - y);
  return {
    runs: ranges.length,
    open: ranges.filter(({ max }) => max === Infinity).length,
    lowest: Math.min(...ranges.map(({ min }) => min), Infinity),
    median: middles[Math.max(0, Math.ceil(middles.length / 2) - 1)] ?? Infinity,
    highest: Math.max(...ranges.map(({ max }) => max), -Infinity),
  };
}

/** Every factor by which the baseline may be multiplied without the two being surely different. */
function factorOf(before: readonly Range[], after: readonly Range[], unit: MeasureUnit): Range | undefined {
  const { median } = spreadOf(before);
  if (unit === 'count' || before.length === 0 || after.length === 0) return undefined;
  if (median === 0 || !Number.isFinite(median)) return undefined;
  const scaled = (factor: number): readonly Range[] =>
    before.map((range) => moved(range, (value) => value * factor));
  const min = edge((factor) => surelyMore(after, scaled(factor)) <= ONE_SIDE);
  const max = 1 / edge((inverse) => surelyMore(scaled(1 / inverse), after) <= ONE_SIDE);
  return { min, max };
}

/** The largest factor for which it holds, which it does for all smaller ones; the least that is looked at where it never does. */
function edge(holds: (factor: number) => boolean): number {
  let [low, high] = [-Math.log(LARGEST_FACTOR), Math.log(LARGEST_FACTOR)];
  if (!holds(Math.exp(low))) return 0;
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (low + high) / 2;
    if (holds(Math.exp(middle))) low = middle;
    else high = middle;
  }
  return Math.exp(low);
}
