import { createHash } from 'node:crypto';
import { isReady } from '../cluster-api/conditions.ts';
import { numberAt, objectAt, type Json } from '../cluster-api/json.ts';
import { refTo, type KubeObject } from '../cluster-api/object-client.ts';
import type { ControllerTools, Sync } from './loop.ts';
import { nodeOf } from './scheduler.ts';

const HASH_LABEL = 'pod-template-hash';

const nameOf = ({ metadata }: KubeObject): string => metadata.name;
const replicasOf = (object: KubeObject): number => numberAt(object, 'spec', 'replicas') ?? 1;
const activeOf = ({ snapshot }: ControllerTools, set: KubeObject): readonly KubeObject[] =>
  snapshot.ownedBy('pods', set).filter(({ metadata }) => metadata.deletionTimestamp === undefined);

/** In the namespace of its owner. */
export const ownedBy = ({ apiVersion, kind, metadata: { name, uid, namespace } }: KubeObject): Json => {
  return { namespace, ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] };
};

/** One replica set for each template of a deployment; those of older templates shrink as the new one gets ready. */
export const syncDeployment: Sync = async (tools, deployment) => {
  const { objects, snapshot } = tools;
  const wanted = replicasOf(deployment);
  const template = objectAt(deployment, 'spec', 'template');
  const hash = createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 10);
  const sets = snapshot.ownedBy('replicasets', deployment);
  const newest = sets.find(({ metadata }) => metadata.labels?.[HASH_LABEL] === hash);
  const updated = newest === undefined ? [] : activeOf(tools, newest);
  if (newest === undefined) {
    const labels = { ...objectAt(template, 'metadata', 'labels'), [HASH_LABEL]: hash };
    const spec = { selector: { matchLabels: labels }, template: { ...template, metadata: { labels } } };
    const metadata = { ...ownedBy(deployment), name: `${deployment.metadata.name}-${hash}`, labels };
    await objects.create('replicasets', { metadata, spec: { ...spec, replicas: wanted } });
  }
  for (const set of sets) {
    const left = Math.max(0, wanted - updated.filter(isReady).length);
    const replicas = set === newest ? wanted : Math.min(replicasOf(set), left);
    await objects.change(refTo(set), (each) => ({ ...each, spec: { ...objectAt(each, 'spec'), replicas } }));
  }
  const pods = sets.flatMap((set) => activeOf(tools, set));
  await writeStatus(tools, deployment, pods, { updatedReplicas: updated.length });
};

/** As many pods as a replica set shall have; of too many, those go first that serve nobody yet. */
export const syncReplicaSet: Sync = async (tools, set) => {
  const pods = [...activeOf(tools, set)].sort((a, b) => Number(isReady(b)) - Number(isReady(a)));
  const fresh = (): string => `${set.metadata.name}-${tools.token(5)}`;
  const names = Array.from({ length: replicasOf(set) }, (_, index) => pods[index]?.metadata.name ?? fresh());
  await syncPods(tools, set, new Map(names.map((name) => [name, { name }])), nameOf);
  await writeStatus(tools, set, pods);
};

/** Pods with numbers: a number is used again only when its pod is really gone, wherever that pod was. */
export const syncStatefulSet: Sync = async (tools, set) => {
  const names = Array.from({ length: replicasOf(set) }, (_, ordinal) => `${set.metadata.name}-${ordinal}`);
  await syncPods(tools, set, new Map(names.map((name) => [name, { name }])), nameOf);
  await writeStatus(tools, set, activeOf(tools, set));
};

/** One pod on each node that fits, bound to it from the start, and never evicted: it has no other place. */
export const syncDaemonSet: Sync = async (tools, set) => {
  const selector = Object.entries(objectAt(set, 'spec', 'template', 'spec', 'nodeSelector'));
  const wanted = new Map<string, PodWanted>();
  for (const { metadata } of tools.snapshot.of('nodes')) {
    if (!selector.every(([key, value]) => metadata.labels?.[key] === value)) continue;
    const spec = { nodeName: metadata.name, tolerations: [{ operator: 'Exists' }] };
    wanted.set(metadata.name, { name: `${set.metadata.name}-${tools.token(5)}`, spec });
  }
  await syncPods(tools, set, wanted, nodeOf);
  const pods = activeOf(tools, set);
  const numberReady = pods.filter(isReady).length;
  await writeStatus(tools, set, pods, { desiredNumberScheduled: wanted.size, numberReady });
};

interface PodWanted {
  readonly name: string;
  readonly spec?: Json;
}

/** Creates the pods that are missing and deletes those that nobody wants; `keyOf` says which of the wanted ones a pod is. */
async function syncPods(
  tools: ControllerTools,
  set: KubeObject,
  wanted: ReadonlyMap<string, PodWanted>,
  keyOf: (pod: KubeObject) => string,
): Promise<void> {
  const { objects, snapshot } = tools;
  const present = snapshot.ownedBy('pods', set).map(keyOf);
  const template = objectAt(set, 'spec', 'template');
  for (const [key, { name, spec }] of wanted) {
    if (present.includes(key)) continue;
    const metadata = { ...objectAt(template, 'metadata'), ...ownedBy(set), name };
    await objects.create('pods', { metadata, spec: { ...objectAt(template, 'spec'), ...spec } });
  }
  for (const pod of activeOf(tools, set)) if (!wanted.has(keyOf(pod))) await objects.delete(refTo(pod));
}

async function writeStatus(
  { objects }: ControllerTools,
  object: KubeObject,
  pods: readonly KubeObject[],
  more: Json = {},
): Promise<void> {
  const ready = pods.filter(isReady).length;
  const counts = { replicas: pods.length, readyReplicas: ready, availableReplicas: ready };
  const status = { observedGeneration: object.metadata.generation, ...counts, ...more };
  await objects.change(refTo(object), (present) => ({ ...present, status }));
}
