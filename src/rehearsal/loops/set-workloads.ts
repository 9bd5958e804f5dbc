import { numberAt, objectAt, textAt, textsAt } from '../cluster-api/json.ts';
import type { KubeObject } from '../cluster-api/object-client.ts';
import { resourceNamed } from '../cluster-api/resources.ts';
import { isReady } from '../cluster-api/subresources.ts';
import { deleteAsController, hashOf, type ControllerTools } from './loop.ts';
import { counts, isActive, podFrom, positive, writeStatus } from './replica-workloads.ts';

const STATEFUL_SETS = resourceNamed('statefulsets');
const DAEMON_SETS = resourceNamed('daemonsets');
const PODS = resourceNamed('pods');
const REVISION_LABEL = 'controller-revision-hash';

const revisionOf = (workload: KubeObject): string => hashOf(objectAt(workload, 'spec', 'template'));
const isLeaving = (object: KubeObject): boolean => object.metadata.deletionTimestamp !== undefined;

/** Pods with numbers: a number is used again only when its pod is really gone, wherever that pod was. */
export async function syncStatefulSets(tools: ControllerTools): Promise<void> {
  for (const set of tools.snapshot.of('statefulsets').filter((each) => !isLeaving(each)))
    await tools.attempt(syncStatefulSet(tools, set));
}

async function syncStatefulSet(tools: ControllerTools, set: KubeObject): Promise<void> {
  const { objects, snapshot } = tools;
  const revision = revisionOf(set);
  const pods = snapshot.ownedBy('pods', set);
  const wanted = numberAt(set, 'spec', 'replicas') ?? 1;
  const ordered = textAt(set, 'spec', 'podManagementPolicy') !== 'Parallel';
  for (let ordinal = 0; ordinal < wanted; ordinal += 1) {
    const name = `${set.metadata.name}-${ordinal}`;
    const present = pods.find((pod) => pod.metadata.name === name);
    if (present === undefined) {
      const labels = {
        [REVISION_LABEL]: revision,
        'statefulset.kubernetes.io/pod-name': name,
        'apps.kubernetes.io/pod-index': String(ordinal),
      };
      const spec = { hostname: name, subdomain: textAt(set, 'spec', 'serviceName') ?? '' };
      await objects.create(PODS, podFrom(set, name, { labels, spec }));
    }
    if (ordered && (present === undefined || !isReady(present))) break;
  }
  const active = pods.filter(isActive);
  const excess = active.filter((pod) => ordinalOf(pod) >= wanted).sort((a, b) => ordinalOf(b) - ordinalOf(a));
  if (excess[0] !== undefined) await deleteAsController(tools, excess[0]);
  else await replaceOldest(tools, active, revision, wanted);
  const updated = active.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] === revision).length;
  await writeStatus(tools, STATEFUL_SETS, set, {
    ...counts(set, active),
    ...positive({ updatedReplicas: updated, currentReplicas: updated }),
    currentRevision: `${set.metadata.name}-${revision}`,
    updateRevision: `${set.metadata.name}-${revision}`,
  });
}

const ordinalOf = ({ metadata }: KubeObject): number => Number(/-(\d+)$/.exec(metadata.name)?.[1] ?? 0);

/** One at a time from the highest number down, and only while all are ready. */
async function replaceOldest(
  tools: ControllerTools,
  active: readonly KubeObject[],
  revision: string,
  wanted: number,
): Promise<void> {
  if (active.filter(isReady).length < wanted) return;
  const old = active
    .filter((pod) => pod.metadata.labels?.[REVISION_LABEL] !== revision)
    .sort((a, b) => ordinalOf(b) - ordinalOf(a))[0];
  if (old !== undefined) await deleteAsController(tools, old);
}

/** So that no silence of a node takes its daemons away: they have no other place (DaemonSet controller). */
const DAEMON_TOLERATIONS = [
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
  'node.kubernetes.io/unschedulable',
].map((key) => ({
  key,
  operator: 'Exists',
  effect: key.endsWith('unschedulable') ? 'NoSchedule' : 'NoExecute',
}));

/** One pod on each node that fits, and bound to it from the start. */
export async function syncDaemonSets(tools: ControllerTools): Promise<void> {
  for (const set of tools.snapshot.of('daemonsets').filter((each) => !isLeaving(each)))
    await tools.attempt(syncDaemonSet(tools, set));
}

async function syncDaemonSet(tools: ControllerTools, set: KubeObject): Promise<void> {
  const { objects, snapshot, token } = tools;
  const revision = revisionOf(set);
  const wanted = Object.entries(textsAt(set, 'spec', 'template', 'spec', 'nodeSelector'));
  const nodes = snapshot
    .of('nodes')
    .filter(({ metadata }) => wanted.every(([key, value]) => metadata.labels?.[key] === value))
    .map(({ metadata }) => metadata.name);
  const pods = snapshot.ownedBy('pods', set);
  for (const node of nodes) {
    if (pods.some((pod) => textAt(pod, 'spec', 'nodeName') === node)) continue;
    const spec = { nodeName: node, tolerations: DAEMON_TOLERATIONS };
    const labels = { [REVISION_LABEL]: revision };
    await objects.create(PODS, podFrom(set, `${set.metadata.name}-${token(5)}`, { labels, spec }));
  }
  const active = pods.filter(isActive);
  const isAtHome = (pod: KubeObject): boolean => nodes.includes(textAt(pod, 'spec', 'nodeName') ?? '');
  for (const pod of active.filter((each) => !isAtHome(each))) await deleteAsController(tools, pod);
  const here = active.filter(isAtHome);
  await replaceOldest(tools, here, revision, nodes.length);
  const ready = here.filter(isReady).length;
  await writeStatus(tools, DAEMON_SETS, set, {
    observedGeneration: set.metadata.generation ?? 1,
    desiredNumberScheduled: nodes.length,
    currentNumberScheduled: here.length,
    updatedNumberScheduled: here.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] === revision).length,
    numberReady: ready,
    numberMisscheduled: active.length - here.length,
    ...positive({ numberAvailable: ready, numberUnavailable: nodes.length - ready }),
  });
}
