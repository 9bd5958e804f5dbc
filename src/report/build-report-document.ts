import type { Durability, Interval, ProbeAnalysis, Recovery } from '../model/analysis.ts';
import type { Evidence, Subject } from '../model/evidence.ts';
import { EXIT_MEANINGS } from '../model/exit-code.ts';
import { describeOverride, isControl } from '../model/plan.ts';
import type { InjectionRecord } from '../model/injection.ts';
import type { InstantRange } from '../model/instant.ts';
import type { Figure } from '../model/verdict.ts';
import { reportHistory } from './report-history.ts';
import { reportStages } from './report-stages.ts';
import { reportTopology } from './report-topology.ts';
import type {
  CaseCounts,
  Glance,
  MomentMs,
  Repeat,
  ReportDocument,
  ReportedDurability,
  ReportedFault,
  ReportedInterval,
  ReportedProbe,
  ReportedRecovery,
  ReportedRun,
  ReportedSubject,
} from './report-document.ts';
import { REPORT_SCHEMA_VERSION } from './report-document.ts';
import type { ReportInput } from './reporter.ts';
import { RUN_FOLDER_FILES } from './run-folder-files.ts';

/** Microseconds are finer than anything that is measured here, and keep the file free of digits that mean nothing. */
const toMs = (ns: number, zeroNs: number): number => Math.round((ns - zeroNs) / 1000) / 1000;

const moment = (range: InstantRange, zeroNs: number): MomentMs => [
  toMs(range.earliestNs, zeroNs),
  toMs(range.latestNs, zeroNs),
];

/** Lets an optional field be left out rather than be `undefined`. */
function present<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]?: Value });
}

function reportRun({ evidence }: ReportInput): ReportedRun {
  const { run, plan, end, chaos } = evidence;
  return {
    id: run.id,
    plan: plan.name,
    learns: plan.learns,
    lab: run.lab,
    seed: run.seed,
    startedWall: run.startedWall,
    tookMs: toMs(end.ended.ns, run.started.ns),
    squall: run.squall,
    node: run.node,
    host: run.host,
    commandLine: run.commandLine,
    end: {
      reason: end.reason,
      ...present('signal', end.signal),
      ...present(
        'error',
        end.error && { code: end.error.code, says: end.error.says, remedy: end.error.remedy },
      ),
      furtherErrors: end.furtherErrors,
    },
    ...present('stopped', chaos?.stopped),
  };
}

function reportFault(record: InjectionRecord, zeroNs: number): ReportedFault {
  const { verified, verifiedHealed, injected, healed } = record;
  return {
    id: record.id,
    step: record.step,
    fault: record.fault,
    targets: record.targets.map((target) => target.name),
    from: record.from.map((target) => target.name),
    lasts: record.lasts,
    end: record.end,
    ...present('injectedMs', injected && moment(injected, zeroNs)),
    ...present('healedMs', healed && moment(healed, zeroNs)),
    ...present('verified', verified && { ok: verified.ok, says: verified.says }),
    ...present(
      'verifiedHealed',
      verifiedHealed && {
        ok: verifiedHealed.ok,
        says: verifiedHealed.says,
        differences: verifiedHealed.differences,
      },
    ),
    proof: record.proof,
    ...present('trouble', record.trouble),
  };
}

function reportRecovery(recovery: Recovery, zeroNs: number): ReportedRecovery {
  const { predicted } = recovery;
  const figure = (window: { min: { ms: number }; max: { ms: number } }): Figure => ({
    min: window.min.ms,
    max: window.max.ms,
    unit: 'ms',
  });
  return {
    injection: recovery.injection,
    step: recovery.step,
    fault: recovery.fault,
    outage: recovery.outage,
    felt: recovery.felt,
    ...present('serviceBack', recovery.serviceBack),
    ...present('redundancyBack', recovery.redundancyBack),
    ...present('performanceBack', recovery.performanceBack),
    ...present('onReturn', recovery.onReturn),
    againstPrediction: recovery.againstPrediction,
    ...present(
      'predicted',
      predicted && {
        outage: figure(predicted.outage),
        redundancy: figure(predicted.redundancy),
        because: predicted.because,
      },
    ),
    phases: recovery.phases.map((phase) => ({
      name: phase.name,
      startMs: moment(phase.start, zeroNs),
      endMs: moment(phase.end, zeroNs),
      source: phase.source,
    })),
  };
}

function reportInterval(interval: Interval, zeroNs: number): ReportedInterval {
  return {
    state: interval.state,
    startMs: moment(interval.start, zeroNs),
    endMs: moment(interval.end, zeroNs),
    impaired: interval.impaired,
    ...present('away', interval.away),
    samples: interval.samples,
    ...present('phase', interval.phase),
  };
}

function reportProbe(probe: ProbeAnalysis, { run, series }: Evidence): ReportedProbe {
  const spec = series.find((one) => one.probe.name === probe.probe)?.probe;
  return {
    ...probe,
    ...present('vantage', spec?.vantage),
    ...present('everyMs', spec?.every.ms),
    intervals: probe.intervals.map((interval) => reportInterval(interval, run.started.ns)),
  };
}

function reportDurability({ lost, trouble: _trouble, ...counts }: Durability): ReportedDurability {
  return { ...counts, lost: lost.length };
}

function reportGlance({ evidence, analysis }: ReportInput, stages: readonly CaseCounts[]): Glance {
  const probes = analysis.probes.filter(({ part }) => !isControl(part));
  const byOutage = [...probes].sort((a, b) => b.longestOutage.max - a.longestOutage.max)[0];
  const byAvailability = [...probes].sort((a, b) => a.availability.min - b.availability.min)[0];
  const injections = evidence.chaos?.injections ?? [];
  const owed = injections.filter((injection) => injection.lasts && injection.end !== 'not-injected');
  const sum = (field: keyof CaseCounts): number => stages.reduce((total, stage) => total + stage[field], 0);
  return {
    ...present('longestOutage', byOutage && { probe: byOutage.probe, figure: byOutage.longestOutage }),
    ...present(
      'lowestAvailability',
      byAvailability && { probe: byAvailability.probe, figure: byAvailability.availability },
    ),
    cases: {
      planned: sum('planned'),
      passed: sum('passed'),
      failed: sum('failed'),
      skipped: sum('skipped'),
      notForLab: sum('notForLab'),
      skippedOtherwise: sum('skippedOtherwise'),
      unknown: sum('unknown'),
    },
    faults: {
      injected: injections.filter((injection) => injection.end !== 'not-injected').length,
      owed: owed.length,
      healed: owed.filter((injection) => injection.verifiedHealed?.ok === true).length,
    },
  };
}

/** Quotes one word for a POSIX shell. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function reportRepeat({ evidence: { run } }: ReportInput): Repeat {
  const typed = run.commandLine;
  // The seed that was drawn is as good as one that was given.
  const seed = typed[1] === 'run' && !typed.includes('--seed') ? ['--seed', run.seed] : [];
  return {
    run: [...typed, ...seed].map(shellWord).join(' '),
    judge: `squall judge ${shellWord(run.id)}`,
    report: `squall report ${shellWord(run.id)}`,
  };
}

function reportSubject({ images, charts, commit, values, given }: Subject): ReportedSubject {
  return {
    images,
    charts: charts.map((chart) => `${chart.name} ${chart.version}`),
    ...present('commit', commit),
    ...present(
      'values',
      values?.map(({ file, digest }) => `${file} ${digest}`),
    ),
    ...present('given', given && Object.entries(given).map(([name, value]) => `${name} ${value}`)),
  };
}

/** Builds `report.json` from a clean input. Pure: the same input gives the same document. */
export function buildReportDocument(input: ReportInput): ReportDocument {
  const { evidence, analysis, verdict } = input;
  const zeroNs = evidence.run.started.ns;
  const { fromNs, toNs } = analysis.window;
  const topology = evidence.topologyBefore ?? evidence.topologyAfter;
  const stages = reportStages(evidence, analysis);
  const meaning =
    EXIT_MEANINGS.find(([code]) => code === verdict.exitCode)?.[1] ?? 'not in the table of exit codes';
  return {
    schemaVersion: REPORT_SCHEMA_VERSION,
    verdict: {
      truth: verdict.truth,
      headline: verdict.headline,
      ...present('class', verdict.class),
      exitCode: verdict.exitCode,
      exitMeaning: meaning,
      reasons: verdict.reasons,
    },
    glance: reportGlance(input, stages),
    run: reportRun(input),
    disclosures: [
      ...(evidence.plan.limits.overrides ?? []).map(describeOverride),
      ...(topology?.disclosures ?? []),
    ],
    ...present('windowMs', toNs > fromNs ? ([toMs(fromNs, zeroNs), toMs(toNs, zeroNs)] as const) : undefined),
    objectives: verdict.objectives,
    faults: (evidence.chaos?.injections ?? []).map((record) => reportFault(record, zeroNs)),
    recoveries: analysis.recoveries.map((recovery) => reportRecovery(recovery, zeroNs)),
    probes: analysis.probes.map((probe) => reportProbe(probe, evidence)),
    ...present('users', analysis.users),
    ...present('durability', analysis.durability?.map(reportDurability)),
    ...present('calibration', analysis.calibration),
    ...present('history', analysis.history && reportHistory(analysis.history, verdict)),
    stages,
    events: evidence.events.map(({ watcher, change, about, was, is, afterNs, seenNs }) => ({
      atMs: [toMs(afterNs, zeroNs), toMs(seenNs, zeroNs)],
      watcher,
      change,
      about,
      ...present('was', was),
      ...present('is', is),
    })),
    stallsMs: evidence.stalls.map((stall) => [toMs(stall.fromNs, zeroNs), toMs(stall.toNs, zeroNs)]),
    leftovers: evidence.leftovers.map(({ entry, fault, swept, says }) => ({
      system: entry.system,
      name: entry.name,
      createdBy: entry.createdBy,
      fault,
      swept,
      says,
    })),
    openFaults: evidence.openFaults,
    ...present('topology', topology && reportTopology(topology, evidence)),
    ...present('subject', evidence.subject && reportSubject(evidence.subject)),
    repeat: reportRepeat(input),
    files: RUN_FOLDER_FILES,
  };
}
