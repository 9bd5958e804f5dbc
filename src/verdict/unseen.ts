import type { ProbeAnalysis } from '../model/analysis.ts';
import { writeRatio } from './figures.ts';

/** Why a probe cannot be judged, in words; undefined when it can. */
export function whyUnseen(probe: ProbeAnalysis, maxUnseen: number): string | undefined {
  if (probe.samples === 0) return 'no samples at all';
  if (probe.unseenRatio <= maxUnseen) return undefined;
  return `${writeRatio(probe.unseenRatio)} of the time unseen, where the plan allows ${writeRatio(maxUnseen)}`;
}
