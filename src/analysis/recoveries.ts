import type { ProbeAnalysis, Recovery } from '../model/analysis.ts';
import { nanosecondsOf } from '../model/duration.ts';
import type { Evidence } from '../model/evidence.ts';
import type { InjectionRecord } from '../model/injection.ts';
import type { InstantRange } from '../model/instant.ts';
import type { ProbeSeries, WatchedEvent } from '../model/observation.ts';
import type { PredictedWindow, Schedule, ScheduledFault, ScheduledStep } from '../model/schedule.ts';
import { againstPrediction } from './against-prediction.ts';
import { backToBaseline } from './back-to-baseline.ts';
import { longest, milliseconds, outagesOf, type Felt, type Outage } from './outages.ts';
import { phasesOf } from './phases.ts';
import { rangeOf, redundancyReturn } from './watched-changes.ts';

type Effect = InjectionRecord & { readonly injected: InstantRange };

/**
 * What each fault that took effect cost, and how long the way back took.
 *
 * An outage belongs to the last fault whose injection had begun by the time at which the probe was surely down: it began between
 * that fault's injection and the next one's. What began once our healing had begun came with the return, such as the connections
 * that a thawed node drops, and is told apart: the way back from the fault itself is over without it. An outage that was under
 * way before the first fault belongs to none. Watchers' events belong to a fault likewise, by when they were seen.
 */
export function recoveriesOf(
  evidence: Evidence,
  series: readonly ProbeSeries[],
  probes: readonly ProbeAnalysis[],
): readonly Recovery[] {
  const effects = (evidence.chaos?.injections ?? [])
    .filter((injection): injection is Effect => injection.injected !== undefined)
    .sort((a, b) => a.injected.earliestNs - b.injected.earliestNs);
  const predictions = predictionsOf(evidence.schedule);
  return effects.map((effect, index) => {
    const { clock } = effect.injected;
    const turn: Turn = {
      effect: effect.injected,
      healingNs: effect.healed?.clock === clock ? effect.healed.earliestNs : Infinity,
      untilNs:
        effects.slice(index + 1).find(({ injected }) => injected.clock === clock)?.injected.earliestNs ??
        Infinity,
    };
    const seen = series.filter((one) => one.clock === clock);
    const felt = probes.flatMap((probe, at) => {
      return series[at]?.clock === clock ? [{ probe: probe.probe, outages: outagesIn(turn, probe) }] : [];
    });
    const events = evidence.events
      .filter(
        (event) =>
          event.clock === clock && event.seenNs >= turn.effect.earliestNs && event.seenNs < turn.untilNs,
      )
      .sort((a, b) => a.seenNs - b.seenNs);
    const predicted = predictions.get(effect.step) ?? predictions.get(effect.id);
    const baselineEndNs = effects[0]?.injected.earliestNs ?? turn.effect.earliestNs;
    return recoveryOf(effect, turn, felt, events, {
      predicted,
      blindMs: blindMs(seen),
      performanceOf: (names) =>
        performanceBack(
          seen.filter(({ probe }) => names.includes(probe.name)),
          turn,
          baselineEndNs,
        ),
    });
  });
}

/** The stretch in which whatever begins is put down to one fault. */
interface Turn {
  readonly effect: InstantRange;
  /** From when on it was being healed; infinite when it was not. */
  readonly healingNs: number;
  readonly untilNs: number;
}

function outagesIn({ effect, untilNs }: Turn, { intervals }: ProbeAnalysis): readonly Outage[] {
  return outagesOf(intervals).filter(
    ({ start }) => start.latestNs >= effect.earliestNs && start.latestNs < untilNs,
  );
}

function recoveryOf(
  effect: Effect,
  turn: Turn,
  inTurn: readonly Felt[],
  events: readonly WatchedEvent[],
  beside: {
    readonly predicted: PredictedWindow | undefined;
    readonly blindMs: number;
    readonly performanceOf: (probes: readonly string[]) => InstantRange | undefined;
  },
): Recovery {
  const { predicted } = beside;
  const all = whose(inTurn, ({ start }) => start.latestNs < turn.healingNs);
  const onReturn = whose(inTurn, ({ start, seenDown }) => seenDown && start.latestNs >= turn.healingNs);
  const outage = longest(all.flatMap(({ outages }) => outages));
  const felt = whose(all, ({ seenDown }) => seenDown);
  const back = serviceBack(effect.injected, all);
  const redundant = redundancyReturn(events);
  const performance = beside.performanceOf(felt.map(({ probe }) => probe));
  return {
    injection: effect.id,
    step: effect.step,
    fault: effect.fault,
    outage,
    felt: felt
      .map(({ probe, outages }) => ({ probe, outage: longest(outages) }))
      .sort((a, b) => b.outage.max - a.outage.max || (a.probe < b.probe ? -1 : 1)),
    ...(back === undefined ? {} : { serviceBack: since(effect.injected, back) }),
    ...(redundant === undefined ? {} : { redundancyBack: since(effect.injected, rangeOf(redundant)) }),
    ...(onReturn.length === 0 ? {} : { onReturn: longest(onReturn.flatMap(({ outages }) => outages)) }),
    ...(performance === undefined ? {} : { performanceBack: since(effect.injected, performance) }),
    phases: phasesOf(effect.injected, felt, back, events, redundant, performance),
    ...(predicted === undefined ? {} : { predicted }),
    againstPrediction: againstPrediction(outage, predicted, beside.blindMs),
  };
}

/** The outages that are so, of the probes that have any. */
const whose = (felt: readonly Felt[], so: (outage: Outage) => boolean): readonly Felt[] =>
  felt
    .map(({ probe, outages }) => ({ probe, outages: outages.filter(so) }))
    .filter(({ outages }) => outages.length > 0);

/** When the last outage was over; the effect itself when there was none, undefined when one was not over at the end. */
function serviceBack(effect: InstantRange, felt: readonly Felt[]): InstantRange | undefined {
  const outages = felt.flatMap((one) => one.outages);
  if (outages.some(({ open }) => open)) return undefined;
  const down = outages.filter(({ seenDown }) => seenDown);
  if (down.length === 0) return { ...effect, latestNs: effect.earliestNs };
  return {
    clock: effect.clock,
    earliestNs: Math.max(...down.map(({ end }) => end.earliestNs)),
    latestNs: Math.max(...outages.map(({ end }) => end.latestNs)),
  };
}

/** When the last of the probes that felt it was as fast as before; undefined when one was not, or nobody felt it. */
function performanceBack(
  felt: readonly ProbeSeries[],
  { effect, untilNs }: Turn,
  baselineEndNs: number,
): InstantRange | undefined {
  const backs = felt.map((series) => backToBaseline(series, baselineEndNs, effect.latestNs, untilNs));
  const known = backs.filter((back) => back !== undefined);
  if (known.length === 0 || known.length < backs.length) return undefined;
  return {
    clock: effect.clock,
    earliestNs: Math.max(...known.map(({ earliestNs }) => earliestNs)),
    latestNs: Math.max(...known.map(({ latestNs }) => latestNs)),
  };
}

const since = (effect: InstantRange, then: InstantRange): Recovery['outage'] =>
  milliseconds(
    Math.max(0, then.earliestNs - effect.latestNs),
    Math.max(0, then.latestNs - effect.earliestNs),
  );

/** Two periods of the slowest probe: what is shorter may fall between its samples. */
const blindMs = (series: readonly ProbeSeries[]): number =>
  Math.max(0, ...series.map(({ probe }) => (2 * nanosecondsOf(probe.every)) / 1e6));

/** Predicted windows by the id of the scheduled step, and by the plan's step where that is not ambiguous. */
function predictionsOf(schedule: Schedule | undefined): ReadonlyMap<string, PredictedWindow> {
  const faults = (schedule?.steps ?? []).flatMap(faultsIn);
  const byStep = faults.flatMap(({ step, predicted }) => (predicted ? [[step, predicted] as const] : []));
  const byId = faults.flatMap(({ id, predicted }) => (predicted ? [[id, predicted] as const] : []));
  return new Map([...byStep, ...byId]);
}

function faultsIn(step: ScheduledStep): readonly ScheduledFault[] {
  if (step.kind === 'fault') return [step];
  return step.kind === 'parallel' ? step.branches.flat().flatMap(faultsIn) : [];
}
