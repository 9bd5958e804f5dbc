import type { Duration } from '../model/duration.ts';
import type { ChaosNote, HealingEntry } from '../model/injection.ts';
import type { Plan, SuiteSelection } from '../model/plan.ts';
import type { Topology } from '../model/topology.ts';
import type { HealingJournal } from '../ports/healing-journal.ts';
import type { Progress } from '../ports/progress.ts';
import type { Reaper } from '../ports/reaper.ts';
import type { Fault, FaultTools } from './fault.ts';

/** What the method needs besides its schedule. */
export interface ChaosContext {
  readonly plan: Plan;
  /** The run's id. */
  readonly run: string;
  readonly tools: FaultTools;
  readonly journal: HealingJournal;
  /** The topology as it is now; targets are bound and the radius is proved on it. */
  rediscover(signal: AbortSignal): Promise<Topology>;
  /** Resolves when every probe is up and full redundancy is back (true), or at the ceiling (false). */
  recovered(ceiling: Duration, signal: AbortSignal): Promise<boolean>;
  runSuites(selection: SuiteSelection, signal: AbortSignal): Promise<void>;
  /** Aborted when a guard stops chaos; its reason says which. */
  readonly guard: AbortSignal;
  /** Aborted when nobody looks for the guards any more, with why: chaos stops then too. Default never. */
  readonly blind?: AbortSignal;
  readonly progress: Progress;
  readonly reaper: Reaper;
  /** Told of each injection and step as it ends; default nobody. */
  readonly noted?: (note: ChaosNote) => void;
  /** Faults of other runs that are not closed; default none. */
  readonly stateOpen?: readonly HealingEntry[];
  /** Default all of Squall's. */
  readonly faults?: readonly Fault[];
}
