import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesObject } from '../../src/ports/kubernetes.ts';
import type { CatalogueService } from '../../src/ports/openstack.ts';
import type { NodeFacts, Recording } from './recorded-cluster.ts';

export const LAYOUTS = ['kubeadm-ha', 'minikube', 'kind-3-2', 'openstack-helm'] as const;
export type Layout = (typeof LAYOUTS)[number];

export const layoutFile = (layout: Layout, name: string): string =>
  join('test', 'topology', 'recorded-layouts', layout, name);

interface ClusterFile {
  readonly version: { readonly gitVersion: string };
  readonly server: string;
  readonly catalogue?: CatalogueService[];
  readonly inspect?: Record<string, NodeFacts>;
  readonly units?: Record<string, string[]>;
}

const PLURALS: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces',
  Node: '/api/v1/nodes',
  Pod: '/api/v1/pods',
  Deployment: '/apis/apps/v1/deployments',
  StatefulSet: '/apis/apps/v1/statefulsets',
  DaemonSet: '/apis/apps/v1/daemonsets',
  PodDisruptionBudget: '/apis/policy/v1/poddisruptionbudgets',
  Lease: '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases',
};

const SINGLE: Readonly<Record<string, string>> = { ConfigMap: 'configmaps', Secret: 'secrets' };

const read = (layout: Layout, name: string): unknown =>
  JSON.parse(readFileSync(layoutFile(layout, name), 'utf8'));

/** A list as kubectl prints it, and what `list` and `get` would have answered for it. */
export function readLayout(layout: Layout): Recording {
  const { items } = read(layout, 'objects.json') as { items: KubernetesObject[] };
  const { version, server, catalogue, inspect, units } = read(layout, 'cluster.json') as ClusterFile;
  const lists = Object.fromEntries(
    Object.values(PLURALS).map((path): [string, KubernetesObject[]] => [path, []]),
  );
  const objects: Record<string, KubernetesObject> = {};
  for (const item of items) {
    const plural = SINGLE[item.kind ?? ''];
    if (plural === undefined) lists[PLURALS[item.kind ?? ''] ?? `unasked/${item.kind ?? ''}`]?.push(item);
    else
      objects[`/api/v1/namespaces/${item.metadata.namespace ?? ''}/${plural}/${item.metadata.name}`] = item;
  }
  return {
    version: version.gitVersion,
    server,
    lists,
    objects,
    units: units ?? {},
    catalogue: catalogue ?? null,
    ...(inspect === undefined ? {} : { inspect }),
  };
}
