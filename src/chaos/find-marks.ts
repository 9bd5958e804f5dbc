import { describeError } from '../model/errors.ts';
import type { FoundMarks, Mark } from '../ports/mark.ts';
import type { Fault, FaultTools } from './fault.ts';
import { faultRegistry } from './fault-registry.ts';

/**
 * Looks for what faults left on the systems, by their own marks and without any journal. A finder that fails hides nothing that
 * others find. What two faults find alike is one mark.
 */
export async function findMarks(
  tools: FaultTools,
  signal: AbortSignal,
  registry: readonly Fault[] = faultRegistry,
): Promise<FoundMarks> {
  const marks = new Map<string, Mark>();
  const troubles: string[] = [];
  for (const fault of registry) {
    try {
      for (const mark of (await fault.findMarks?.(tools, signal)) ?? []) marks.set(mark.id, mark);
    } catch (error) {
      troubles.push(`Nobody could look for marks of ${fault.name}: ${describeError(error)}`);
    }
  }
  return { marks: [...marks.values()], troubles };
}
