import { createHash } from 'node:crypto';
import type { Truth } from '../../model/verdict.ts';
import { buildReportDocument } from '../build-report-document.ts';
import { outcomeOfFault } from '../fault-outcome.ts';
import type { MomentMs, ReportDocument, ReportedFault } from '../report-document.ts';
import type { FolderReporter, RenderedFile, ReportInput } from '../reporter.ts';
import { formatFigure, shorten } from '../wording.ts';

/** Where lanes write the results of the cases that ran, and Allure reads all of them. */
const FOLDER = 'allure-results';

const NAME_LENGTH = 240;
const MESSAGE_LENGTH = 2000;

type Status = 'passed' | 'failed' | 'broken' | 'skipped' | 'unknown';

interface Timed {
  readonly name: string;
  readonly status: Status;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly stop: number;
}

/** One test of Allure, as far as Squall fills it in. */
interface AllureTest {
  /** Tells it from others, and again from one run to the next. */
  readonly key: string;
  readonly name: string;
  readonly suite: string;
  readonly story: string;
  readonly status: Status;
  readonly message?: string;
  readonly trace?: string;
  readonly startMs: number;
  readonly stopMs: number;
  readonly parameters: Readonly<Record<string, string>>;
  readonly steps?: readonly Timed[];
}

/** Broken is Allure's word for a test that could not tell; its *unknown* is left out of the pass rate, as ours must not be. */
const STATUS: Readonly<Record<'passed' | 'failed' | 'skipped' | 'unknown', Status>> = {
  passed: 'passed',
  failed: 'failed',
  skipped: 'skipped',
  unknown: 'broken',
};
const STATUS_OF_TRUTH: Readonly<Record<Truth, Status>> = {
  pass: 'passed',
  fail: 'failed',
  unknown: 'broken',
};

/** The same name gives the same id, so that a run that is told again replaces its files. */
function idOf(...parts: readonly string[]): string {
  const hex = createHash('sha256').update(parts.join('\n')).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

function fileOf(test: AllureTest, { run }: ReportDocument): RenderedFile {
  const uuid = idOf(run.id, test.key);
  // Against the wall: the clock of the run knows no date.
  const zero = Date.parse(run.startedWall) || 0;
  const name = shorten(test.name, NAME_LENGTH) || '(without a name)';
  const labels = {
    parentSuite: test.suite,
    suite: run.plan,
    feature: test.suite,
    story: test.story,
    host: run.host,
    framework: 'squall',
    language: 'yaml',
  };
  const result = {
    uuid,
    historyId: idOf(run.plan, test.key),
    testCaseId: idOf(run.plan, test.key),
    fullName: `${run.plan}: ${name}`,
    name,
    status: test.status,
    stage: 'finished',
    statusDetails: {
      ...(test.message === undefined ? {} : { message: shorten(test.message, MESSAGE_LENGTH) }),
      ...(test.trace === undefined ? {} : { trace: test.trace }),
    },
    start: Math.round(zero + test.startMs),
    stop: Math.round(zero + Math.max(test.startMs, test.stopMs)),
    labels: Object.entries(labels).map(([label, value]) => ({ name: label, value })),
    parameters: Object.entries(test.parameters).map(([parameter, value]) => ({ name: parameter, value })),
    steps: (test.steps ?? []).map((step) => ({
      ...step,
      start: Math.round(zero + step.start),
      stop: Math.round(zero + Math.max(step.start, step.stop)),
      stage: 'finished',
      steps: [],
      attachments: [],
      parameters: [],
      statusDetails: {},
    })),
    attachments: [],
    links: [],
  };
  return { file: `${FOLDER}/${uuid}-result.json`, content: `${JSON.stringify(result)}\n` };
}

function stepsOf({ proof, injectedMs, healedMs, verified, verifiedHealed }: ReportedFault): readonly Timed[] {
  const at = ([start, stop]: MomentMs): { start: number; stop: number } => ({ start, stop });
  const begun = injectedMs?.[0] ?? 0;
  const seen = (ok: boolean | undefined): Status => (ok === true ? 'passed' : 'broken');
  return [
    ...proof.map((line): Timed => ({
      name: `proof: ${shorten(line, NAME_LENGTH)}`,
      status: 'passed',
      start: begun,
      stop: begun,
    })),
    ...(injectedMs === undefined
      ? []
      : [
          {
            name: `inject: ${verified?.says ?? 'not verified'}`,
            status: seen(verified?.ok),
            ...at(injectedMs),
          },
        ]),
    ...(healedMs === undefined
      ? []
      : [
          {
            name: `heal: ${verifiedHealed?.says ?? 'not verified'}`,
            status: verifiedHealed?.ok === false ? ('failed' as const) : seen(verifiedHealed?.ok),
            ...at(healedMs),
          },
        ]),
  ];
}

function faultTests(document: ReportDocument): readonly AllureTest[] {
  return document.faults.map((fault) => {
    const { outcome, reason } = outcomeOfFault(fault);
    const recovery = document.recoveries.find(({ injection }) => injection === fault.id);
    const startMs = fault.injectedMs?.[0] ?? 0;
    return {
      key: `fault ${fault.id}`,
      name: `${fault.step}: ${fault.fault} on ${fault.targets.join(', ')}`,
      suite: 'faults',
      story: fault.fault,
      status: STATUS[outcome],
      ...(reason === undefined ? {} : { message: reason }),
      startMs,
      stopMs: fault.healedMs?.[1] ?? fault.injectedMs?.[1] ?? startMs,
      parameters: {
        end: fault.end,
        ...(recovery === undefined ? {} : { outage: formatFigure(recovery.outage) }),
        ...(recovery?.predicted === undefined ? {} : { predicted: formatFigure(recovery.predicted.outage) }),
      },
      steps: stepsOf(fault),
    };
  });
}

function objectiveTests({ objectives, windowMs = [0, 0] }: ReportDocument): readonly AllureTest[] {
  return objectives.map(({ id, objective, truth, expected, found, figure, reasons }) => ({
    key: `objective ${id}`,
    name: id,
    suite: 'objectives',
    story: objective,
    status: STATUS_OF_TRUTH[truth],
    message: reasons.map((reason) => reason.says).join(' ') || `Expected ${expected}, found ${found}.`,
    startMs: windowMs[0],
    stopMs: windowMs[1],
    parameters: { expected, found, ...(figure === undefined ? {} : { figure: formatFigure(figure) }) },
  }));
}

/** Planned cases that no lane came to: Allure would not know of them. */
function casesWithoutResult({ evidence }: ReportInput, { stages }: ReportDocument): readonly AllureTest[] {
  return stages.flatMap(({ stage, startedMs = 0, notPassed }) => {
    const ran = new Set(
      evidence.conformance
        .filter((one) => one.stage === stage)
        .flatMap(({ results }) => results.map(({ id }) => id)),
    );
    return notPassed
      .filter(({ id }) => !ran.has(id))
      .map(({ id, title, suite, reason }) => ({
        key: `case ${stage} ${id}`,
        name: title,
        suite: stage,
        story: suite,
        status: 'broken' as const,
        message: reason,
        startMs: startedMs,
        stopMs: startedMs,
        parameters: { stage, id },
      }));
  });
}

/** Tests of an engine: no lane wrote them. */
function engineTests({ evidence: { run, conformance } }: ReportInput): readonly AllureTest[] {
  const since = ({ ns }: { readonly ns: number }): number => (ns - run.started.ns) / 1e6;
  return conformance
    .filter(({ engine }) => engine !== undefined)
    .flatMap(({ results }) => results)
    .map(({ id, title, suite, stage, outcome, reason, details, started, ended }) => ({
      key: `case ${stage} ${id}`,
      name: title,
      suite: stage,
      story: suite,
      status: STATUS[outcome],
      ...(reason === undefined ? {} : { message: reason }),
      ...(details === undefined ? {} : { trace: details }),
      startMs: since(started),
      stopMs: since(ended),
      parameters: { stage, id },
    }));
}

function verdictTest({ verdict, run }: ReportDocument): AllureTest {
  return {
    key: 'verdict',
    name: 'the run as a whole',
    suite: 'verdict',
    story: verdict.class ?? 'pass',
    status: STATUS_OF_TRUTH[verdict.truth],
    message: verdict.headline,
    trace: verdict.reasons.map(({ truth, says }) => `${truth}: ${says}`).join('\n'),
    startMs: 0,
    stopMs: run.tookMs,
    parameters: { 'exit code': `${verdict.exitCode} (${verdict.exitMeaning})` },
  };
}

/** A properties file: one line each, with what would end the line or the key taken out. */
function environmentFile({ run, topology }: ReportDocument): RenderedFile {
  const facts = {
    Plan: run.plan,
    Lab: run.lab,
    Seed: run.seed,
    Squall: run.squall.version,
    Node: run.node,
    Host: run.host,
    ...Object.fromEntries(
      (topology?.systems ?? []).map(({ name, version }) => [name.replace(/\W/g, '_'), version]),
    ),
  };
  const lines = Object.entries(facts).map(
    ([name, value]) => `${name} = ${shorten(value).replaceAll('\\', '\\\\')}`,
  );
  return { file: `${FOLDER}/environment.properties`, content: `${lines.join('\n')}\n` };
}

const CATEGORIES: RenderedFile = {
  file: `${FOLDER}/categories.json`,
  content: `${JSON.stringify([
    { name: 'The system failed', matchedStatuses: ['failed'] },
    { name: 'Unknown: Squall could not tell', matchedStatuses: ['broken', 'unknown'] },
    { name: 'Skipped, with a reason', matchedStatuses: ['skipped'] },
  ])}\n`,
};

/** Results for Allure beside those of the lanes: verdict, faults, objectives, and planned cases that never ran. */
export const allureResults: FolderReporter = {
  name: 'allure-results',
  file: FOLDER,
  renderAll(input) {
    const document = buildReportDocument(input);
    const tests = [
      verdictTest(document),
      ...faultTests(document),
      ...objectiveTests(document),
      ...casesWithoutResult(input, document),
      ...engineTests(input),
    ];
    const files = new Map(tests.map((test) => fileOf(test, document)).map((one) => [one.file, one]));
    return [...files.values(), environmentFile(document), CATEGORIES];
  },
};
