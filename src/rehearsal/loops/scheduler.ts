import { isTrue, withSpec } from '../cluster-api/conditions.ts';
import { at, listAt, objectAt, textAt } from '../cluster-api/json.ts';
import type { KubeObject } from '../cluster-api/kube-object.ts';
import { ObjectClient } from '../cluster-api/object-client.ts';
import { attempt, LOOK_MS, startLoop, type LeaderContext, type Stop } from './loop.ts';

/** Whose pods may run on control nodes, each on another; pods of users go to compute nodes. */
const SYSTEM_NAMESPACES = ['kube-system', 'openstack'];

/** Binds pods to nodes, while this one leads. */
export function startScheduler(context: LeaderContext): Stop {
  const objects = new ObjectClient(context);
  return startLoop(context, LOOK_MS, async () => {
    if (!context.isLeader()) return;
    const pods = [...(await objects.list('pods')).objects];
    if (!pods.some(isWaiting)) return;
    const nodes = (await objects.list('nodes')).objects;
    for (const [index, pod] of pods.entries()) {
      const nodeName = isWaiting(pod) ? chooseNode(pod, nodes, pods) : undefined;
      if (nodeName === undefined || !context.isLeader()) continue;
      const bind = (each: KubeObject): KubeObject => (isWaiting(each) ? withSpec(each, { nodeName }) : each);
      pods[index] = bind(pod);
      await attempt(objects.change(pod, bind));
    }
  });
}

export const nodeOf = (pod: KubeObject): string => textAt(pod, 'spec', 'nodeName') ?? '';

const isWaiting = (pod: KubeObject): boolean => nodeOf(pod) === '' && !('deletionTimestamp' in pod.metadata);

/** The fitting node with the fewest pods of the same owner, and then of all; undefined when none fits. */
export function chooseNode(
  pod: KubeObject,
  nodes: readonly KubeObject[],
  pods: readonly KubeObject[],
): string | undefined {
  const isSystem = SYSTEM_NAMESPACES.includes(pod.metadata.namespace ?? '');
  const ownerOf = ({ metadata }: KubeObject): string | undefined => metadata.ownerReferences?.[0]?.uid;
  const fitting = nodes
    .filter((node) => fits(node, pod, isSystem))
    .map(({ metadata: { name } }) => {
      const there = pods.filter((each) => nodeOf(each) === name);
      const siblings = there.filter((each) => ownerOf(each) === (ownerOf(pod) ?? 'nobody')).length;
      return { name, siblings, pods: there.length };
    })
    .filter(({ siblings }) => !isSystem || siblings === 0);
  fitting.sort((a, b) => a.siblings - b.siblings || a.pods - b.pods || a.name.localeCompare(b.name));
  return fitting[0]?.name;
}

function fits(node: KubeObject, pod: KubeObject, isSystem: boolean): boolean {
  const selector = objectAt(pod, 'spec', 'nodeSelector');
  const isAnywhere = Object.keys(selector).length === 0 && !isSystem;
  const wanted = Object.entries(isAnywhere ? { 'openstack-compute-node': 'enabled' } : selector);
  return (
    isTrue(node, 'Ready') &&
    at(node, 'spec', 'unschedulable') !== true &&
    wanted.every(([key, value]) => node.metadata.labels?.[key] === value) &&
    listAt(node, 'spec', 'taints').every((taint) => tolerationsOf(pod, taint).length > 0)
  );
}

/** What of a pod's tolerations is about that taint. */
export const tolerationsOf = (pod: KubeObject, taint: unknown): readonly unknown[] =>
  listAt(pod, 'spec', 'tolerations').filter((each) =>
    ['key', 'effect'].every((field) => [textAt(taint, field), undefined].includes(textAt(each, field))),
  );
