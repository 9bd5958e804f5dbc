import type { CaseResult } from '../model/conformance.ts';
import type { CaseCounts } from './report-document.ts';

/** How a lane begins the reason of a case that it skips because the lab cannot do what the case needs. */
const LACKS = 'The lab lacks the ability ';

/** Whether a case was skipped because it is for labs that can do more. Any other skip is a matter of this run or this cloud. */
export const isNotForLab = ({ outcome, reason = '' }: Pick<CaseResult, 'outcome' | 'reason'>): boolean =>
  outcome === 'skipped' && reason.startsWith(LACKS);

/** Why cases were skipped, in words with their counts: empty where none was. */
export function skippedWords({ notForLab, skippedOtherwise }: CaseCounts): readonly string[] {
  return [
    ...(notForLab > 0 ? [`${notForLab} not for this lab`] : []),
    ...(skippedOtherwise > 0 ? [`${skippedOtherwise} skipped`] : []),
  ];
}

/** One column of a table of stages, and where in `report.json` its count stands below the stage. */
export interface CountColumn {
  readonly title: string;
  readonly count: keyof CaseCounts;
}

/** What is counted of each stage. Two columns tell of skips only where cases were skipped for both kinds of reasons. */
export function countColumns(stages: readonly CaseCounts[]): readonly CountColumn[] {
  const notForLab = stages.some((stage) => stage.notForLab > 0);
  const otherwise = !notForLab || stages.some((stage) => stage.skippedOtherwise > 0);
  return [
    { title: 'Planned', count: 'planned' },
    { title: 'Passed', count: 'passed' },
    { title: 'Failed', count: 'failed' },
    { title: 'Unknown', count: 'unknown' },
    ...(notForLab ? [{ title: 'Not for this lab', count: 'notForLab' } as const] : []),
    ...(otherwise ? [{ title: 'Skipped', count: 'skippedOtherwise' } as const] : []),
  ];
}
