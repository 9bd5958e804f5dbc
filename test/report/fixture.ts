import type { Analysis } from '../../src/model/analysis.ts';
import type {
  CaseDeclaration,
  CaseResult,
  ConformanceResults,
  ConformanceStage,
} from '../../src/model/conformance.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import type { ReportInput } from '../../src/report/reporter.ts';
import { fixtureHistory } from './fixture-history.ts';
import { EVENTS, INJECTIONS, RECOVERIES } from './fixture-chaos.ts';
import { analyseProbe, PROBES, seriesOf } from './fixture-probes.ts';
import { at, CLOCK, FROM_MS, ms, TO_MS } from './fixture-time.ts';
import { fixtureTopology } from './fixture-topology.ts';

const SUITES = [
  'nova/servers',
  'keystone/tokens',
  'neutron/networks',
  'glance/images',
  'kubernetes/pods',
  'kubernetes/leases',
];

const CASES: readonly CaseDeclaration[] = Array.from({ length: 46 }, (_, index) => ({
  id: `${SUITES[index % SUITES.length] ?? ''}/case-${index + 1}`,
  title: `case ${index + 1} does what it should`,
  tags: ['read'],
  needs: [],
  covers: [],
}));

function resultOf(
  { id, title, tags }: CaseDeclaration,
  index: number,
  stage: ConformanceStage,
  startMs: number,
): CaseResult {
  const base = {
    id,
    title,
    suite: id.split('/').slice(0, 2).join('/'),
    tags,
    stage,
    round: 1,
    lane: index % 2,
    troubles: [],
  };
  const times = { started: at(startMs + index * 20), ended: at(startMs + index * 20 + 34) };
  if (index === 11)
    return { ...base, ...times, outcome: 'skipped', reason: 'The lab cannot take snapshots.' };
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
  limits: {
    maxTargets: 1,
    maxShare: 0.5,
    protectedNamespaces: [],
    protectedNodes: [],
    maxUnseen: 0.02,
    maxDuration: { ms: 1_800_000 },
  },
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
    subject: {
      schemaVersion: 1,
      systems: [],
      images: [],
      charts: [{ name: 'keystone', version: '2025.1.4' }],
    },
    topologyBefore: fixtureTopology(),
    topologyAfter: fixtureTopology(),
    conformance: [
      stageOf('before', 300, 1_900),
      stageOf('during', 6_000, 44_000),
      stageOf('after', 52_100, 53_600),
    ],
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
    users: {
      uptime: { min: 0.965, max: 0.972, unit: 'ratio' },
      windows: [{ windowMs: 1_000, worst: { min: 0, max: 0.1, unit: 'ratio' } }],
    },
    durability: [
      {
        probe: 'configmap-write-and-read-back',
        acknowledged: 476,
        lost: [],
        unread: 0,
        indefinite: 4,
        indefiniteFound: 1,
      },
    ],
    calibration: {
      planned: 'flat',
      rungs: [
        { times: 0.25, perSecond: 15, state: 'reference', says: '' },
        {
          times: 1,
          perSecond: 60,
          state: 'flat',
          says: 'Every probe was answered as fast as at the lowest rate.',
        },
        { times: 4, perSecond: 240, state: 'not-flat', says: 'keystone-token was surely slower.' },
      ],
      flatUpTo: {
        times: 1,
        perSecond: 60,
        probes: PROBES.map(({ name, every }) => ({
          probe: name,
          everyMs: every.ms,
          surelySeenMs: every.ms * 1.5,
          bracketMs: every.ms * 2,
        })),
      },
    },
    history: fixtureHistory(),
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
  headline:
    'The system kept its promises: three faults, no outage longer than 2.2 s, and every fault healed.',
  reasons: [
    {
      truth: 'pass',
      class: 'system',
      says: OUTAGE_SAYS,
      evidence: ['analysis.json#keystone-token', 'samples/host/'],
    },
    {
      truth: 'pass',
      class: 'healing',
      says: 'Each fault that lasts was healed, and seen to be healed.',
      evidence: ['chaos.json'],
    },
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
    {
      id: 'conformance-after',
      objective: 'conformance',
      truth: 'pass',
      expected: 'no case fails',
      found: '45 of 46 passed, 1 skipped',
      reasons: [],
    },
    {
      id: 'nothing-leaked',
      objective: 'nothing-leaked',
      truth: 'pass',
      expected: 'nothing is left',
      found: 'nothing',
      figure: { min: 0, max: 0, unit: 'count' },
      reasons: [],
    },
  ],
  exitCode: 0,
};

/** A run as it may really go: three faults, six probes at ten a second for 50 s, one outage of 2.1 s, one unseen stretch. */
export function realisticInput(): ReportInput {
  const evidence = buildEvidence();
  return { evidence, analysis: buildAnalysis(evidence), verdict: VERDICT };
}

/** The same run with other reasons why cases were skipped, in the order of the run. */
export function skippedBecause(reasons: readonly string[]): ReportInput {
  const input = realisticInput();
  let next = 0;
  const conformance = input.evidence.conformance.map((stage) => ({
    ...stage,
    results: stage.results.map((result) =>
      result.outcome === 'skipped' ? { ...result, reason: reasons[next++] ?? '' } : result,
    ),
  }));
  return { ...input, evidence: { ...input.evidence, conformance } };
}

/** As a run that was cut short before anything was measured leaves it. */
export function cutShortInput(): ReportInput {
  const input = realisticInput();
  const {
    chaos: _chaos,
    subject: _subject,
    topologyBefore: _before,
    topologyAfter: _after,
    ...rest
  } = input.evidence;
  const error = { code: 'SQ_STOPPED', says: 'The run was stopped.', remedy: 'Run again.', exitCode: 130 };
  return {
    evidence: {
      ...rest,
      conformance: [],
      series: [],
      events: [],
      end: { ...rest.end, reason: 'stopped', signal: 'SIGINT', error },
    },
    analysis: { ...input.analysis, probes: [], recoveries: [], conformance: [] },
    verdict: { ...input.verdict, truth: 'unknown', class: 'measuring', objectives: [], exitCode: 130 },
  };
}
