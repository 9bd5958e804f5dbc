import { describeError, HarnessError } from '../../model/errors.ts';
import type { Clock } from '../../ports/clock.ts';

/** One part of bringing the lab up. */
export interface Step {
  readonly name: string;
  /** Names of the steps that must be over before it begins. */
  readonly after: readonly string[];
  run(signal: AbortSignal): Promise<void>;
}

export interface StepTime {
  readonly name: string;
  /** Milliseconds from the start of the first step. */
  readonly beganMs: number;
  readonly tookMs: number;
}

/**
 * Runs each step as soon as what it waits for is over, beside whatever else can run, and says how long each took.
 * @throws SQ_LAB with the name of the step that failed first; the others are stopped and waited for.
 */
export async function runSteps(
  steps: readonly Step[],
  { clock, report }: { readonly clock: Clock; readonly report: (says: string) => void },
  signal: AbortSignal,
): Promise<readonly StepTime[]> {
  refuseCircles(steps);
  const startNs = clock.now().ns;
  const sinceStart = (): number => (clock.now().ns - startNs) / 1e6;
  const others = new AbortController();
  const within = AbortSignal.any([signal, others.signal]);
  const times: StepTime[] = [];
  const running = new Map<string, Promise<void>>();
  const start = async (step: Step): Promise<void> => {
    await Promise.all(step.after.map(async (name) => running.get(name)));
    within.throwIfAborted();
    const beganMs = sinceStart();
    try {
      await step.run(within);
    } catch (error) {
      const failure = signal.aborted ? error : naming(step, error);
      if (!others.signal.aborted) others.abort(failure);
      throw failure;
    }
    const tookMs = sinceStart() - beganMs;
    times.push({ name: step.name, beganMs, tookMs });
    report(`${seconds(sinceStart())}  ${step.name}: ${seconds(tookMs).trim()}`);
  };
  // In order, so that each finds the promises of those before it.
  for (const step of inOrder(steps)) running.set(step.name, start(step));
  await Promise.allSettled(running.values());
  signal.throwIfAborted();
  others.signal.throwIfAborted();
  return times;
}

/** Where the time went, in words: the ten steps that took longest, of which some ran beside each other. */
export function slowestOf(times: readonly StepTime[]): string {
  const slowest = times.toSorted((a, b) => b.tookMs - a.tookMs).slice(0, 10);
  return `The slowest: ${slowest.map(({ name, tookMs }) => `${name} ${seconds(tookMs).trim()}`).join(', ')}.`;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1).padStart(5)} s`;

function naming(step: Step, error: unknown): HarnessError {
  const known = error instanceof HarnessError ? error : undefined;
  return new HarnessError(known?.code ?? 'SQ_LAB', `${step.name}: ${describeError(error)}`, {
    cause: error,
    ...(known === undefined ? {} : { remedy: known.remedy, facts: known.facts }),
  });
}

/** Steps after all that they wait for, otherwise as given. */
export function inOrder(steps: readonly Step[]): readonly Step[] {
  const ordered: Step[] = [];
  const add = (step: Step): void => {
    if (ordered.includes(step)) return;
    for (const before of steps.filter(({ name }) => step.after.includes(name))) add(before);
    ordered.push(step);
  };
  for (const step of steps) add(step);
  return ordered;
}

function refuseCircles(steps: readonly Step[]): void {
  const visit = (step: Step, path: readonly string[]): void => {
    if (path.includes(step.name))
      throw new HarnessError(
        'SQ_INTERNAL',
        `These steps wait for each other: ${[...path, step.name].join(', ')}.`,
      );
    for (const name of step.after) {
      const before = steps.find((each) => each.name === name);
      if (before === undefined)
        throw new HarnessError('SQ_INTERNAL', `${step.name} waits for ${name}, which is no step.`);
      visit(before, [...path, step.name]);
    }
  };
  for (const step of steps) visit(step, []);
}
