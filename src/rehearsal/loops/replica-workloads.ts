import { listAt, numberAt, objectAt, sameJson, textAt, type Json } from '../cluster-api/json.ts';
import type { KubeObject } from '../cluster-api/object-client.ts';
import { resourceNamed } from '../cluster-api/resources.ts';
import { isReady } from '../cluster-api/subresources.ts';
import { conditionFrom, deleteAsController, hashOf, ownerOf, type ControllerTools } from './loop.ts';

const DEPLOYMENTS = resourceNamed('deployments');
const REPLICA_SETS = resourceNamed('replicasets');
const PODS = resourceNamed('pods');
const HASH_LABEL = 'pod-template-hash';

/** Neither ended nor being deleted: what counts as one of a workload's replicas. */
export const isActive = (pod: KubeObject): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  !['Failed', 'Succeeded'].includes(textAt(pod, 'status', 'phase') ?? '');

const replicasOf = (object: KubeObject): number => numberAt(object, 'spec', 'replicas') ?? 1;
const isLeaving = (object: KubeObject): boolean => object.metadata.deletionTimestamp !== undefined;

/** One replica set for each template of a deployment; those of older templates shrink as the new one gets ready. */
export async function syncDeployments(tools: ControllerTools): Promise<void> {
  const { snapshot, attempt } = tools;
  for (const deployment of snapshot.of('deployments').filter((each) => !isLeaving(each)))
    await attempt(syncDeployment(tools, deployment));
}

async function syncDeployment(tools: ControllerTools, deployment: KubeObject): Promise<void> {
  const { objects, snapshot } = tools;
  const hash = hashOf(objectAt(deployment, 'spec', 'template'));
  const sets = snapshot.ownedBy('replicasets', deployment);
  const newest = sets.find((set) => set.metadata.labels?.[HASH_LABEL] === hash);
  const wanted = replicasOf(deployment);
  if (newest === undefined) await objects.create(REPLICA_SETS, replicaSetOf(deployment, hash));
  else if (replicasOf(newest) !== wanted) await resize(tools, newest, wanted);
  const ready = newest === undefined ? 0 : readyPods(tools, newest);
  for (const old of sets.filter((set) => set !== newest)) {
    const left = Math.min(replicasOf(old), Math.max(0, wanted - ready));
    if (left !== replicasOf(old)) await resize(tools, old, left);
  }
  const pods = sets.flatMap((set) => snapshot.ownedBy('pods', set)).filter(isActive);
  const updated = newest === undefined ? 0 : snapshot.ownedBy('pods', newest).filter(isActive).length;
  await writeStatus(tools, DEPLOYMENTS, deployment, {
    ...counts(deployment, pods),
    ...positive({
      updatedReplicas: updated,
      unavailableReplicas: Math.max(0, wanted - pods.filter(isReady).length),
    }),
    conditions: deploymentConditions(
      deployment,
      pods.filter(isReady).length >= Math.max(0, wanted - Math.floor(wanted / 4)),
      tools,
    ),
  });
}

const readyPods = ({ snapshot }: ControllerTools, set: KubeObject): number =>
  snapshot.ownedBy('pods', set).filter((pod) => isActive(pod) && isReady(pod)).length;

function deploymentConditions(
  deployment: KubeObject,
  available: boolean,
  { nowMs }: ControllerTools,
): readonly Json[] {
  const present = (type: string): unknown =>
    listAt(deployment, 'status', 'conditions').find((each) => textAt(each, 'type') === type);
  const status = available ? 'True' : 'False';
  const reason = available ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable';
  return [
    conditionFrom(present('Available'), { type: 'Available', status, reason }, nowMs()),
    conditionFrom(
      present('Progressing'),
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
      nowMs(),
    ),
  ];
}

const resize = ({ objects }: ControllerTools, set: KubeObject, replicas: number): Promise<unknown> =>
  objects.update(REPLICA_SETS, {
    ...set,
    metadata: { ...set.metadata, generation: (set.metadata.generation ?? 1) + 1 },
    spec: { ...objectAt(set, 'spec'), replicas },
  });

function replicaSetOf(deployment: KubeObject, hash: string): Json {
  const { name, namespace } = deployment.metadata;
  const template = objectAt(deployment, 'spec', 'template');
  const labels = { ...objectAt(template, 'metadata', 'labels'), [HASH_LABEL]: hash };
  const selector = objectAt(deployment, 'spec', 'selector');
  return {
    metadata: { name: `${name}-${hash}`, namespace, labels, ownerReferences: [ownerOf(deployment)] },
    spec: {
      replicas: replicasOf(deployment),
      selector: { ...selector, matchLabels: { ...objectAt(selector, 'matchLabels'), [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...objectAt(template, 'metadata'), labels } },
    },
  };
}

/** As many pods as each replica set shall have. */
export async function syncReplicaSets(tools: ControllerTools): Promise<void> {
  for (const set of tools.snapshot.of('replicasets').filter((each) => !isLeaving(each)))
    await tools.attempt(syncReplicaSet(tools, set));
}

async function syncReplicaSet(tools: ControllerTools, set: KubeObject): Promise<void> {
  const { objects, snapshot, token } = tools;
  const pods = snapshot.ownedBy('pods', set).filter(isActive);
  const wanted = replicasOf(set);
  for (let missing = wanted - pods.length; missing > 0; missing -= 1)
    await objects.create(PODS, podFrom(set, `${set.metadata.name}-${token(5)}`));
  // Those that serve nobody yet go first.
  const excess = [...pods]
    .sort((a, b) => Number(isReady(a)) - Number(isReady(b)))
    .slice(0, Math.max(0, pods.length - wanted));
  for (const pod of excess) await deleteAsController(tools, pod);
  await writeStatus(tools, REPLICA_SETS, set, counts(set, pods));
}

/** A pod of a workload's template, with the owner that it has. */
export function podFrom(
  owner: KubeObject,
  name: string,
  more: { readonly labels?: Json; readonly spec?: Json } = {},
): Json {
  const template = objectAt(owner, 'spec', 'template');
  const metadata = objectAt(template, 'metadata');
  return {
    metadata: {
      ...metadata,
      name,
      namespace: owner.metadata.namespace,
      labels: { ...objectAt(metadata, 'labels'), ...more.labels },
      ownerReferences: [ownerOf(owner)],
    },
    spec: { ...objectAt(template, 'spec'), ...more.spec },
  };
}

/** Counts of zero are left out, as the API leaves them out. */
export const positive = (given: Readonly<Record<string, number>>): Json =>
  Object.fromEntries(Object.entries(given).filter(([, count]) => count > 0));

export function counts(object: KubeObject, pods: readonly KubeObject[]): Json {
  const ready = pods.filter(isReady).length;
  return {
    observedGeneration: object.metadata.generation ?? 1,
    replicas: pods.length,
    ...positive({ readyReplicas: ready, availableReplicas: ready }),
  };
}

/** Writes a status as it is computed, if it is another one than before. */
export async function writeStatus(
  { objects }: ControllerTools,
  resource: Parameters<typeof objects.change>[0],
  object: KubeObject,
  status: Json,
): Promise<void> {
  if (sameJson(object['status'], status)) return;
  const { namespace, name, uid, generation } = object.metadata;
  await objects.change(resource, namespace, name, (present) => {
    const same = present.metadata.uid === uid && present.metadata.generation === generation;
    return same ? { ...present, status } : undefined;
  });
}
