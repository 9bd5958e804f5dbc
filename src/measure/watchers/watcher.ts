import type { Ability } from '../../model/abilities.ts';
import type { WatchedEvent } from '../../model/observation.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KubernetesApi } from '../../ports/kubernetes.ts';
import type { OpenStackApi } from '../../ports/openstack.ts';

/** What a watcher may ask. */
export interface WatcherTools {
  readonly kubernetes?: KubernetesApi;
  readonly openstack?: OpenStackApi;
  readonly clock: Clock;
}

export type Emit = (event: WatchedEvent) => void;

/**
 * Follows one kind of state and tells each change, and when it could not look: `blind` from there on until `seeing`. Changes
 * that happened meanwhile come after `seeing` and reach back to when the old state was last known.
 */
export interface Watcher {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** What the lab must have for there to be anything to watch. */
  readonly needs: Ability;
  /** Ends with the signal, without an error. */
  watch(tools: WatcherTools, emit: Emit, signal: AbortSignal): Promise<void>;
}
