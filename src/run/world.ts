import type { Fault } from '../chaos/index.ts';
import type { SuiteFile } from '../model/conformance.ts';
import type { GivenSubject } from '../model/evidence.ts';
import type { Plan } from '../model/plan.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { Duration } from '../model/duration.ts';
import type { KubernetesApi } from '../ports/kubernetes.ts';
import type { Lab, LabConnection } from '../ports/lab.ts';
import type { LaneLauncher } from '../ports/lanes.ts';
import type { OpenStackApi } from '../ports/openstack.ts';
import type { ProberLauncher } from '../ports/prober.ts';
import type { Progress } from '../ports/progress.ts';
import type { ReaperLauncher } from '../ports/reaper.ts';
import type { RunFolder } from '../ports/run-folder.ts';
import type { StateStore } from '../ports/state-store.ts';
import type { SuiteEngine } from '../ports/suite-engine.ts';
import type { OwnPlace } from '../topology/index.ts';
import type { RunsBeside } from './history.ts';

/** Everything outside that one run needs. The entries compose it; the story only uses it. */
export interface World {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly lab: Lab;
  readonly folder: RunFolder;
  readonly state: StateStore;
  readonly lanes: LaneLauncher;
  readonly prober: ProberLauncher;
  readonly reaper: ReaperLauncher;
  readonly progress: Progress;
  /** Suite files that a selection may choose from. */
  readonly suites: readonly SuiteFile[];
  /** How long each suite took when it was last recorded, in milliseconds by its name: the longest is started first. */
  readonly durations: Readonly<Record<string, number>>;
  /** Clients of the systems that a connection leads to, each there or not. */
  connect(connection: LabConnection): Promise<Clients>;
  /** Whether the process that owns something still lives; one on another host counts as living. */
  readonly isRunning: (owner: {
    readonly host: string;
    readonly pid: number;
    readonly birth?: string;
  }) => boolean;
  readonly self: Self;
  /** Runs that it is set beside. Absent: none, and nothing is said of what is different from last time. */
  readonly beside?: RunsBeside;
  /** Default all of Squall's. */
  readonly faults?: readonly Fault[];
  /** Somebody else's tests. Absent: none can be run. */
  readonly engine?: SuiteEngine;
}

export interface Clients {
  readonly kubernetes?: KubernetesApi;
  readonly openstack?: OpenStackApi;
}

/** This very program, for the record. */
export interface Self {
  readonly version: string;
  readonly commit?: string;
  readonly node: string;
  readonly host: string;
  readonly pid: number;
  /** Tells this process from a later one with its pid; see `LockHolder`. */
  readonly birth?: string;
  /** As typed, with secrets masked. */
  readonly commandLine: readonly string[];
  /** Where it runs. Absent: not known, and then what it stands on is not kept from the faults. */
  readonly place?: OwnPlace;
}

export interface RunRequest {
  readonly id: string;
  readonly plan: Plan;
  /** As it was written, for the run folder. */
  readonly planText: string;
  readonly seed: string;
  /** Lanes of a conformance stage. */
  readonly lanes: number;
  /** Of one case. Default 60 s. */
  readonly caseTimeout?: Duration;
  /** What the engine of the world runs in `squall test`. Absent: nothing, and Squall's own suites run alone. */
  readonly engine?: EngineRequest;
  /** What its user says of what is tested. Absent: only what is discovered. */
  readonly subject?: GivenSubject;
}

export interface EngineRequest {
  /** Whether Squall's own cases run as well, before it. */
  readonly besideOwn: boolean;
  /** A regular expression over the names of its tests. Absent: those that the selected cases of Squall are labelled with. */
  readonly match?: string;
}
