import junitReportBuilder, { type Builder, type TestSuite } from 'junit-report-builder';
import type { CaseOutcome, CaseResult } from '../../model/conformance.ts';
import type { Truth } from '../../model/verdict.ts';
import { buildReportDocument } from '../build-report-document.ts';
import { outcomeOfFault } from '../fault-outcome.ts';
import type { ReportDocument } from '../report-document.ts';
import type { Reporter, ReportInput } from '../reporter.ts';
import { formatFigure, shorten } from '../wording.ts';

// The package's types promise `exports.default`, while its CommonJS file exports the builder itself.
const builder = junitReportBuilder as unknown as Builder;

/** What a CI server shows as one line; the whole text is in the body. */
const MESSAGE_LENGTH = 300;
const NAME_LENGTH = 240;

interface CaseInXml {
  readonly className: string;
  readonly name: string;
  readonly seconds?: number;
  readonly outcome: CaseOutcome;
  readonly reason?: string;
  readonly details?: string;
  readonly output?: string;
}

/** Gives each name once: a CI server that sees one twice keeps only one of the two. */
type Unique = (className: string, name: string) => string;

function uniqueNames(): Unique {
  const seen = new Set<string>();
  return (className, name) => {
    const short = shorten(name, NAME_LENGTH) || '(without a name)';
    let candidate = short;
    for (let copy = 2; seen.has(`${className}\n${candidate}`); copy++) candidate = `${short} #${copy}`;
    seen.add(`${className}\n${candidate}`);
    return candidate;
  };
}

/** Bodies are written as CDATA, which `]]>` would end early; the builder's library does not split it. */
const asBody = (text: string): string => text.replaceAll(']]>', ']] >');

function addCase(suite: TestSuite, unique: Unique, facts: CaseInXml): void {
  const { outcome, reason = 'No reason was given.', details = '' } = facts;
  const className = shorten(facts.className, NAME_LENGTH);
  const testCase = suite.testCase().className(className).name(unique(className, facts.name));
  // An attribute of digits: what is shorter than a microsecond could be written with an exponent, which no schema knows.
  if (facts.seconds !== undefined) testCase.time(Math.round(facts.seconds * 1e6) / 1e6);
  const message = shorten(reason, MESSAGE_LENGTH);
  const body = asBody([reason, details].filter((text) => text !== '').join('\n'));
  if (outcome === 'failed') testCase.failure(message, 'failed').stacktrace(body);
  if (outcome === 'unknown') testCase.error(message, 'unknown', body);
  if (outcome === 'skipped') {
    testCase.skipped();
    // The builder has no message for a skipped case, and CI servers show the attribute.
    const build = testCase.build.bind(testCase);
    testCase.build = (parent) => {
      const element = build(parent);
      const skipped = element.children.find((child) => 'name' in child && child.name === 'skipped');
      if (skipped !== undefined && 'att' in skipped) skipped.att('message', message);
      return element;
    };
  }
  if (facts.output !== undefined && facts.output !== '') testCase.standardOutput(asBody(facts.output));
}

function caseOfResult(result: CaseResult): CaseInXml {
  return {
    className: `squall.${result.stage}.${result.suite.replaceAll('/', '.')}`,
    name: `${result.id}${result.round > 1 ? ` (round ${result.round})` : ''}`,
    seconds: Math.max(0, (result.ended.ns - result.started.ns) / 1e9),
    outcome: result.outcome,
    ...(result.reason === undefined ? {} : { reason: result.reason }),
    ...(result.details === undefined ? {} : { details: result.details }),
    // As text: the schema of Jenkins knows no properties of a case.
    output: [
      ...(result.covers ?? []).map((name) => `covers ${name}`),
      ...result.troubles.map(
        (trouble) => `${trouble.method} ${trouble.url} ${trouble.status}: ${trouble.says}`,
      ),
    ].join('\n'),
  };
}

/** A suite that says where and when it belongs; no CI server keeps anything of the element above it. */
function openSuite(
  root: Builder,
  { run, verdict }: ReportDocument,
  name: string,
  sinceStartNs = 0,
): TestSuite {
  const suite = root.testSuite().name(name);
  const started = Date.parse(run.startedWall) + sinceStartNs / 1e6;
  // Without a zone, as the format has it; it is UTC.
  if (Number.isFinite(started)) suite.timestamp(new Date(started).toISOString().slice(0, 19));
  const facts = {
    run: run.id,
    plan: run.plan,
    lab: run.lab,
    seed: run.seed,
    host: run.host,
    squall: run.squall.version,
    verdict: verdict.truth,
    'exit-code': String(verdict.exitCode),
  };
  for (const [property, value] of Object.entries(facts)) suite.property(property, shorten(value));
  return suite;
}

function addStages(root: Builder, unique: Unique, { evidence }: ReportInput, document: ReportDocument): void {
  for (const stage of evidence.conformance) {
    const suite = openSuite(
      root,
      document,
      `conformance ${stage.stage}`,
      stage.started.ns - evidence.run.started.ns,
    );
    for (const result of stage.results) addCase(suite, unique, caseOfResult(result));
    const ran = new Set(stage.results.map((result) => result.id));
    const reported = document.stages.find((entry) => entry.stage === stage.stage);
    for (const entry of reported?.notPassed.filter(({ id }) => !ran.has(id)) ?? []) {
      const className = `squall.${stage.stage}.${entry.suite.replaceAll('/', '.')}`;
      addCase(suite, unique, { className, name: entry.id, outcome: 'unknown', reason: entry.reason });
    }
  }
}

function addFaults(root: Builder, unique: Unique, document: ReportDocument): void {
  const suite = openSuite(root, document, 'faults');
  for (const fault of document.faults) {
    const [from] = fault.injectedMs ?? [];
    const [, to] = fault.healedMs ?? fault.injectedMs ?? [];
    addCase(suite, unique, {
      className: `squall.faults.${fault.fault}`,
      name: `${fault.step}: ${fault.fault} on ${fault.targets.join(', ')}`,
      ...(from === undefined || to === undefined ? {} : { seconds: (to - from) / 1000 }),
      ...outcomeOfFault(fault),
      details: fault.verifiedHealed?.differences.join('\n') ?? '',
      output: [fault.verified?.says, fault.verifiedHealed?.says]
        .filter((text) => text !== undefined)
        .join('\n'),
    });
  }
}

const OUTCOME_OF_TRUTH: Readonly<Record<Truth, CaseOutcome>> = {
  pass: 'passed',
  fail: 'failed',
  unknown: 'unknown',
};

function addObjectives(root: Builder, unique: Unique, document: ReportDocument): void {
  const suite = openSuite(root, document, 'objectives');
  for (const { id, objective, truth, expected, found, figure, reasons } of document.objectives) {
    addCase(suite, unique, {
      className: `squall.objectives.${objective}`,
      name: id,
      outcome: OUTCOME_OF_TRUTH[truth],
      reason: reasons.map((reason) => reason.says).join(' ') || `Expected ${expected}, found ${found}.`,
      output: `expected ${expected}, found ${found}${figure === undefined ? '' : ` (${formatFigure(figure)})`}`,
    });
  }
}

function addCleanUp(root: Builder, unique: Unique, document: ReportDocument): void {
  const suite = openSuite(root, document, 'clean-up');
  const className = 'squall.clean-up';
  const open = document.openFaults;
  addCase(suite, unique, {
    className,
    name: 'every fault is healed',
    outcome: open.length === 0 ? 'passed' : 'failed',
    reason: `Still open: ${open.join(', ')}. Run \`squall heal\`.`,
  });
  const kept = document.leftovers.filter((leftover) => !leftover.swept);
  addCase(suite, unique, {
    className,
    name: 'nothing is left behind',
    outcome: kept.length === 0 ? 'passed' : 'failed',
    reason: kept.map(({ name, says }) => `${name}: ${says}`).join(' '),
  });
  const { reason, error } = document.run.end;
  addCase(suite, unique, {
    className,
    name: 'the run came to its end',
    outcome: reason === 'complete' ? 'passed' : 'unknown',
    reason:
      error === undefined
        ? `The run ended early: ${reason}.`
        : `${error.code}: ${error.says} ${error.remedy}`,
  });
}

/** What no case stands for, such as a prober that was held up, must not look like a pass either. */
function addVerdict(root: Builder, unique: Unique, document: ReportDocument): void {
  const { truth, headline, reasons } = document.verdict;
  addCase(openSuite(root, document, 'verdict'), unique, {
    className: 'squall.verdict',
    name: 'the run passes',
    outcome: OUTCOME_OF_TRUTH[truth],
    reason: headline,
    details: reasons.map(({ says }) => says).join('\n'),
  });
}

/**
 * JUnit XML as Jenkins, GitLab and GitHub actions read it: one suite for each conformance stage, and one each for faults, objectives,
 * clean-up and the verdict. Unknown is an error, so no CI server takes it for a pass, and a file without failure and error is one.
 */
export const junitXml: Reporter = {
  name: 'junit-xml',
  file: 'junit.xml',
  render(input) {
    const document = buildReportDocument(input);
    const root = builder.newBuilder().name(`squall ${shorten(document.run.plan)}`);
    const unique = uniqueNames();
    addStages(root, unique, input, document);
    addFaults(root, unique, document);
    addObjectives(root, unique, document);
    addCleanUp(root, unique, document);
    addVerdict(root, unique, document);
    // Jenkins' schema has that count for each suite, and not for all of them.
    return root.build().replace(/^([^<]*<\?xml[^>]*>\s*<testsuites name="[^"]*"[^>]*?) skipped="\d+"/, '$1');
  },
};
