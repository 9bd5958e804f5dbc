import type { Duration } from '../model/duration.ts';
import type { LabConnection } from './lab.ts';

/**
 * A small process outside the blast radius that ends what nothing on the target can end (power, freeze), at its declared end,
 * when the harness is gone. It follows the run's journal, and leaves when the run is closed.
 */
export interface ReaperLauncher {
  launch(order: ReaperOrder): Promise<Reaper>;
  /** Resolves with true once all that were launched have left, with false when one is still there after the patience. */
  left(patience: Duration): Promise<boolean>;
}

export interface ReaperOrder {
  readonly run: string;
  /** The lab's name, by which the reaper finds the same lab again. */
  readonly lab: string;
  /** By which it finds the same cluster again, for faults that only the cluster itself can end. */
  readonly connection?: Pick<LabConnection, 'kubeconfig' | 'context'>;
}

export interface Reaper {
  readonly pid: number;
  /** True while it runs; nothing that it must end is injected without it. */
  alive(): boolean;
}
