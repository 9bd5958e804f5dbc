import type { InjectionRecord } from '../model/injection.ts';
import type { Topology } from '../model/topology.ts';
import { faultRegistry } from './fault-registry.ts';

/** A node whose kubelet starts again, and what it had said of itself before it was hurt. */
export interface StartedAgain {
  readonly node: string;
  readonly said: string;
}

/** Nodes whose kubelet ended with this fault and starts again by its heal. Of a node that never said how it is, nothing is known. */
export function startedAgain({ fault, injected, targets }: InjectionRecord): readonly StartedAgain[] {
  const restarts = faultRegistry.find(({ name }) => name === fault)?.restarts;
  if (injected === undefined || restarts === undefined) return [];
  return targets
    .filter(({ unit }) => restarts === 'node' || unit === 'kubelet')
    .flatMap(({ node, said }) => (said === undefined ? [] : [{ node, said }]));
}

/**
 * Nodes of these that have said nothing since: what the API tells of them and of their pods is what was true before they were
 * hurt, and a node that was away for less than its lease lasts is *ready* there all the while.
 */
export const silentSince = (nodes: readonly StartedAgain[], { live }: Topology): readonly string[] =>
  nodes
    .filter(({ node, said }) => live.nodes.some((now) => now.name === node && now.said === said))
    .map(({ node }) => `node ${node} has not spoken since it was hurt`);
