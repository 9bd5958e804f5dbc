import type { Limit, ParameterValue } from '../model/catalogue.ts';
import { formatDuration } from '../model/duration.ts';
import type { PredictedWindow } from '../model/schedule.ts';

/** A limit in milliseconds, and how it reads; undefined when it is relative and nothing was predicted. */
export function resolveLimit(
  limit: ParameterValue | undefined,
  predicted: PredictedWindow | undefined,
  of: 'outage' | 'redundancy',
): { readonly ms: number; readonly says: string } | undefined {
  const given = limit as Limit;
  if ('ms' in given) return { ms: given.ms, says: formatDuration(given) };
  if (!predicted) return undefined;
  const upper = predicted[of].max;
  const ms = given.timesPredicted * upper.ms;
  return {
    ms,
    says: `${formatDuration({ ms })} (${given.timesPredicted} x the predicted ${formatDuration(upper)})`,
  };
}
