import type { Service } from '../model/topology.ts';
import type { KubernetesObject } from '../ports/kubernetes.ts';
import { matchesSelector } from './matches-selector.ts';
import { field } from './object-fields.ts';

/** Roles whose members vote: with fewer than a majority they refuse to write. */
const VOTING_ROLES = ['etcd', 'database', 'queue', 'ovn-database'];

/** The annotation by which an owner says that a workload needs a majority (`true`), or how many must stay (a number). */
export const QUORUM_ANNOTATION = 'squall.dev/quorum';

/** A majority for what is known to vote and for what declares it; undefined for the rest. */
export function quorumOf(
  kind: Service['kind'],
  roles: readonly string[],
  size: number,
  declared: string | undefined,
): Service['quorum'] {
  const majority = Math.floor(size / 2) + 1;
  if (declared !== undefined) {
    if (declared === 'false') return undefined;
    return { size, needed: /^\d+$/.test(declared) ? Number(declared) : majority };
  }
  // A Deployment or DaemonSet cannot give its members an identity, so what votes is never one.
  const mayVote = kind === 'statefulset' || kind === 'unit';
  return mayVote && size > 0 && roles.some((role) => VOTING_ROLES.includes(role))
    ? { size, needed: majority }
    : undefined;
}

/** The strictest of the PodDisruptionBudgets that cover the pods of a workload, as a number of members. */
export function minAvailableOf(
  budgets: readonly KubernetesObject[],
  namespace: string,
  podLabels: Readonly<Record<string, string>>,
  replicas: number,
): number | undefined {
  const needed = budgets
    .filter((budget) => budget.metadata.namespace === namespace)
    .filter((budget) => matchesSelector(field(budget, 'spec', 'selector'), podLabels))
    .map((budget) => demandOf(budget, replicas));
  return needed.length === 0 ? undefined : Math.max(...needed);
}

function demandOf(budget: KubernetesObject, replicas: number): number {
  const available = scaled(field(budget, 'spec', 'minAvailable'), replicas);
  if (available !== undefined) return available;
  const unavailable = scaled(field(budget, 'spec', 'maxUnavailable'), replicas);
  // A budget that says neither allows no disruption at all, as Kubernetes reads it.
  return unavailable === undefined ? replicas : Math.max(0, replicas - unavailable);
}

/** Kubernetes rounds percentages up for both fields (disruption controller, `GetScaledValueFromIntOrPercent`). */
function scaled(value: unknown, replicas: number): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const percent = /^(\d+)%$/.exec(value)?.[1];
  return percent === undefined ? undefined : Math.ceil((Number(percent) * replicas) / 100);
}
