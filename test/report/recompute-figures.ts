import type { Evidence } from '../../src/model/evidence.ts';
import type { ProbeSeries, Sample } from '../../src/model/observation.ts';
import type { ScheduledStep } from '../../src/model/schedule.ts';
import type { ReportDocument } from '../../src/report/report-document.ts';

/** What a number of a report should be: one value, the two ends of a range, or only what its ends must be. */
export type Expected = number | { readonly min?: number; readonly max?: number };

interface Down {
  readonly minMs: number;
  readonly maxMs: number;
  /** The latest moment at which it was surely over, on the run's clock. */
  readonly overNs: number;
}

const took = ({ sentNs, completedNs }: Sample): number => completedNs - sentNs;
const sumOf = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const nearestRank = (values: readonly number[], ratio: number): number =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(ratio * values.length) - 1)] ?? 0;

/** Outages straight from the samples of a probe that was never unseen, by docs/measuring.md, and by nothing of src/analysis. */
function downsOf({ samples, endNs }: ProbeSeries): readonly Down[] {
  const sent = [...samples].sort((a, b) => a.sentNs - b.sentNs);
  const downs: Down[] = [];
  // Edges never run backwards: an answer that came sooner than the way was thought to take does not prove that it was over before.
  let latestNs = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < sent.length; index++) {
    if (sent[index]?.outcome !== 'failed' || sent[index - 1]?.outcome !== 'ok') continue;
    const before = sent.slice(0, index).filter(({ outcome }) => outcome === 'ok');
    const way = Math.max(...before.slice(-32).map(took));
    const back = sent.findIndex((sample, place) => place > index && sample.outcome === 'ok');
    const bad = sent.slice(index, back === -1 ? undefined : back);
    const change = sent.findIndex((sample, place) => place > back && sample.outcome === 'failed');
    const good = back === -1 ? [] : sent.slice(back, change === -1 ? undefined : change);
    const arrivedNs = Math.min(...bad.map((one) => Math.min(one.completedNs, one.sentNs + way)));
    const surelyNs = Math.max(latestNs, arrivedNs);
    const answeredNs = good.length === 0 ? endNs : Math.min(...good.map(({ completedNs }) => completedNs));
    const overNs = Math.min(endNs, Math.max(surelyNs, answeredNs));
    latestNs = overNs;
    const lastBadNs = good.length === 0 ? endNs : (bad.at(-1)?.sentNs ?? 0);
    downs.push({
      minMs: Math.max(0, lastBadNs - surelyNs) / 1e6,
      maxMs: (overNs - (before.at(-1)?.sentNs ?? 0)) / 1e6,
      overNs,
    });
  }
  return downs;
}

/** Wilson's interval of 95 %, as the solutions of (p - ratio)^2 = z^2 p (1 - p) / n, found by halving. */
function wilson(good: number, all: number): { min: number; max: number } {
  const beyond = (p: number): boolean => (p - good / all) ** 2 > (1.959964 ** 2 * p * (1 - p)) / all;
  const search = (outside: number, inside: number): number => {
    let [from, to] = [outside, inside];
    for (let turn = 0; turn < 80; turn++) {
      const middle = (from + to) / 2;
      if (beyond(middle)) from = middle;
      else to = middle;
    }
    return (from + to) / 2;
  };
  return {
    min: good === 0 ? 0 : search(0, good / all),
    max: good === all ? 1 : search(1, good / all),
  };
}

function probeFigure(series: ProbeSeries, field: string): Expected | undefined {
  const { samples } = series;
  const downs = downsOf(series);
  const lengthMs = (series.endNs - series.startNs) / 1e6;
  const answered = samples
    .filter(({ outcome, status }) => outcome === 'ok' || status > 0)
    .map((one) => took(one) / 1e6);
  const late = samples.map(({ plannedNs, sentNs }) => Math.max(0, sentNs - plannedNs) / 1e6);
  const least = sumOf(downs.map(({ minMs }) => minMs));
  const most = sumOf(downs.map(({ maxMs }) => maxMs));
  const good = samples.filter(({ outcome }) => outcome === 'ok').length;
  const figures: Readonly<Record<string, () => Expected>> = {
    samples: () => samples.length,
    failures: () => samples.filter(({ outcome }) => outcome === 'failed').length,
    outages: () => downs.length,
    unseenRatio: () => 0,
    impairedRatio: () => samples.filter(({ impaired }) => impaired).length / samples.length,
    'latencyMs/p50': () => nearestRank(answered, 0.5),
    'latencyMs/p95': () => nearestRank(answered, 0.95),
    'latencyMs/p99': () => nearestRank(answered, 0.99),
    'latenessMs/p99': () => nearestRank(late, 0.99),
    longestOutage: () => ({
      min: Math.max(0, ...downs.map(({ minMs }) => minMs)),
      max: Math.max(0, ...downs.map(({ maxMs }) => maxMs)),
    }),
    totalOutage: () => ({ min: least, max: most }),
    availability: () => ({ min: 1 - most / lengthMs, max: 1 - least / lengthMs }),
    requestRatio: () => wilson(good, samples.length),
  };
  return figures[field]?.();
}

/** Where one outage fills a window as far as it can, that window is the worst; where there is none, all of it was up. */
function worstWindow(series: ProbeSeries, windowMs: number): Expected | undefined {
  const downs = downsOf(series);
  if (downs.length > 1) return undefined;
  const [down] = downs;
  return { min: 1 - Math.min(windowMs, down?.maxMs ?? 0) / windowMs };
}

function countCases({ conformance }: Evidence, stage: string, count: string): number {
  const stages = conformance.filter((one) => one.stage === stage);
  const results = stages.flatMap((one) => one.results);
  if (count === 'planned') return sumOf(stages.map(({ planned }) => planned.length));
  if (count === 'troubles') return sumOf(results.map(({ troubles }) => troubles.length));
  const skips = results.filter(({ outcome }) => outcome === 'skipped');
  const lacking = skips.filter(({ reason = '' }) => /lacks the ability [\w-]+/.test(reason)).length;
  if (count === 'notForLab') return lacking;
  if (count === 'skippedOtherwise') return skips.length - lacking;
  return results.filter(({ outcome }) => outcome === count).length;
}

function predictedOf({ schedule, chaos }: Evidence, injection: string, which: string): Expected | undefined {
  const step = chaos?.injections.find(({ id }) => id === injection)?.step;
  const flat = (steps: readonly ScheduledStep[]): readonly ScheduledStep[] =>
    steps.flatMap((one) => (one.kind === 'parallel' ? one.branches.flatMap(flat) : [one]));
  const found = flat(schedule?.steps ?? []).find(({ id }) => id === step);
  const window = found?.kind === 'fault' ? found.predicted?.[which as 'outage' | 'redundancy'] : undefined;
  return window && { min: window.min.ms, max: window.max.ms };
}

/** From the effect of a fault to a moment that something in the evidence proves: the range that ends latest says which. */
function sinceEffect(
  evidence: Evidence,
  injection: string,
  momentsNs: readonly number[],
  maxMs: number,
): Expected {
  const effect = evidence.chaos?.injections.find(({ id }) => id === injection)?.injected;
  if (effect === undefined) return Number.NaN;
  const found = momentsNs.find((ns) => Math.abs((ns - effect.earliestNs) / 1e6 - maxMs) < 1e-6);
  return { max: found === undefined ? Number.NaN : (found - effect.earliestNs) / 1e6 };
}

function recoveryFigure(
  evidence: Evidence,
  { injection, felt, ...recovery }: ReportDocument['recoveries'][number],
  field: string,
): Expected | undefined {
  const downs = (probe: string): readonly Down[] =>
    evidence.series.filter((one) => one.probe.name === probe).flatMap(downsOf);
  const [kind = '', which = ''] = field.split('/');
  if (kind === 'predicted') return predictedOf(evidence, injection, which);
  if (kind === 'felt') {
    const one = felt[Number(which)];
    const down = downs(one?.probe ?? '').find(({ maxMs }) => Math.abs(maxMs - (one?.outage.max ?? 0)) < 1e-6);
    return { min: down?.minMs ?? Number.NaN, max: down?.maxMs ?? Number.NaN };
  }
  if (kind === 'outage') {
    return {
      min: Math.max(0, ...felt.map(({ outage }) => outage.min)),
      max: Math.max(0, ...felt.map(({ outage }) => outage.max)),
    };
  }
  if (kind === 'serviceBack') {
    if (felt.length === 0) return { min: 0, max: 0 };
    return sinceEffect(
      evidence,
      injection,
      felt.flatMap(({ probe }) => downs(probe).map(({ overNs }) => overNs)),
      recovery.serviceBack?.max ?? 0,
    );
  }
  if (kind === 'redundancyBack') {
    return sinceEffect(
      evidence,
      injection,
      evidence.events.map(({ seenNs }) => seenNs),
      recovery.redundancyBack?.max ?? 0,
    );
  }
  return undefined;
}

/** A figure that stands for another one of the same document, such as the worst of all probes. */
function figureOf(document: ReportDocument, pointer: string): Expected | undefined {
  const { glance, probes, stages } = document;
  switch (pointer) {
    case '/glance/longestOutage/figure':
      return probes.find(({ probe }) => probe === glance.longestOutage?.probe)?.longestOutage;
    case '/glance/lowestAvailability/figure':
      return { min: Math.min(...probes.map(({ availability }) => availability.min)) };
    case '/glance/cases/passed':
      return sumOf(stages.map(({ passed }) => passed));
    default:
      return undefined;
  }
}

/** A measure out of the recoveries of its step, and the spread out of what the earlier runs say of themselves. */
function historyFigure({ history }: Evidence, document: ReportDocument, field: string): Expected | undefined {
  const [place = '', what = '', edge = ''] = field.split('/');
  const measure = document.history?.measures[Number(place)];
  if (measure === undefined) return undefined;
  if (what === 'now') {
    const [step = '', of = ''] = measure.id.split('/');
    const fields = { outage: 'outage', service: 'serviceBack', redundancy: 'redundancyBack' } as const;
    const rounds = document.recoveries.filter((one) => one.step.replace(/#\d+$/, '') === step);
    const figures = rounds.flatMap((one) => one[fields[of as keyof typeof fields]] ?? []);
    if (step === 'all') return undefined;
    if (step === 'cases') {
      const stage = document.stages.find((one) => one.stage === of);
      return stage && { min: stage.failed, max: stage.failed + stage.unknown };
    }
    return {
      min: sumOf(figures.map(({ min }) => min)) / rounds.length,
      max: sumOf(figures.map(({ max }) => max)) / rounds.length,
    };
  }
  const values = (history?.runs ?? [])
    .filter(({ end }) => end === 'complete')
    .flatMap(({ measures }) => measures.filter(({ id }) => id === measure.id));
  const ends = values.flatMap(({ min, max }) => [min, max ?? min]);
  if (edge === 'lowest') return Math.min(...ends);
  if (edge === 'highest') return Math.max(...ends);
  return nearestRank(
    values.map(({ min, max }) => (min + (max ?? min)) / 2),
    0.5,
  );
}

/** Computes a number of a report anew, from the evidence alone. @returns undefined when it is not known how. */
export function recompute(
  pointer: string,
  document: ReportDocument,
  evidence: Evidence,
): Expected | undefined {
  const [, section = '', index = '', ...rest] = pointer.split('/');
  const field = rest.join('/');
  const injections = evidence.chaos?.injections ?? [];
  const owed = injections.filter(({ lasts, injected }) => lasts && injected !== undefined);
  const series = evidence.series.find(({ probe }) => probe.name === document.probes[Number(index)]?.probe);
  if (section === 'probes' && series !== undefined) {
    const window = /^windows\/(\d+)\/worst$/.exec(field);
    if (window === null) return probeFigure(series, field);
    const windowMs = document.probes[Number(index)]?.windows?.[Number(window[1])]?.windowMs;
    return windowMs === undefined ? undefined : worstWindow(series, windowMs);
  }
  if (section === 'history') return historyFigure(evidence, document, field);
  const recovery = document.recoveries[Number(index)];
  if (section === 'recoveries' && recovery !== undefined) return recoveryFigure(evidence, recovery, field);
  const stage = document.stages[Number(index)];
  if (section === 'stages' && stage !== undefined) return countCases(evidence, stage.stage, field);
  const workload = evidence.topologyBefore?.services[Number(rest[0])];
  const members = (topology: Evidence['topologyAfter']): number =>
    (topology?.live.members ?? []).filter(({ service, ready }) => ready && service === workload?.id).length;
  switch (`${section}/${index}`) {
    case 'glance/faults':
      return field === 'owed'
        ? owed.length
        : owed.filter(({ verifiedHealed }) => verifiedHealed?.ok === true).length;
    case 'topology/timers':
      return evidence.topologyBefore?.timers[Number(rest[0])]?.value.ms;
    case 'topology/workloads':
      if (rest[1] === 'replicas') return workload?.replicas;
      return members(rest[1] === 'readyBefore' ? evidence.topologyBefore : evidence.topologyAfter);
    case 'run/tookMs':
      return Math.round((evidence.end.ended.ns - evidence.run.started.ns) / 1000) / 1000;
    case 'verdict/exitCode':
      return { pass: 0, fail: 1, unknown: 4 }[document.verdict.truth];
    default:
      return figureOf(document, pointer);
  }
}
