import type { Unknown } from '../model/topology.ts';
import type { KubernetesObject } from '../ports/kubernetes.ts';

/**
 * All that a description is made of, as the API gave it and in whatever order: collected first, so that everything after is a
 * pure function of it.
 */
export interface ClusterObjects {
  /** As `/version` says, such as `v1.32.4`. */
  readonly version: string;
  readonly namespaces: readonly KubernetesObject[];
  readonly nodes: readonly KubernetesObject[];
  readonly pods: readonly KubernetesObject[];
  readonly deployments: readonly KubernetesObject[];
  readonly statefulsets: readonly KubernetesObject[];
  readonly daemonsets: readonly KubernetesObject[];
  readonly budgets: readonly KubernetesObject[];
  /** Of `kube-system`. */
  readonly leases: readonly KubernetesObject[];
  readonly files: readonly ConfigurationFile[];
  /** Files that were asked for and may be there, but could not be read. */
  readonly unread: readonly UnreadFile[];
  /** What the lab says of the units of each node; empty where it cannot look. */
  readonly units: readonly NodeUnits[];
  /** What control nodes say of their own addresses; absent where the lab cannot ask nodes, or did not need to. */
  readonly carried?: readonly CarriedAddresses[];
  /** Kinds of objects that this user may not list: that none are here means nothing for them. */
  readonly blind: readonly Unknown[];
}

/** A node's own answer, or why there is none. */
export type CarriedAddresses = { readonly node: string } & (
  { readonly addresses: readonly string[] } | { readonly reason: string }
);

export interface UnreadFile {
  readonly from: string;
  readonly reason: string;
}

/** One key of a ConfigMap or Secret, or a file of a node. Its text may hold passwords: it is searched for times and never handed on. */
export interface ConfigurationFile {
  /** `configmap kube-system/haproxy-config`, or `node control-1` for a file of a node. */
  readonly from: string;
  readonly name: string;
  readonly text: string;
}

export interface NodeUnits {
  readonly node: string;
  readonly units: readonly { readonly unit: string; readonly running: boolean }[];
}

export type WorkloadKind = 'deployment' | 'statefulset' | 'daemonset';

export const workloadsOf = (
  objects: ClusterObjects,
): readonly { readonly kind: WorkloadKind; readonly object: KubernetesObject }[] => [
  ...objects.deployments.map((object) => ({ kind: 'deployment' as const, object })),
  ...objects.statefulsets.map((object) => ({ kind: 'statefulset' as const, object })),
  ...objects.daemonsets.map((object) => ({ kind: 'daemonset' as const, object })),
];

/** Pods that the kubelet runs from a file on its node; the API shows a mirror of each. */
export function isStaticPod(pod: KubernetesObject): boolean {
  const mirrored = pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
  return mirrored || (pod.metadata.ownerReferences ?? []).some((owner) => owner.kind === 'Node');
}
