import type { CaseResult, ConformanceResults } from '../../model/conformance.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { Figure, Reason, Truth } from '../../model/verdict.ts';
import { atLeast, writeRatio } from '../figures.ts';
import { concludeOne, type Judgement, type Objective } from '../objective.ts';

/** More names than this do not fit a sentence. */
const MOST_NAMED = 3;

/** The conformance cases of one stage passed. */
export const conformance: Objective = {
  name: 'conformance',
  summary: 'The conformance cases of a stage passed.',
  parameters: {
    stage: {
      type: 'enum',
      values: ['before', 'during', 'after'],
      required: true,
      describe: 'Which stage is judged; `during` counts each round of each case.',
    },
    minimumPassed: {
      type: 'percent',
      default: '100%',
      describe: 'The least share of the cases that passed; cases skipped with a reason do not count.',
    },
  },
  judge(evidence, _analysis, spec) {
    return judgeStage(
      evidence,
      spec.parameters['stage'] as string,
      Number(spec.parameters['minimumPassed'] ?? 1),
    );
  },
};

/** @param minimum the least share that passed, 0 to 1. */
export function judgeStage(evidence: Evidence, stage: string, minimum: number): Judgement {
  const runs = evidence.conformance.filter((run) => run.stage === stage);
  const counts = runs.map(countOf).reduce(sumOf, NOTHING);
  const counted = counts.passed + counts.failed.length + counts.unknown.length;
  const facts = {
    about: `Conformance ${stage}`,
    expected: minimum === 1 ? 'every case passed' : `at least ${writeRatio(minimum)} of the cases passed`,
    evidence: [`conformance/${stage}.json`],
  };
  if (runs.length === 0) return concludeOne('unknown', { ...facts, found: 'it was not run' });
  if (counted === 0)
    return concludeOne('unknown', { ...facts, found: `no case that ran (${counts.skipped} skipped)` });
  const figure: Figure = {
    min: counts.passed / counted,
    max: (counts.passed + counts.unknown.length) / counted,
    unit: 'ratio',
  };
  // With 100% asked, one unknown case beside none that failed leaves the limit inside the range, so it stays unknown.
  const truth = atLeast(figure, minimum);
  const summary = concludeOne(truth, { ...facts, found: foundOf(counts, counted), figure });
  return { ...summary, reasons: [...summary.reasons, ...caseReasons(truth, counts, stage)] };
}

interface StageCount {
  readonly passed: number;
  readonly skipped: number;
  readonly failed: readonly CaseResult[];
  /** Unknown results, and cases that were planned and have no result. */
  readonly unknown: readonly { readonly id: string; readonly reason?: string }[];
}

const NOTHING: StageCount = { passed: 0, skipped: 0, failed: [], unknown: [] };

function countOf(run: ConformanceResults): StageCount {
  const of = (outcome: string): readonly CaseResult[] =>
    run.results.filter((result) => result.outcome === outcome);
  const seen = new Set(run.results.map(({ id }) => id));
  const missing = run.planned
    .filter(({ id }) => !seen.has(id))
    .map(({ id }) => ({ id, reason: 'it was planned and has no result' }));
  return {
    passed: of('passed').length,
    skipped: of('skipped').length,
    failed: of('failed'),
    unknown: [...of('unknown'), ...missing],
  };
}

const sumOf = (a: StageCount, b: StageCount): StageCount => ({
  passed: a.passed + b.passed,
  skipped: a.skipped + b.skipped,
  failed: [...a.failed, ...b.failed],
  unknown: [...a.unknown, ...b.unknown],
});

function foundOf(counts: StageCount, counted: number): string {
  const bad = counts.failed.length > 0 ? counts.failed : counts.unknown;
  const named = [...new Set(bad.map(({ id }) => id))];
  const names =
    named.slice(0, MOST_NAMED).join(', ') +
    (named.length > MOST_NAMED ? `, and ${named.length - MOST_NAMED} more` : '');
  const parts = [`${counts.passed} of ${counted} passed`];
  if (counts.failed.length > 0) parts.push(`${counts.failed.length} failed`);
  if (counts.unknown.length > 0) parts.push(`${counts.unknown.length} unknown`);
  return parts.join(', ') + (names === '' ? '' : ` (${names})`);
}

/** One reason for each case that is to blame, so that a report can lead to it. */
function caseReasons(truth: Truth, counts: StageCount, stage: string): readonly Reason[] {
  if (truth === 'pass') return [];
  const link = (id: string): readonly string[] => [`conformance/${stage}.json#${id}`];
  const failed = counts.failed.map(({ id, reason }): Reason => {
    return {
      truth: 'fail',
      class: 'system',
      says: `Case ${id} failed ${stage}: ${reason ?? 'no reason given'}.`,
      evidence: link(id),
    };
  });
  const unknown = counts.unknown.map(({ id, reason }): Reason => {
    return {
      truth: 'unknown',
      class: 'measuring',
      says: `Case ${id} is unknown ${stage}: ${reason ?? 'no reason given'}.`,
      evidence: link(id),
    };
  });
  return truth === 'fail' ? failed : unknown;
}
