import { formatDuration, ZERO } from '../model/duration.ts';
import { describeError, HarnessError } from '../model/errors.ts';
import type { HealingEntry, InjectionRecord, Verification } from '../model/injection.ts';
import { rangeBetween, type Instant, type InstantRange } from '../model/instant.ts';
import { describeTarget, type ScheduledFault } from '../model/schedule.ts';
import { bindTargets, confirmTargets, type BoundStep } from './bind-targets.ts';
import type { ChaosContext } from './chaos-context.ts';
import { deadlineAfter, unlessAborted } from './deadline.ts';
import { notSeen, type Fault } from './fault.ts';
import { faultRegistry } from './fault-registry.ts';
import { healEntry } from './heal-entry.ts';
import { lookUntil } from './look-until.ts';
import { proveRadius } from './prove-radius.ts';
import { stillReachable } from './still-reachable.ts';
import { timeLeft } from './time-left.ts';

/** From the command sent until its effect must be seen. */
const VERIFY_DEADLINE = { ms: 10_000 };

/** From the command sent until it must have returned. */
const INJECT_DEADLINE = { ms: 30_000 };

/**
 * A fault expires this long after its `duration` at the latest, counted from the journal entry: the time to send the command, to
 * see its effect, and to heal it ourselves before its own expiry does. A fault with a patience of its own has that time as well.
 */
const EXPIRY_MARGIN_MS = 5000;

/** How one fault ended: its record, and what must keep the method from going on. */
export interface FaultOutcome {
  readonly record: InjectionRecord;
  readonly ends?: { readonly by: 'refusal' | 'journal'; readonly says: string };
}

/** Runs one at a time what must not overlap: two proofs at once would not see each other's entries. */
export type InTurn = <T>(act: () => Promise<T>) => Promise<T>;

type Base = Pick<InjectionRecord, 'id' | 'step' | 'fault' | 'lasts'>;

interface Proved extends BoundStep {
  readonly proof: readonly string[];
}

/**
 * One fault, in the order that is owed: bind and prove on the live state, journal, confirm, inject, verify, hold, heal, verify
 * healed, close. Whatever happens after the journal line, it is healed, with time of its own.
 * @param stop ends the holding early (a guard, the user, the deadline, another branch); it never ends the healing.
 * @returns how it went; it does not throw.
 */
export async function runFault(
  step: ScheduledFault,
  context: ChaosContext,
  inTurn: InTurn,
  stop: AbortSignal,
): Promise<FaultOutcome> {
  const fault = (context.faults ?? faultRegistry).find(({ name }) => name === step.fault);
  const base: Base = {
    id: `${context.run}/${step.id}`,
    step: step.id,
    fault: step.fault,
    lasts: fault?.lasts ?? true,
  };
  let proved: Proved = { targets: [], from: [], proof: [] };
  const refused = (error: unknown): FaultOutcome => {
    const says = describeError(error);
    tell(context, step, 'failed', says);
    const by = error instanceof HarnessError && error.code === 'SQ_JOURNAL' ? 'journal' : 'refusal';
    return {
      record: { ...base, ...proved, end: 'not-injected', trouble: says },
      ...(stop.aborted ? {} : { ends: { by, says } }),
    };
  };
  let entry: HealingEntry;
  try {
    if (fault === undefined)
      throw new HarnessError('SQ_PLAN_INVALID', `There is no fault named ${step.fault}.`);
    entry = await inTurn(async () => {
      stop.throwIfAborted();
      refuseWithoutReaper(fault, context);
      proved = await proveLive(step, context, stop);
      const before = await unlessAborted(
        fault.before({ ...proved, parameters: step.parameters }, context.tools, stop),
        stop,
      );
      const intended = entryFor(base, step, fault, proved, before, context);
      await context.journal.intend(intended);
      return intended;
    });
  } catch (error) {
    return refused(error);
  }
  try {
    refuseWithoutReaper(fault, context);
    await stillReachable(
      (signal) => confirmTargets(proved, context.tools, () => context.rediscover(signal), signal),
      context.tools.clock,
      stop,
    );
    stop.throwIfAborted();
  } catch (error) {
    const closing = await attempt(() => context.journal.abandoned(entry.id, describeError(error)));
    return closing === undefined
      ? refused(error)
      : { ...refused(error), ends: { by: 'journal', says: closing } };
  }
  return hurt(entry, step, fault, { ...base, ...proved }, context, stop);
}

async function proveLive(step: ScheduledFault, context: ChaosContext, stop: AbortSignal): Promise<Proved> {
  const topology = await stillReachable((signal) => context.rediscover(signal), context.tools.clock, stop);
  const bound = bindTargets(step, topology);
  const { ok, reasoning } = proveRadius({
    topology,
    limits: context.plan.limits,
    targets: [{ step: step.id, ...bound, parameters: step.parameters }],
    open: [...(context.stateOpen ?? []), ...context.journal.open()],
  });
  const proof = reasoning.map(({ says }) => says);
  if (ok) return { ...bound, proof };
  const why = reasoning.filter(({ refused }) => refused).map(({ says }) => says);
  throw new HarnessError('SQ_RADIUS_REFUSED', `Step ${step.id} was not injected. ${why.join(' ')}`, {
    facts: { proof },
  });
}

function refuseWithoutReaper(fault: Fault, { reaper }: ChaosContext): void {
  if (fault.expiryHolder !== 'reaper' || reaper.alive()) return;
  throw new HarnessError(
    'SQ_INJECT_FAILED',
    `The reaper does not run, so nobody would end ${fault.name} if this process died; nothing was injected.`,
  );
}

function entryFor(
  base: Base,
  step: ScheduledFault,
  fault: Fault,
  { targets, from }: BoundStep,
  before: Readonly<Record<string, unknown>>,
  { run, tools }: ChaosContext,
): HealingEntry {
  const now = tools.clock.now();
  const { inject = ZERO, verify = ZERO } = fault.patience?.(step.parameters) ?? {};
  const lastsMs = (fault.lasts ? step.duration.ms + EXPIRY_MARGIN_MS : 0) + inject.ms + verify.ms;
  return {
    id: base.id,
    run,
    step: step.id,
    fault: fault.name,
    faultVersion: fault.version,
    targets,
    from,
    parameters: step.parameters,
    duration: step.duration,
    expiryHolder: fault.expiryHolder,
    expires: { clock: now.clock, ns: now.ns + lastsMs * 1e6 },
    expiresWall: new Date(Date.parse(tools.clock.wall()) + lastsMs).toISOString(),
    before,
  };
}

/** From the first touch on. */
async function hurt(
  entry: HealingEntry,
  step: ScheduledFault,
  fault: Fault,
  base: Base & Proved,
  context: ChaosContext,
  stop: AbortSignal,
): Promise<FaultOutcome> {
  const { clock } = context.tools;
  const troubles: string[] = [];
  const sent = clock.now();
  const names = entry.targets.map(describeTarget).join(', ');
  tell(context, step, 'injecting', `${fault.name} on ${names}`);
  const injected = await injectAndVerify(entry, fault, context, stop);
  if (injected.trouble !== undefined) troubles.push(injected.trouble);
  const range: InstantRange | undefined = injected.sent
    ? rangeBetween(sent, injected.verified.at)
    : undefined;
  const written = await attempt(() => context.journal.verified(entry.id, injected.verified));
  if (written !== undefined) troubles.push(written);
  let early = !injected.verified.ok;
  if (fault.lasts && injected.verified.ok && written === undefined) {
    tell(context, step, 'holding', `${names} for ${formatDuration(step.duration)}`);
    early = await hold(entry, step, context, stop);
  }
  const { healSent, healed, closing } = await heal(entry, step, fault, injected.unsettled, context);
  if (!healed.ok) troubles.push(healed.says);
  if (closing !== undefined) troubles.push(closing);
  const record: InjectionRecord = {
    ...base,
    ...(range === undefined ? {} : { injected: range }),
    verified: injected.verified,
    healed: rangeBetween(healSent, healed.at),
    verifiedHealed: healed,
    end: endOf(fault, entry, { touched: injected.sent, healed, early, healSentNs: healSent.ns }),
    ...(troubles.length > 0 ? { trouble: troubles.join(' ') } : {}),
  };
  if (written ?? closing) return { record, ends: { by: 'journal', says: written ?? closing ?? '' } };
  if (!healed.ok)
    return {
      record,
      ends: {
        by: 'refusal',
        says: `${fault.name} is not healed, so nothing more is injected: ${healed.says}`,
      },
    };
  return { record };
}

interface Injected {
  readonly verified: Verification;
  /** True when the command returned, so that there is a range to speak of. */
  readonly sent: boolean;
  /** The command may still act: it was given up before it returned. */
  readonly unsettled: boolean;
  readonly trouble?: string;
}

async function injectAndVerify(
  entry: HealingEntry,
  fault: Fault,
  { tools }: ChaosContext,
  stop: AbortSignal,
): Promise<Injected> {
  const patience = fault.patience?.(entry.parameters);
  const limit = deadlineAfter(tools.clock, patience?.inject ?? INJECT_DEADLINE, `Injecting ${fault.name}`);
  let settled = false;
  try {
    const command = fault.inject(entry, tools, stop).finally(() => {
      settled = true;
    });
    await unlessAborted(command, limit.signal);
  } catch (error) {
    const says = `${fault.name} could not be injected: ${describeError(error)}`;
    return {
      verified: { ...notSeen(says), at: tools.clock.now() },
      sent: false,
      unsettled: !settled,
      trouble: says,
    };
  } finally {
    limit.release();
  }
  const deadline = deadlineAfter(
    tools.clock,
    patience?.verify ?? VERIFY_DEADLINE,
    `Seeing the effect of ${fault.name}`,
  );
  const signal = AbortSignal.any([stop, deadline.signal]);
  try {
    const verified = await lookUntil(() => fault.verify(entry, tools, signal), tools.clock, signal);
    return { verified, sent: true, unsettled: false };
  } finally {
    deadline.release();
  }
}

/** @returns true when it was ended early. */
async function hold(
  entry: HealingEntry,
  step: ScheduledFault,
  { tools }: ChaosContext,
  stop: AbortSignal,
): Promise<boolean> {
  const left = timeLeft(entry, tools.clock);
  try {
    await tools.clock.sleep({ ms: Math.min(step.duration.ms, left.ms) }, stop);
    return false;
  } catch (error) {
    if (stop.aborted) return true;
    throw error;
  }
}

interface Healed {
  readonly healSent: Instant;
  readonly healed: Verification;
  /** Why that could not be written down; undefined when it was. */
  readonly closing: string | undefined;
}

async function heal(
  entry: HealingEntry,
  step: ScheduledFault,
  fault: Fault,
  unsettled: boolean,
  context: ChaosContext,
): Promise<Healed> {
  const { clock } = context.tools;
  const healSent = clock.now();
  if (fault.lasts) tell(context, step, 'healing', entry.targets.map(describeTarget).join(', '));
  // Nobody may abort this: whatever stopped the run, the heal is still owed.
  const found = await healEntry(entry, context.tools, new AbortController().signal, context.faults);
  const healed: Verification = unsettled
    ? { ...found, ok: false, says: `The command never returned, so it may still act: ${found.says}` }
    : found;
  const closing = await attempt(() => context.journal.healed(entry.id, healed));
  tell(context, step, healed.ok ? 'healed' : 'failed', healed.says);
  return { healSent, healed, closing };
}

function endOf(
  fault: Fault,
  entry: HealingEntry,
  {
    touched,
    healed,
    early,
    healSentNs,
  }: { touched: boolean; healed: Verification; early: boolean; healSentNs: number },
): InjectionRecord['end'] {
  if (!healed.ok) return 'not-healed';
  if (!touched) return 'not-injected';
  if (!fault.lasts) return 'instant';
  if (early) return 'healed-early';
  return healSentNs >= entry.expires.ns ? 'expired' : 'healed';
}

/** @returns what went wrong, or undefined. */
async function attempt(act: () => Promise<void>): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}

function tell(
  { progress }: ChaosContext,
  step: ScheduledFault,
  state: 'injecting' | 'holding' | 'healing' | 'healed' | 'failed',
  says: string,
): void {
  progress.report({ kind: 'fault', step: step.id, state, says });
}
