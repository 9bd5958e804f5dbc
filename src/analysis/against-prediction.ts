import type { Recovery } from '../model/analysis.ts';
import type { PredictedWindow } from '../model/schedule.ts';
import type { Figure } from '../model/verdict.ts';

/**
 * Where a measured outage lies relative to its predicted window. It is unknown when the outage's own error reaches over an edge
 * of the window: then the probes were too slow, or saw too little, to tell. Nothing is inside a window that is narrower than
 * what the probes resolve, or so wide that being inside says nothing.
 * @param blindMs the longest outage that no probe could have noticed; it counts where none was seen.
 */
export function againstPrediction(
  outage: Figure,
  predicted: PredictedWindow | undefined,
  blindMs: number,
): Recovery['againstPrediction'] {
  if (predicted === undefined) return 'unknown';
  const { min, max } = predicted.outage;
  const most = outage.min === 0 ? Math.max(outage.max, blindMs) : outage.max;
  if (outage.min > max.ms) return 'longer';
  if (most < min.ms) return 'shorter';
  if (max.ms - min.ms < blindMs || predicted.tooWide?.includes('outage') === true) return 'unknown';
  return outage.min >= min.ms && most <= max.ms ? 'inside' : 'unknown';
}
