import type { Analysis } from '../model/analysis.ts';
import type { CaseResult, ConformanceResults } from '../model/conformance.ts';
import type { Evidence } from '../model/evidence.ts';
import { isNotForLab } from './case-outcomes.ts';
import type { NotPassed, ReportedStage } from './report-document.ts';

const WORST_FIRST = ['failed', 'unknown', 'skipped'];

function collectNotPassed(results: readonly CaseResult[]): NotPassed[] {
  const entries = new Map<string, NotPassed>();
  for (const { id, title, suite, outcome, reason } of results) {
    if (outcome === 'passed') continue;
    const says = reason ?? 'No reason was given.';
    const key = JSON.stringify([id, outcome, says]);
    const times = (entries.get(key)?.times ?? 0) + 1;
    entries.set(key, { id, title, suite, outcome, reason: says, times });
  }
  return [...entries.values()].sort(
    (a, b) => WORST_FIRST.indexOf(a.outcome) - WORST_FIRST.indexOf(b.outcome),
  );
}

/** A planned case without a result is unknown: it must not vanish because a lane died before it wrote anything. */
function missingCases(stage: ConformanceResults): NotPassed[] {
  const seen = new Set(stage.results.map((result) => result.id));
  return stage.planned
    .filter((declared) => !seen.has(declared.id))
    .map(({ id, title }) => ({
      id,
      title,
      suite: id.split('/').slice(0, 2).join('/'),
      outcome: 'unknown' as const,
      reason: 'It was planned, and no result of it was written.',
      times: 1,
    }));
}

/** One entry for each conformance stage, in the order of the run, with every case that did not pass. */
export function reportStages(evidence: Evidence, analysis: Analysis): ReportedStage[] {
  return analysis.conformance.map((counts) => {
    const stages = evidence.conformance.filter((results) => results.stage === counts.stage);
    const [first] = stages;
    const notForLab = stages.flatMap(({ results }) => results.filter(isNotForLab)).length;
    const took = stages.reduce((total, { started, ended }) => total + (ended.ns - started.ns), 0);
    return {
      ...counts,
      notForLab,
      skippedOtherwise: counts.skipped - notForLab,
      ...(first && {
        lanes: Math.max(...stages.map((stage) => stage.lanes)),
        startedMs: Math.round((first.started.ns - evidence.run.started.ns) / 1e6),
        tookMs: Math.round(took / 1e6),
      }),
      notPassed: [
        ...collectNotPassed(stages.flatMap((stage) => stage.results)),
        ...stages.flatMap((stage) => missingCases(stage)),
      ],
    };
  });
}
