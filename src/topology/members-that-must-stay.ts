import type { Service } from '../model/topology.ts';
import type { KubernetesObject } from '../ports/kubernetes.ts';
import { matchesSelector } from './matches-selector.ts';
import { field } from './object-fields.ts';

/** Roles whose members vote: with fewer than a majority they refuse to write. */
const VOTING_ROLES = ['etcd', 'database', 'queue', 'ovn-database', 'ceph-monitor'];

/** Their members keep their identity on the node, so they vote whatever kind of workload runs them. */
const VOTES_IN_ANY_KIND = ['ovn-database', 'ceph-monitor'];

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
  // Apart from these, a Deployment or DaemonSet cannot give its members an identity, so what votes is never one.
  const mayVote =
    kind === 'statefulset' || kind === 'unit' || roles.some((role) => VOTES_IN_ANY_KIND.includes(role));
  return mayVote && size > 0 && roles.some((role) => VOTING_ROLES.includes(role))
    ? { size, needed: majority }
    : undefined;
}

/** The annotation by which an owner says that workloads vote together: all with the same word in one namespace. */
export const QUORUM_GROUP_ANNOTATION = 'squall.dev/quorum-group';

/**
 * Joins the quorums of workloads that vote together: those of a declared group, and monitors of Ceph, of which some installations
 * run each as a workload of its own. A group needs the majority of all of its members.
 */
export function joinQuorums(
  services: readonly Service[],
  declared: ReadonlyMap<string, string>,
): readonly Service[] {
  const groupOf = ({ id, namespace, roles, quorum }: Service): string | undefined => {
    const word = declared.get(id) ?? (quorum && roles.includes('ceph-monitor') ? 'ceph-monitors' : undefined);
    return word === undefined ? undefined : `${namespace}/${word}`;
  };
  const groups = new Map<string, Service[]>();
  for (const service of services) {
    const group = groupOf(service);
    if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), service]);
  }
  return services.map((service) => {
    const group = groupOf(service);
    const together = group === undefined ? undefined : groups.get(group);
    if (group === undefined || together === undefined || together.length < 2) return service;
    const size = together.reduce((sum, { replicas }) => sum + replicas, 0);
    return { ...service, quorum: { size, needed: Math.floor(size / 2) + 1, group } };
  });
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
