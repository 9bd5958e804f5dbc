import type { ProbeSeries, Sample } from '../../../model/observation.ts';
import { latencyShare } from './latency-share.ts';
import type { TimelineScale } from './timeline-scale.ts';

/** Finer than a wide screen shows; a zoomed timeline draws the samples themselves. */
const MOST_BUCKETS = 320;

/** Fewer samples than stretches would leave gaps where nothing is missing. */
const bucketCount = (samples: readonly Sample[]): number =>
  Math.max(1, Math.min(MOST_BUCKETS, Math.floor(samples.length * 0.8)));

interface Bucket {
  low: number;
  high: number;
}

function bucketsOf(samples: readonly Sample[], scale: TimelineScale, zeroNs: number): Map<number, Bucket> {
  const count = bucketCount(samples);
  const buckets = new Map<number, Bucket>();
  for (const { outcome, plannedNs, sentNs, completedNs } of samples) {
    if (outcome !== 'ok') continue;
    const share = ((plannedNs - zeroNs) / 1e6 - scale.fromMs) / (scale.toMs - scale.fromMs);
    if (share < 0 || share > 1) continue;
    const place = Math.min(count - 1, Math.floor(share * count));
    const tookMs = (completedNs - sentNs) / 1e6;
    const bucket = buckets.get(place);
    if (bucket === undefined) buckets.set(place, { low: tookMs, high: tookMs });
    else {
      bucket.low = Math.min(bucket.low, tookMs);
      bucket.high = Math.max(bucket.high, tookMs);
    }
  }
  return buckets;
}

/**
 * The fastest and slowest good answer of each small stretch, as a path with the box that it is drawn in: where nothing was answered
 * well, there is nothing.
 */
export function latencyEnvelope(
  series: ProbeSeries,
  scale: TimelineScale,
  zeroNs: number,
): { readonly path: string; readonly box: string } {
  const buckets = bucketsOf(series.samples, scale, zeroNs);
  const count = bucketCount(series.samples);
  const y = (ms: number): number => Number((100 - 100 * latencyShare(ms)).toFixed(1));
  let path = '';
  for (let place = 0; place < count; place++) {
    const bucket = buckets.get(place);
    if (bucket === undefined) continue;
    // A thin line where fastest and slowest are the same; it would vanish otherwise.
    const bottom = Math.max(y(bucket.low), y(bucket.high) + 7);
    path += `M${place} ${y(bucket.high)}h1V${bottom}h-1z`;
  }
  return { path, box: `0 0 ${count} 100` };
}
