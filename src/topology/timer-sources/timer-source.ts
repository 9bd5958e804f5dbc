import type { Timer } from '../../model/topology.ts';
import type { ClusterObjects } from '../cluster-objects.ts';
import type { Described } from '../describe-workloads.ts';

/** Reads times from one kind of place. Only what is set there explicitly is returned, each with where it was read. */
export type TimerSource = (objects: ClusterObjects, described: Described) => readonly Timer[];

/** One timer, or none where nothing was found. */
export const timerIf = (name: string, ms: number | undefined, source: string): readonly Timer[] =>
  ms === undefined || !Number.isFinite(ms) || ms < 0 ? [] : [{ name, value: { ms }, source, origin: 'read' }];
