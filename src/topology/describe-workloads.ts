import { HarnessError } from '../model/errors.ts';
import type { LiveMember, Member, Service } from '../model/topology.ts';
import type { KubernetesObject } from '../ports/kubernetes.ts';
import { isStaticPod, workloadsOf, type ClusterObjects, type WorkloadKind } from './cluster-objects.ts';
import type { Distribution } from './distributions/distribution.ts';
import { generic } from './distributions/generic.ts';
import { matchesSelector } from './matches-selector.ts';
import {
  joinQuorums,
  minAvailableOf,
  quorumOf,
  QUORUM_ANNOTATION,
  QUORUM_GROUP_ANNOTATION,
} from './members-that-must-stay.ts';
import { byText, conditionOf, field, numberAt, textAt, textsAt } from './object-fields.ts';
import { rolesOf } from './roles.ts';

/** Services with what is alive of each. */
export interface Described {
  readonly services: readonly Service[];
  readonly members: readonly LiveMember[];
}

/** What the distributions that were recognised call an object, and which system it belongs to. */
export function identify(
  object: KubernetesObject,
  distributions: readonly Distribution[],
): { readonly system: string; readonly service: string; readonly component: string } {
  for (const distribution of [...distributions, generic]) {
    const known = distribution.identify?.(object);
    if (known !== undefined) return { system: distribution.kind, ...known };
  }
  return { system: 'kubernetes', service: object.metadata.name, component: object.metadata.name };
}

/** Deployments, StatefulSets and DaemonSets with their pods. */
export function describeWorkloads(
  objects: ClusterObjects,
  distributions: readonly Distribution[],
): Described {
  const byNamespace = new Map<string, KubernetesObject[]>();
  for (const pod of objects.pods) {
    if (isStaticPod(pod) || !isAlive(pod)) continue;
    const namespace = pod.metadata.namespace ?? '';
    byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), pod]);
  }
  const described = workloadsOf(objects).map(({ kind, object }) => {
    const pods = (byNamespace.get(object.metadata.namespace ?? '') ?? []).filter((pod) =>
      owns(kind, object, pod),
    );
    const { service, members } = describeWorkload(kind, object, pods, objects, distributions);
    return { service, members, group: object.metadata.annotations?.[QUORUM_GROUP_ANNOTATION] };
  });
  const groups = new Map(
    described.flatMap(({ service, group }) => (group === undefined ? [] : [[service.id, group] as const])),
  );
  return {
    services: joinQuorums(
      described.map((each) => each.service),
      groups,
    ),
    members: described.flatMap((each) => each.members),
  };
}

/** Pods that have ended or are being deleted are no members any more. */
function isAlive(pod: KubernetesObject): boolean {
  const phase = textAt(pod, 'status', 'phase');
  return pod.metadata.deletionTimestamp === undefined && phase !== 'Succeeded' && phase !== 'Failed';
}

/** Kubernetes' own limit is 5,000 nodes with 110 pods each. */
const MOST_REPLICAS = 550_000;

/** A Deployment owns its pods through ReplicaSets, which carry its name and a hash. */
const OWNER: Readonly<Record<WorkloadKind, { readonly kind: string; readonly hashed: boolean }>> = {
  deployment: { kind: 'ReplicaSet', hashed: true },
  statefulset: { kind: 'StatefulSet', hashed: false },
  daemonset: { kind: 'DaemonSet', hashed: false },
};

function owns(kind: WorkloadKind, workload: KubernetesObject, pod: KubernetesObject): boolean {
  if (!matchesSelector(field(workload, 'spec', 'selector'), pod.metadata.labels ?? {})) return false;
  const owners = pod.metadata.ownerReferences ?? [];
  if (owners.length === 0) return true;
  const { kind: wanted, hashed } = OWNER[kind];
  const { name } = workload.metadata;
  return owners.some(
    (owner) =>
      owner.kind === wanted &&
      (hashed ? owner.name.replace(/-[a-z0-9]+$/, '') === name || owner.name === name : owner.name === name),
  );
}

function describeWorkload(
  kind: WorkloadKind,
  object: KubernetesObject,
  pods: readonly KubernetesObject[],
  objects: ClusterObjects,
  distributions: readonly Distribution[],
): { readonly service: Service; readonly members: readonly LiveMember[] } {
  const { name, namespace = '', labels = {}, annotations = {} } = object.metadata;
  const known = identify(object, distributions);
  const id = `${known.system}/${namespace}/${name}`;
  const roles = rolesOf([name, `${known.service}-${known.component}`], annotations['squall.dev/role']);
  const replicas = replicasOf(kind, object, pods.length);
  const members = rankPods(kind, id, pods);
  const quorum = quorumOf(kind, roles, replicas, annotations[QUORUM_ANNOTATION]);
  const podLabels = textsAt(object, 'spec', 'template', 'metadata', 'labels');
  const minAvailable = minAvailableOf(objects.budgets, namespace, podLabels, replicas);
  const service: Service = {
    id,
    ...known,
    namespace,
    workload: name,
    kind,
    roles,
    labels,
    replicas,
    members: Array.from({ length: replicas }, (_, rank): Member => ({ rank, node: nodeOf(members, rank) })),
    ...(quorum === undefined ? {} : { quorum }),
    ...(minAvailable === undefined ? {} : { minAvailable }),
  };
  return { service, members };
}

const nodeOf = (members: readonly LiveMember[], rank: number): string =>
  members.find((member) => member.rank === rank)?.node ?? '';

/** @throws SQ_BAD_ANSWER for a number that no workload has. */
function replicasOf(kind: WorkloadKind, object: KubernetesObject, alive: number): number {
  const replicas =
    kind === 'daemonset'
      ? (numberAt(object, 'status', 'desiredNumberScheduled') ?? alive)
      : (numberAt(object, 'spec', 'replicas') ?? 1);
  if (Number.isInteger(replicas) && replicas >= 0 && replicas <= MOST_REPLICAS) return replicas;
  throw new HarnessError(
    'SQ_BAD_ANSWER',
    `The Kubernetes API says that the ${kind} ${object.metadata.name} should have ${replicas} replicas.`,
  );
}

/** A StatefulSet numbers its pods itself; the rest are in order of node and then name, so that a pod's successor keeps its rank. */
function rankPods(
  kind: WorkloadKind,
  service: string,
  pods: readonly KubernetesObject[],
): readonly LiveMember[] {
  const sorted = [...pods].sort(
    (a, b) => byText(podNode(a), podNode(b)) || byText(a.metadata.name, b.metadata.name),
  );
  const ordinal = (name: string): number | undefined => {
    const digits = /-(\d+)$/.exec(name)?.[1];
    return kind === 'statefulset' && digits !== undefined ? Number(digits) : undefined;
  };
  const members = sorted.map((pod, index): LiveMember => ({
    service,
    rank: ordinal(pod.metadata.name) ?? index,
    name: pod.metadata.name,
    uid: pod.metadata.uid ?? '',
    node: podNode(pod),
    ready: conditionOf(pod, 'Ready') === 'True',
  }));
  return members.sort((a, b) => a.rank - b.rank);
}

const podNode = (pod: KubernetesObject): string => textAt(pod, 'spec', 'nodeName') ?? '';
