import { createHash } from 'node:crypto';
import { isReady, withSpec } from '../cluster-api/conditions.ts';
import { numberAt, objectAt, type Json } from '../cluster-api/json.ts';
import type { KubeObject } from '../cluster-api/kube-object.ts';
import type { ControllerTools, Sync } from './loop.ts';

const HASH_LABEL = 'pod-template-hash';

/** In the namespace of its owner. */
export const belongingTo = ({ apiVersion, kind, metadata: { name, uid, namespace } }: KubeObject): Json => {
  return { namespace, ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] };
};

const replicasOf = (object: KubeObject): number => numberAt(object, 'spec', 'replicas') ?? 1;

const activeOf = ({ ownedBy }: ControllerTools, set: KubeObject): readonly KubeObject[] =>
  ownedBy('pods', set).filter(({ metadata }) => metadata.deletionTimestamp === undefined);

/** One replica set for each template of a deployment; those of older templates shrink as the new one gets ready. */
export const syncDeployment: Sync = async (tools, deployment) => {
  const { objects } = tools;
  const wanted = replicasOf(deployment);
  const template = objectAt(deployment, 'spec', 'template');
  const hash = createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 10);
  const sets = tools.ownedBy('replicasets', deployment);
  const newest = sets.find(({ metadata }) => metadata.labels?.[HASH_LABEL] === hash);
  const updated = newest === undefined ? [] : activeOf(tools, newest);
  if (newest === undefined) {
    const labels = { ...objectAt(template, 'metadata', 'labels'), [HASH_LABEL]: hash };
    const spec = { selector: { matchLabels: labels }, template: { ...template, metadata: { labels } } };
    const metadata = { ...belongingTo(deployment), name: `${deployment.metadata.name}-${hash}`, labels };
    await objects.create('replicasets', { metadata, spec: { ...spec, replicas: wanted } });
  }
  const left = Math.max(0, wanted - updated.filter(isReady).length);
  for (const set of sets) {
    const replicas = set === newest ? wanted : Math.min(replicasOf(set), left);
    await objects.change(set, (present) => withSpec(present, { replicas }));
  }
  const pods = sets.flatMap((set) => activeOf(tools, set));
  await writeStatus(tools, deployment, { ...countsOf(pods), updatedReplicas: updated.length });
};

/** As many pods as a replica set shall have; of too many, those go first that serve nobody yet. */
export const syncReplicaSet: Sync = async (tools, set) => {
  const pods = [...activeOf(tools, set)].sort((a, b) => Number(isReady(b)) - Number(isReady(a)));
  const fresh = (): string => `${set.metadata.name}-${tools.token(5)}`;
  await syncPods(
    tools,
    set,
    counted(set, (index) => [pods[index]?.metadata.name ?? fresh(), {}]),
  );
};

/** Pods with numbers: a number is used again only when its pod is really gone, wherever that pod was. */
export const syncStatefulSet: Sync = (tools, set) =>
  syncPods(
    tools,
    set,
    counted(set, (index) => [`${set.metadata.name}-${index}`, {}]),
  );

/** What the spec of each pod has besides the template, by the pod's name. */
type Wanted = ReadonlyMap<string, Json>;

const counted = (set: KubeObject, podAt: (index: number) => readonly [string, Json]): Wanted =>
  new Map(Array.from({ length: replicasOf(set) }, (_, index) => podAt(index)));

/** One pod on each node that fits, bound to it from the start, and never evicted: it has no other place. */
export const syncDaemonSet: Sync = async (tools, set) => {
  const wanted = new Map<string, Json>();
  const selector = Object.entries(objectAt(set, 'spec', 'template', 'spec', 'nodeSelector'));
  for (const { metadata } of tools.of('nodes')) {
    if (!selector.every(([key, value]) => metadata.labels?.[key] === value)) continue;
    const spec = { nodeName: metadata.name, tolerations: [{ operator: 'Exists' }] };
    wanted.set(`${set.metadata.name}-${metadata.uid.slice(0, 5)}`, spec);
  }
  await syncPods(tools, set, wanted);
};

/** Creates the pods that are missing, deletes those that nobody wants, and counts. */
async function syncPods(tools: ControllerTools, set: KubeObject, wanted: Wanted): Promise<void> {
  const { objects } = tools;
  const present = tools.ownedBy('pods', set).map(({ metadata }) => metadata.name);
  const template = objectAt(set, 'spec', 'template');
  for (const [name, own] of wanted) {
    if (present.includes(name)) continue;
    const metadata = { ...objectAt(template, 'metadata'), ...belongingTo(set), name };
    await objects.create('pods', { metadata, spec: { ...objectAt(template, 'spec'), ...own } });
  }
  const pods = activeOf(tools, set);
  for (const pod of pods) if (!wanted.has(pod.metadata.name)) await objects.delete(pod);
  const daemons = { desiredNumberScheduled: wanted.size, numberReady: pods.filter(isReady).length };
  await writeStatus(tools, set, set.kind === 'DaemonSet' ? daemons : countsOf(pods));
}

function countsOf(pods: readonly KubeObject[]): Json {
  const ready = pods.filter(isReady).length;
  return { replicas: pods.length, readyReplicas: ready, availableReplicas: ready };
}

async function writeStatus({ objects }: ControllerTools, object: KubeObject, counts: Json): Promise<void> {
  const status = { observedGeneration: object.metadata.generation, ...counts };
  await objects.change(object, (present) => ({ ...present, status }));
}
