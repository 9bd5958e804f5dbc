import type { ParameterSpecs } from '../../model/catalogue.ts';
import type { LedgerEntry } from '../../model/conformance.ts';
import type { ProbeSpec } from '../../model/plan.ts';
import type { ApiAccess } from '../../ports/api-client.ts';
import type { KubernetesObject } from '../../ports/kubernetes.ts';
import type { Question } from '../../ports/prober.ts';

/** Where and for whom a probe asks. */
export interface ProbeContext {
  readonly access: ApiAccess;
  /** The run's id: part of the name of whatever the probe creates. */
  readonly run: string;
}

/** A question that can be asked again and again, as data. */
export interface Probe {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly parameters: ParameterSpecs;
  /** @throws SQ_PLAN_INVALID when the probe cannot ask that endpoint. */
  question(spec: ProbeSpec, context: ProbeContext): Question;
  /** What it may create; goes into the ledger before the first sample. Absent: nothing. */
  mayCreate?(spec: ProbeSpec, run: string): readonly LedgerEntry[];
  /** How what it wrote is found again after its last sample. Absent: what it writes need not last. */
  readonly readBack?: ReadBack;
}

/** Sample n of the probe writes to slot n modulo the number of slots, and leaves its number there. */
export interface ReadBack {
  slots(spec: ProbeSpec, run: string): readonly { readonly name: string; readonly path: string }[];
  /** The samples whose writes an object holds. */
  samplesIn(object: KubernetesObject): readonly number[];
}

/** A parameter that is a text, or its default where the plan left it out. */
export function textParameter(spec: ProbeSpec, name: string, otherwise: string): string {
  const value = spec.parameters[name];
  return typeof value === 'string' ? value : otherwise;
}

/** A parameter that is a whole number, or its default where the plan left it out. */
export function numberParameter(spec: ProbeSpec, name: string, otherwise: number): number {
  const value = spec.parameters[name];
  return typeof value === 'number' ? value : otherwise;
}
