import type { Ability } from '../../model/abilities.ts';
import type { ParameterSpecs } from '../../model/catalogue.ts';
import type { Duration } from '../../model/duration.ts';
import type { LedgerEntry } from '../../model/conformance.ts';
import type { ProbeSpec } from '../../model/plan.ts';
import type { Topology } from '../../model/topology.ts';
import type { ApiAccess } from '../../ports/api-client.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KubernetesApi } from '../../ports/kubernetes.ts';
import type { TestImage } from '../../ports/lab.ts';
import type { OpenStackApi } from '../../ports/openstack.ts';
import type { ProbeAssignment, Question } from '../../ports/prober.ts';

/** Where and for whom a probe asks. */
export interface ProbeContext {
  readonly access: ApiAccess;
  /** The run's id: part of the name of whatever the probe creates. */
  readonly run: string;
}

/** What a probe makes its own ground with. */
export interface GroundTools {
  readonly kubernetes?: KubernetesApi;
  readonly clock: Clock;
  readonly run: string;
  readonly openstack?: OpenStackApi;
  readonly testImage?: TestImage;
  readonly topology: Pick<Topology, 'nodes' | 'live' | 'abilities'>;
  /** Resolves when it is in the ledger, and that on the disk: nothing is made before. */
  note(entry: LedgerEntry): Promise<void>;
}

/** What a ground is looked at with before anything is touched. */
export type CheckTools = Pick<GroundTools, 'kubernetes' | 'openstack' | 'topology'>;

/** What a probe asks through that is not there before it: pods and Services of its own, or servers. */
export interface Ground {
  /**
   * Looks whether it can be laid, and changes nothing. Absent: `needs` says it all.
   * @throws HarnessError with what is missing, and the remedy.
   */
  check?(spec: ProbeSpec, tools: CheckTools, signal: AbortSignal): Promise<void>;
  /**
   * Makes what is not there yet. Everything lies in what `mayCreate` names or was noted before, and goes with it.
   * @returns each way that is asked, with a spec of its own that names the probe of the plan as `part.of`.
   */
  lay(spec: ProbeSpec, tools: GroundTools, signal: AbortSignal): Promise<readonly ProbeAssignment[]>;
  /** From when it is laid until each way was answered well once. Default 30 s: proxies on nodes learn of a Service within seconds. */
  readonly answersWithin?: Duration;
  /** `lay` has tried what is asked, so nobody need ask before the first sample. */
  readonly tried?: true;
  /** What to do where a way was not answered. */
  readonly remedy: string;
}

/** A probe asks one endpoint one question, or on a ground of its own several. */
export type Probe = ProbeBase &
  (
    | {
        /** @throws SQ_PLAN_INVALID when the probe cannot ask that endpoint. */
        question(spec: ProbeSpec, context: ProbeContext): Question;
        readonly ground?: never;
      }
    | { readonly ground: Ground; readonly question?: never }
  );

/** A question that can be asked again and again, as data. */
export interface ProbeBase {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly parameters: ParameterSpecs;
  /** What the lab must have for it; the plan is refused where it has not. Absent: nothing. */
  readonly needs?: readonly Ability[];
  /** What it may create; goes into the ledger before the first sample. Absent: nothing. */
  mayCreate?(spec: ProbeSpec, run: string): readonly LedgerEntry[];
  /** How what it wrote is found again after its last sample. Absent: what it writes need not last. */
  readonly readBack?: ReadBack;
}

/** Sample n of the probe writes to slot n modulo the number of slots, and leaves its number there. */
export interface ReadBack {
  /** The names of the objects that it wrote to. */
  slots(spec: ProbeSpec, run: string): readonly string[];
  /**
   * The samples whose writes an object holds; none where it is not there.
   * @throws what kept it from being read.
   */
  samplesIn(
    name: string,
    clients: ReadBackClients,
    signal: AbortSignal,
    spec: ProbeSpec,
  ): Promise<readonly number[]>;
}

export interface ReadBackClients {
  readonly kubernetes?: KubernetesApi;
  readonly openstack?: OpenStackApi;
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
