import { describeError } from '../model/errors.ts';
import type { ChaosRecord, InjectionRecord, StepRecord } from '../model/injection.ts';
import type { Instant } from '../model/instant.ts';
import type { Schedule, ScheduledStep } from '../model/schedule.ts';
import type { ChaosContext } from './chaos-context.ts';
import { deadlineAfter } from './deadline.ts';
import { runFault, type InTurn } from './run-fault.ts';

type Stopped = NonNullable<ChaosRecord['stopped']>;

/** What the steps of one method share. */
interface Method {
  readonly context: ChaosContext;
  readonly injections: InjectionRecord[];
  readonly steps: StepRecord[];
  readonly starts: Map<string, Instant>;
  readonly inTurn: InTurn;
  /** Ends the method; only the first reason is kept. */
  end(stopped: Stopped): void;
  readonly stop: AbortSignal;
}

/**
 * Runs the method: every fault that is injected is healed before this returns, whatever ends it. A refusal, a journal that cannot
 * be written, a guard or nobody to look for it, the user and `plan.limits.maxDuration` each end it early, and the record says which came first.
 * @param signal the user's stop.
 * @returns the record; it does not throw, for what was found up to an error is evidence.
 */
export async function runMethod(
  schedule: Schedule,
  context: ChaosContext,
  signal: AbortSignal,
): Promise<ChaosRecord> {
  const { clock } = context.tools;
  const started = clock.now();
  context.noted?.({ kind: 'started', at: started });
  const deadline = deadlineAfter(clock, context.plan.limits.maxDuration, 'The method');
  const ending = new AbortController();
  let stopped: Stopped | undefined;
  const { guard, blind = new AbortController().signal } = context;
  const method: Method = {
    context,
    injections: [],
    steps: [],
    starts: new Map(),
    inTurn: oneAtATime(),
    end(reason) {
      stopped ??= reason;
      ending.abort(new Error(reason.says));
    },
    stop: AbortSignal.any([signal, guard, blind, deadline.signal, ending.signal]),
  };
  const outside: readonly (readonly [AbortSignal, Stopped['by']])[] = [
    [guard, 'guard'],
    // That nobody looks is no word about the system.
    [blind, 'refusal'],
    [signal, 'user'],
    [deadline.signal, 'deadline'],
  ];
  const unfollow = outside.map(([source, by]) =>
    follow(source, () => method.end({ by, says: describeError(source.reason) })),
  );
  try {
    await runSteps(schedule.steps, method);
  } finally {
    deadline.release();
    for (const leave of unfollow) leave();
  }
  const { injections, steps } = method;
  return { started, ended: clock.now(), injections, steps, ...(stopped === undefined ? {} : { stopped }) };
}

function follow(source: AbortSignal, act: () => void): () => void {
  if (source.aborted) act();
  source.addEventListener('abort', act, { once: true });
  return () => source.removeEventListener('abort', act);
}

function oneAtATime(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const mine = last.then(act, act);
    last = mine.catch(() => undefined);
    return mine;
  };
}

async function runSteps(steps: readonly ScheduledStep[], method: Method): Promise<void> {
  for (const step of steps) {
    if (method.stop.aborted) return;
    await runStep(step, method);
  }
}

async function runStep(step: ScheduledStep, method: Method): Promise<void> {
  const { clock } = method.context.tools;
  const started = clock.now();
  method.starts.set(step.id, started);
  let recovered: boolean | undefined;
  try {
    recovered = await act(step, method);
  } catch (error) {
    // What a stop interrupts ends with the stop's own reason, which is known already.
    if (!method.stop.aborted)
      method.end({ by: 'refusal', says: `Step ${step.id} failed: ${describeError(error)}` });
  }
  const record: StepRecord = {
    id: step.id,
    kind: step.kind,
    started,
    ended: clock.now(),
    ...(recovered === undefined ? {} : { recovered }),
  };
  method.steps.push(record);
  // A step that a stop cut short is not over: whoever goes on with the method looks at it again.
  if (!method.stop.aborted) method.context.noted?.({ kind: 'step', step: record });
}

async function act(step: ScheduledStep, method: Method): Promise<boolean | undefined> {
  const { context, stop } = method;
  const { clock } = context.tools;
  switch (step.kind) {
    case 'fault': {
      const { record, ends } = await runFault(step, context, method.inTurn, stop);
      method.injections.push(record);
      context.noted?.({ kind: 'injection', injection: record });
      if (ends) method.end(ends);
      return undefined;
    }
    case 'wait':
      if (step.wait.for === 'recovered') return context.recovered(step.wait.ceiling, stop);
      await clock.sleep(step.wait.duration, stop);
      return undefined;
    case 'pause': {
      const since = method.starts.get(step.sinceStartOf)?.ns ?? clock.now().ns;
      const leftMs = step.every.ms - (clock.now().ns - since) / 1e6;
      if (leftMs > 0) await clock.sleep({ ms: leftMs }, stop);
      return undefined;
    }
    case 'suites':
      await context.runSuites(step.selection, stop);
      return undefined;
    case 'parallel':
      // No branch rejects: each keeps its errors to its own record, so all of them heal before this goes on.
      await Promise.all(step.branches.map((branch) => runSteps(branch, method)));
      return undefined;
  }
}
