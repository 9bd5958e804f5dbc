import { listAt, numberAt, textAt, type Json } from './json.ts';
import type { KubeObject } from './object-client.ts';
import type { Resource } from './resources.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly cell: (object: KubeObject) => unknown;
}

const column = (name: string, type: string, cell: (object: KubeObject) => unknown): Column => ({
  name,
  type,
  cell,
});

const conditionOf = (object: KubeObject, type: string): string | undefined =>
  textAt(
    listAt(object, 'status', 'conditions').find((each) => textAt(each, 'type') === type),
    'status',
  );

const readyOf = (object: KubeObject): string =>
  `${numberAt(object, 'status', 'readyReplicas') ?? 0}/${numberAt(object, 'spec', 'replicas') ?? 0}`;

/** What kubectl prints between the name and the age. */
const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  pods: [
    column(
      'Ready',
      'string',
      (pod) => `${conditionOf(pod, 'Ready') === 'True' ? 1 : 0}/${listAt(pod, 'spec', 'containers').length}`,
    ),
    column('Status', 'string', (pod) =>
      pod.metadata.deletionTimestamp === undefined ? (textAt(pod, 'status', 'phase') ?? '') : 'Terminating',
    ),
    column('Restarts', 'string', (pod) =>
      String(numberAt(pod, 'status', 'containerStatuses', 0, 'restartCount') ?? 0),
    ),
    column('Node', 'string', (pod) => textAt(pod, 'spec', 'nodeName') ?? '<none>'),
  ],
  nodes: [
    column('Status', 'string', (node) => (conditionOf(node, 'Ready') === 'True' ? 'Ready' : 'NotReady')),
    column('Version', 'string', (node) => textAt(node, 'status', 'nodeInfo', 'kubeletVersion') ?? ''),
  ],
  namespaces: [column('Status', 'string', (namespace) => textAt(namespace, 'status', 'phase') ?? '')],
  deployments: [
    column('Ready', 'string', readyOf),
    column('Up-to-date', 'integer', (object) => numberAt(object, 'status', 'updatedReplicas') ?? 0),
    column('Available', 'integer', (object) => numberAt(object, 'status', 'availableReplicas') ?? 0),
  ],
  statefulsets: [column('Ready', 'string', readyOf)],
  replicasets: [column('Ready', 'string', readyOf)],
  daemonsets: [
    column('Desired', 'integer', (object) => numberAt(object, 'status', 'desiredNumberScheduled') ?? 0),
    column('Ready', 'integer', (object) => numberAt(object, 'status', 'numberReady') ?? 0),
  ],
  services: [
    column('Type', 'string', (service) => textAt(service, 'spec', 'type') ?? ''),
    column('Cluster-IP', 'string', (service) => textAt(service, 'spec', 'clusterIP') ?? '<none>'),
  ],
  leases: [column('Holder', 'string', (lease) => textAt(lease, 'spec', 'holderIdentity') ?? '')],
};

/** A meta.k8s.io/v1 Table, as `kubectl get` asks for it. */
export function tableOf(
  resource: Resource,
  objects: readonly KubeObject[],
  metadata: Json,
  nowMs: number,
): Json {
  const columns = [
    column('Name', 'string', (object) => object.metadata.name),
    ...(COLUMNS[resource.plural] ?? []),
    column('Age', 'string', (object) => ageText(nowMs - Date.parse(object.metadata.creationTimestamp))),
  ];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map(({ name, type }) => ({
      name,
      type,
      format: name === 'Name' ? 'name' : '',
      description: name,
      priority: 0,
    })),
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object)),
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  };
}

/** The largest unit that leaves two digits, as kubectl's HumanDuration. */
function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
