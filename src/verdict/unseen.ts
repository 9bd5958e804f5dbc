import type { ProbeAnalysis } from '../model/analysis.ts';
import { writeRatio } from './figures.ts';

/** Of a way whose pods were away for longer, what is left says too little of the whole. */
const MOST_AWAY = 0.5;

/** Why a probe cannot be judged, in words; undefined when it can. */
export function whyUnseen(probe: ProbeAnalysis, maxUnseen: number): string | undefined {
  if (probe.samples === 0) return 'no samples at all';
  const { awayRatio = 0 } = probe;
  if (awayRatio > MOST_AWAY) return `one of its two pods away for ${writeRatio(awayRatio)} of the time`;
  if (probe.unseenRatio <= maxUnseen) return undefined;
  return `${writeRatio(probe.unseenRatio)} of the time unseen, where the plan allows ${writeRatio(maxUnseen)}`;
}
