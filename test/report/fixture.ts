import type { Analysis, Interval, ProbeAnalysis, Recovery } from '../../src/model/analysis.ts';
import type { CaseDeclaration, CaseResult, ConformanceResults, ConformanceStage } from '../../src/model/conformance.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { InjectionRecord } from '../../src/model/injection.ts';
import type { Instant, InstantRange } from '../../src/model/instant.ts';
import type { ProbeSeries, Sample, WatchedEvent } from '../../src/model/observation.ts';
import type { Plan, ProbeSpec } from '../../src/model/plan.ts';
import type { BoundTarget, PredictedWindow } from '../../src/model/schedule.ts';
import type { Figure, Verdict } from '../../src/model/verdict.ts';
import type { ReportInput } from '../../src/report/reporter.ts';
import { fixtureTopology } from './fixture-topology.ts';

const CLOCK = 'host';
const ZERO_NS = 7_000_000_000_000;
const PERIOD_MS = 100;
const FROM_MS = 2_000;
const TO_MS = 52_000;

export const at = (ms: number): Instant => ({ clock: CLOCK, ns: ZERO_NS + Math.round(ms * 1e6) });
const range = (fromMs: number, toMs: number): InstantRange => ({ clock: CLOCK, earliestNs: at(fromMs).ns, latestNs: at(toMs).ns });
const ms = (min: number, max: number): Figure => ({ min, max, unit: 'ms' });

/** What each probe saw: stretches that were not up, in milliseconds since the start of the run. */
const STRETCHES: Readonly<Record<string, readonly (readonly [number, number, 'down' | 'unseen'])[]>> = {
  'keystone-token': [[16_300, 18_400, 'down']],
  'nova-servers': [[16_300, 18_200, 'down']],
  'neutron-networks': [[16_400, 18_400, 'down']],
  'kubernetes-read': [[16_200, 17_400, 'down']],
  'api-address-tcp': [
    [16_200, 17_300, 'down'],
    [45_000, 45_900, 'unseen'],
  ],
  'configmap-write-and-read-back': [
    [16_300, 18_100, 'down'],
    [34_300, 34_600, 'down'],
  ],
};

const PROBES: readonly ProbeSpec[] = Object.keys(STRETCHES).map((name) => ({
  name,
  probe: name.includes('tcp') ? 'tcp' : 'http',
  endpoint: name.split('-')[0] ?? 'kubernetes',
  every: { ms: PERIOD_MS },
  timeout: { ms: 1000 },
  connection: 'new',
  vantage: 'host',
  parameters: {},
}));

function sampleAt(name: string, n: number): Sample {
  const plannedMs = FROM_MS + n * PERIOD_MS;
  const stretch = (STRETCHES[name] ?? []).find(([from, to]) => plannedMs >= from && plannedMs < to);
  const outcome = stretch === undefined ? 'ok' : stretch[2] === 'down' ? 'failed' : 'unknown';
  return {
    n,
    plannedNs: at(plannedMs).ns,
    sentNs: at(plannedMs + 0.2 + (n % 7) / 20).ns,
    completedNs: at(plannedMs + 4 + (n % 11)).ns,
    outcome,
    impaired: plannedMs >= 45_900 && plannedMs < 46_400 && name === 'api-address-tcp',
    status: outcome === 'ok' ? 200 : 0,
    ...(outcome === 'failed' ? { phase: 'connect' as const } : {}),
    ...(outcome === 'unknown' ? { phase: 'harness' as const } : {}),
  };
}

function seriesOf(probe: ProbeSpec): ProbeSeries {
  const count = (TO_MS - FROM_MS) / PERIOD_MS;
  const samples = Array.from({ length: count }, (_, n) => sampleAt(probe.name, n));
  return { probe, clock: CLOCK, startNs: at(FROM_MS).ns, endNs: at(TO_MS).ns, samples };
}

function intervalsOf({ probe, samples }: ProbeSeries): Interval[] {
  const stateOf = (sample: Sample): Interval['state'] =>
    sample.outcome === 'ok' ? 'up' : sample.outcome === 'failed' ? 'down' : 'unseen';
  const intervals: Interval[] = [];
  for (const sample of samples) {
    const last = intervals.at(-1);
    const state = stateOf(sample);
    const edge: InstantRange = {
      clock: CLOCK,
      earliestNs: last === undefined ? sample.plannedNs : sample.plannedNs - PERIOD_MS * 1e6,
      latestNs: sample.plannedNs,
    };
    if (last?.state === state && last.impaired === sample.impaired) {
      intervals[intervals.length - 1] = { ...last, samples: last.samples + 1 };
      continue;
    }
    if (last !== undefined) intervals[intervals.length - 1] = { ...last, end: edge };
    intervals.push({
      state,
      start: edge,
      end: range(TO_MS, TO_MS),
      impaired: sample.impaired,
      samples: 1,
      ...(sample.phase === undefined || probe.name === '' ? {} : { phase: sample.phase }),
    });
  }
  return intervals;
}

function analyseProbe(series: ProbeSeries): ProbeAnalysis {
  const intervals = intervalsOf(series);
  const down = intervals.filter((interval) => interval.state === 'down');
  const shortest = down.map(({ start, end }) => (end.earliestNs - start.latestNs) / 1e6);
  const longest = down.map(({ start, end }) => (end.latestNs - start.earliestNs) / 1e6);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const unseenMs = intervals.filter(({ state }) => state === 'unseen').reduce((total, { samples }) => total + samples * PERIOD_MS, 0);
  const seenMs = TO_MS - FROM_MS - unseenMs;
  const failures = series.samples.filter((sample) => sample.outcome === 'failed').length;
  const good = series.samples.filter((sample) => sample.outcome === 'ok').length / (seenMs / PERIOD_MS);
  return {
    probe: series.probe.name,
    endpoint: series.probe.endpoint,
    intervals,
    availability: { min: 1 - sum(longest) / seenMs, max: 1 - sum(shortest) / seenMs, unit: 'ratio' },
    requestRatio: { min: good, max: good, unit: 'ratio' },
    longestOutage: ms(Math.max(0, ...shortest), Math.max(0, ...longest)),
    totalOutage: ms(sum(shortest), sum(longest)),
    outages: down.length,
    unseenRatio: unseenMs / (TO_MS - FROM_MS),
    impairedRatio: series.samples.filter((sample) => sample.impaired).length / series.samples.length,
    samples: series.samples.length,
    failures,
    latencyMs: { p50: 8.4, p95: 13.2, p99: 14.1, max: 38.7 },
    latenessMs: { p50: 0.31, p99: 0.62, max: 4.8 },
  };
}

const target = (subject: 'pod' | 'node', name: string, node: string): BoundTarget => ({ subject, name, node, uid: `uid-${name}` });

function injection(
  step: string,
  fault: string,
  targets: readonly BoundTarget[],
  [sent, seen]: readonly [number, number],
  heal?: readonly [number, number],
): InjectionRecord {
  return {
    id: `f-${step}`,
    step,
    fault,
    targets,
    from: [],
    proof: [
      'etcd: 3 members, 2 needed, this step takes 1, 2 stay',
      'mariadb-server: 3 members, 2 needed, this step takes 1, 2 stay',
      'limits: at most 1 target at once, 1 asked for',
    ],
    injected: range(sent, seen),
    verified: { ok: true, says: `${targets[0]?.name ?? 'It'} does not answer on its own address any more.`, at: at(seen), differences: [] },
    lasts: heal !== undefined,
    end: heal === undefined ? 'instant' : 'healed',
    ...(heal === undefined
      ? {}
      : {
          healed: range(...heal),
          verifiedHealed: { ok: true, says: 'Power and links are as they were before.', at: at(heal[1]), differences: [] },
        }),
  };
}

const INJECTIONS: readonly InjectionRecord[] = [
  injection('delete-an-api-pod', 'pod-delete', [target('pod', 'keystone-api-6d5f7c9b8-x2x9q', 'control-1')], [7_000, 7_140]),
  injection('control-node-off', 'node-power-off', [target('node', 'control-2', 'control-2')], [16_100, 16_230], [24_300, 25_900]),
  injection('cut-a-minority', 'network-partition', [target('node', 'control-3', 'control-3')], [34_000, 34_220], [40_300, 40_460]),
];

const predicted = (outage: readonly [number, number], redundancy: readonly [number, number], because: readonly string[]): PredictedWindow => ({
  outage: { min: { ms: outage[0] }, max: { ms: outage[1] } },
  redundancy: { min: { ms: redundancy[0] }, max: { ms: redundancy[1] } },
  because,
});

const RECOVERIES: readonly Recovery[] = [
  {
    injection: 'f-delete-an-api-pod',
    step: 'delete-an-api-pod',
    fault: 'pod-delete',
    outage: ms(0, 0),
    felt: [],
    serviceBack: ms(0, 100),
    redundancyBack: ms(2_840, 3_010),
    phases: [
      { name: 'noticed', start: range(7_010, 7_140), end: range(7_150, 7_210), source: 'watcher endpoints: keystone-api endpoint removed' },
      { name: 'redundant', start: range(9_900, 9_980), end: range(9_980, 10_150), source: 'watcher nodes: keystone-api 3 of 3 ready' },
    ],
    predicted: predicted([0, 400], [2_000, 4_500], ['pod-restart 2 s to 4.5 s, read from the live configuration']),
    againstPrediction: 'inside',
  },
  {
    injection: 'f-control-node-off',
    step: 'control-node-off',
    fault: 'node-power-off',
    outage: ms(2_000, 2_200),
    felt: [
      { probe: 'keystone-token', outage: ms(2_000, 2_200) },
      { probe: 'neutron-networks', outage: ms(1_900, 2_100) },
      { probe: 'nova-servers', outage: ms(1_800, 2_000) },
    ],
    serviceBack: ms(2_070, 2_300),
    redundancyBack: ms(11_900, 12_300),
    phases: [
      { name: 'impact', start: range(16_130, 16_230), end: range(16_200, 16_300), source: 'probe kubernetes-read went down' },
      { name: 'elected', start: range(16_900, 17_100), end: range(17_250, 17_400), source: 'watcher leaders: api-address moved to control-1' },
      { name: 'answers', start: range(17_300, 17_400), end: range(18_300, 18_400), source: 'probe keystone-token went up' },
    ],
    predicted: predicted([900, 2_400], [8_000, 14_000], [
      'keepalived.advert-interval 300 ms, three missed: 0.9 s to 1.2 s',
      'etcd.election-timeout 500 ms to 1 s',
    ]),
    againstPrediction: 'inside',
  },
  {
    injection: 'f-cut-a-minority',
    step: 'cut-a-minority',
    fault: 'network-partition',
    outage: ms(200, 400),
    felt: [{ probe: 'configmap-write-and-read-back', outage: ms(200, 400) }],
    serviceBack: ms(380, 600),
    phases: [],
    predicted: predicted([500, 1_400], [6_500, 9_000], ['etcd.election-timeout 500 ms to 1 s']),
    againstPrediction: 'shorter',
  },
];

const EVENTS: readonly WatchedEvent[] = (
  [
    ['endpoints', 7_030, 7_190, 'endpoint-removed', 'keystone-api'],
    ['endpoints', 9_900, 9_980, 'endpoint-added', 'keystone-api'],
    ['leaders', 16_900, 17_250, 'address-moved', 'api-address', 'control-2', 'control-1'],
    ['leaders', 17_500, 17_800, 'leader', 'kube-scheduler', 'control-2', 'control-3'],
    ['nodes', 19_900, 20_300, 'node-ready', 'control-2', 'true', 'false'],
    ['nodes', 27_900, 28_300, 'node-ready', 'control-2', 'false', 'true'],
    ['leaders', 34_500, 34_700, 'leader', 'etcd', 'control-3', 'control-1'],
    ['nodes', 42_300, 42_600, 'node-ready', 'control-3', 'false', 'true'],
  ] as const
).map(([watcher, after, seen, change, about, was, is]) => ({
  watcher,
  clock: CLOCK,
  afterNs: at(after).ns,
  seenNs: at(seen).ns,
  change,
  about,
  ...(was === undefined ? {} : { was }),
  ...(is === undefined ? {} : { is }),
}));

const SUITES = ['nova/servers', 'keystone/tokens', 'neutron/networks', 'glance/images', 'kubernetes/pods', 'kubernetes/leases'];

const CASES: readonly CaseDeclaration[] = Array.from({ length: 46 }, (_, index) => ({
  id: `${SUITES[index % SUITES.length] ?? ''}/case-${index + 1}`,
  title: `case ${index + 1} does what it should`,
  tags: ['read'],
  needs: [],
  covers: [],
}));

function resultOf({ id, title, tags }: CaseDeclaration, index: number, stage: ConformanceStage, startMs: number): CaseResult {
  const base = { id, title, suite: id.split('/').slice(0, 2).join('/'), tags, stage, round: 1, lane: index % 2, troubles: [] };
  const times = { started: at(startMs + index * 20), ended: at(startMs + index * 20 + 34) };
  if (index === 11) return { ...base, ...times, outcome: 'skipped', reason: 'The lab cannot take snapshots.' };
  if (stage === 'during' && index === 4) {
    const reason = 'The lane was stopped before the case came to its end.';
    return { ...base, ...times, outcome: 'unknown', reason };
  }
  return { ...base, ...times, outcome: 'passed' };
}

function stageOf(stage: ConformanceStage, startMs: number, endMs: number): ConformanceResults {
  const results = CASES.map((declared, index) => resultOf(declared, index, stage, startMs));
  return { stage, planned: CASES, results, started: at(startMs), ended: at(endMs), lanes: 2 };
}

const PLAN: Plan = {
  schemaVersion: 1,
  name: 'first-run',
  learns: 'Does a user notice when a pod, a control node or a link goes away, and for how long?',
  parameters: { hold: '8s' },
  conformance: {},
  probes: PROBES,
  watchers: ['nodes', 'leaders', 'endpoints'],
  method: [],
  objectives: [],
  guards: [],
  limits: { maxTargets: 1, maxShare: 0.5, protectedNamespaces: [], protectedNodes: [], maxUnseen: 0.02, maxDuration: { ms: 1_800_000 } },
  baseline: { ms: 2000 },
};

function buildEvidence(): Evidence {
  return {
    run: {
      schemaVersion: 1,
      id: 'first-run-k3x9',
      squall: { version: '0.1.0', commit: '4f2a91c' },
      node: 'v20.19.0',
      host: 'ci-runner-7',
      commandLine: ['squall', 'run', 'first-run', '--set', 'hold=8s'],
      lab: 'rehearsal',
      seed: 'storm-41',
      started: at(0),
      startedWall: '2026-03-14T09:26:53.120Z',
      wallError: { ms: 1 },
    },
    plan: PLAN,
    subject: { schemaVersion: 1, systems: [], images: [], charts: [{ name: 'keystone', version: '2025.1.4' }] },
    topologyBefore: fixtureTopology(),
    topologyAfter: fixtureTopology(),
    conformance: [stageOf('before', 300, 1_900), stageOf('during', 6_000, 44_000), stageOf('after', 52_100, 53_600)],
    chaos: { started: at(4_000), ended: at(48_000), injections: INJECTIONS, steps: [] },
    series: PROBES.map(seriesOf),
    stalls: [{ clock: CLOCK, fromNs: at(45_000).ns, toNs: at(45_900).ns }],
    events: EVENTS,
    leftovers: [],
    openFaults: [],
    end: { ended: at(54_200), reason: 'complete', furtherErrors: [] },
  };
}

function buildAnalysis(evidence: Evidence): Analysis {
  const count = (stage: ConformanceResults, outcome: string): number =>
    stage.results.filter((result) => result.outcome === outcome).length;
  return {
    schemaVersion: 1,
    window: { fromNs: at(FROM_MS).ns, toNs: at(TO_MS).ns },
    probes: evidence.series.map(analyseProbe),
    recoveries: RECOVERIES,
    conformance: evidence.conformance.map((stage) => ({
      stage: stage.stage,
      planned: stage.planned.length,
      passed: count(stage, 'passed'),
      failed: count(stage, 'failed'),
      skipped: count(stage, 'skipped'),
      unknown: count(stage, 'unknown'),
      troubles: stage.stage === 'during' ? 7 : 0,
    })),
  };
}

const OUTAGE_SAYS = 'keystone-token was down for 2 s to 2.2 s without a break, and the plan allows 5 s.';

const VERDICT: Verdict = {
  schemaVersion: 1,
  truth: 'pass',
  headline: 'The system kept its promises: three faults, no outage longer than 2.2 s, and every fault healed.',
  reasons: [
    { truth: 'pass', class: 'system', says: OUTAGE_SAYS, evidence: ['analysis.json#keystone-token', 'samples/host/'] },
    { truth: 'pass', class: 'healing', says: 'Each fault that lasts was healed, and seen to be healed.', evidence: ['chaos.json'] },
  ],
  objectives: [
    {
      id: 'longest-outage: keystone-token',
      objective: 'longest-outage',
      truth: 'pass',
      expected: 'at most 5 s',
      found: '2 s to 2.2 s',
      figure: ms(2_000, 2_200),
      reasons: [{ truth: 'pass', class: 'system', says: OUTAGE_SAYS, evidence: ['analysis.json'] }],
    },
    {
      id: 'availability: nova-servers',
      objective: 'availability',
      truth: 'pass',
      expected: 'at least 95 %',
      found: '96 % to 96.4 %',
      figure: { min: 0.96, max: 0.964, unit: 'ratio' },
      reasons: [],
    },
    { id: 'conformance-after', objective: 'conformance', truth: 'pass', expected: 'no case fails', found: '45 of 46 passed, 1 skipped', reasons: [] },
    { id: 'nothing-leaked', objective: 'nothing-leaked', truth: 'pass', expected: 'nothing is left', found: 'nothing', figure: { min: 0, max: 0, unit: 'count' }, reasons: [] },
  ],
  exitCode: 0,
};

/** A run as it may really go: three faults, six probes at ten a second for 50 s, one outage of 2.1 s, one unseen stretch. */
export function realisticInput(): ReportInput {
  const evidence = buildEvidence();
  return { evidence, analysis: buildAnalysis(evidence), verdict: VERDICT };
}
