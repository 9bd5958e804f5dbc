import type { Agreement, AgreementRow } from '../model/analysis.ts';
import type { CaseOutcome, CaseResult, ConformanceResults } from '../model/conformance.ts';
import type { Evidence } from '../model/evidence.ts';

/** Of several cases that cover one test, the first of these that any of them ended with: what failed once has failed. */
const WORST_FIRST: readonly CaseOutcome[] = ['failed', 'unknown', 'passed', 'skipped'];

/**
 * Each upstream test beside the cases of ours that cover it, where both ran in one call. Only two that each passed or failed can
 * agree: one that was skipped or is unknown says nothing of the cloud.
 */
export function agreementOf({ conformance }: Pick<Evidence, 'conformance'>): { agreement?: Agreement } {
  const own = conformance.filter(({ engine, stage }) => engine === undefined && stage === 'alone');
  const theirs = conformance.filter(({ engine }) => engine !== undefined);
  if (own.length === 0 || theirs.length === 0) return {};
  const ours = byLabel(own);
  const upstream = byLabel(theirs);
  const rows = [...upstream]
    .map(([test, results]) => rowOf(test, ours.get(test) ?? [], results))
    .sort((a, b) => (a.test < b.test ? -1 : 1));
  return { agreement: { engine: theirs[0]?.engine?.version ?? '', rows } };
}

function byLabel(stages: readonly ConformanceResults[]): Map<string, CaseResult[]> {
  const found = new Map<string, CaseResult[]>();
  for (const result of stages.flatMap(({ results }) => results))
    for (const label of result.covers ?? []) found.set(label, [...(found.get(label) ?? []), result]);
  return found;
}

function rowOf(test: string, ours: readonly CaseResult[], upstream: readonly CaseResult[]): AgreementRow {
  const own = worstOf(ours);
  const theirs = worstOf(upstream);
  const tells = (outcome: string): boolean => outcome === 'passed' || outcome === 'failed';
  const says = !tells(own) || !tells(theirs) ? 'not compared' : own === theirs ? 'agree' : 'differ';
  const why = [...ours, ...upstream].find(({ outcome }) => !['passed', 'failed'].includes(outcome))?.reason;
  return {
    test,
    cases: ours.map(({ id }) => id),
    own,
    theirs,
    says,
    ...(says !== 'not compared' || why === undefined ? {} : { why }),
  };
}

const worstOf = (results: readonly CaseResult[]): CaseOutcome | 'not run' =>
  WORST_FIRST.find((outcome) => results.some((result) => result.outcome === outcome)) ?? 'not run';
