import type { ParameterValues } from '../model/catalogue.ts';
import type { Duration } from '../model/duration.ts';

/** A parameter that is a duration; undefined when it was not given. */
export function durationOf(parameters: ParameterValues, name: string): Duration | undefined {
  const value = parameters[name];
  return typeof value === 'object' && 'ms' in value ? { ms: value.ms } : undefined;
}

/** A parameter that is a number; undefined when it was not given. */
export function numberOf(parameters: ParameterValues, name: string): number | undefined {
  const value = parameters[name];
  return typeof value === 'number' ? value : undefined;
}
