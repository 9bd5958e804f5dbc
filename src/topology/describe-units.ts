import type { LiveMember, Service } from '../model/topology.ts';
import type { KubernetesObject } from '../ports/kubernetes.ts';
import { isStaticPod, type ClusterObjects } from './cluster-objects.ts';
import type { Described } from './describe-workloads.ts';
import { quorumOf, QUORUM_ANNOTATION } from './members-that-must-stay.ts';
import { byText, conditionOf, textAt } from './object-fields.ts';
import { rolesOf } from './roles.ts';

/** Stands where a namespace would be, for units that no object in the cluster speaks of. */
const ON_NODES = 'node';

interface UnitOnNode {
  readonly unit: string;
  readonly node: string;
  readonly pod?: KubernetesObject;
  readonly running?: boolean;
}

/** What runs once on several nodes without a workload: static pods, and units that the lab can list. */
export function describeUnits(objects: ClusterObjects): Described {
  const found = unitsOnNodes(objects);
  const names = [...new Set(found.map(({ unit }) => unit))].sort(byText);
  const uids = new Map(objects.nodes.map(({ metadata }) => [metadata.name, metadata.uid ?? '']));
  const described = names.map((unit) =>
    describeUnit(
      unit,
      found.filter((each) => each.unit === unit),
      uids,
    ),
  );
  return {
    services: described.map((each) => each.service),
    members: described.flatMap((each) => each.members),
  };
}

/** The units of each node that can be told apart, by node. */
export function unitNames(objects: ClusterObjects, node: string): readonly string[] {
  const here = unitsOnNodes(objects).filter((each) => each.node === node);
  return [...new Set(here.map(({ unit }) => unit))].sort(byText);
}

function unitsOnNodes(objects: ClusterObjects): readonly UnitOnNode[] {
  const found = new Map<string, UnitOnNode>();
  for (const pod of objects.pods.filter(isStaticPod)) {
    const node = textAt(pod, 'spec', 'nodeName') ?? '';
    const unit = pod.metadata.labels?.['component'] ?? pod.metadata.name.replace(`-${node}`, '');
    found.set(`${unit} ${node}`, { unit, node, pod });
  }
  for (const { node, units } of objects.units) {
    for (const { unit, running } of units) {
      const key = `${unit} ${node}`;
      found.set(key, { ...(found.get(key) ?? { unit, node }), running });
    }
  }
  return [...found.values()].sort((a, b) => byText(a.node, b.node));
}

function describeUnit(
  unit: string,
  places: readonly UnitOnNode[],
  uids: ReadonlyMap<string, string>,
): { readonly service: Service; readonly members: readonly LiveMember[] } {
  const example = places.find(({ pod }) => pod !== undefined)?.pod;
  const namespace = example?.metadata.namespace ?? ON_NODES;
  const id = `kubernetes/${namespace}/${unit}`;
  const annotations: Readonly<Record<string, string | undefined>> = example?.metadata.annotations ?? {};
  const roles = rolesOf([unit], annotations['squall.dev/role']);
  const quorum = quorumOf('unit', roles, places.length, annotations[QUORUM_ANNOTATION]);
  const members = places.map(({ node, pod, running }, rank): LiveMember => {
    // Where the unit is a static pod on other nodes, one without its mirror has not come up yet.
    const podReady = pod === undefined ? example === undefined : conditionOf(pod, 'Ready') === 'True';
    // A unit keeps its identity over restarts, as long as it is the same node.
    const uid = `${uids.get(node) ?? ''}/${unit}`;
    return { service: id, rank, name: node, uid, node, ready: podReady && running !== false };
  });
  const service: Service = {
    id,
    system: 'kubernetes',
    namespace,
    workload: unit,
    kind: 'unit',
    service: unit,
    component: unit,
    roles,
    labels: example?.metadata.labels ?? {},
    replicas: places.length,
    members: places.map(({ node }, rank) => ({ rank, node })),
    ...(quorum === undefined ? {} : { quorum }),
    unit,
  };
  return { service, members };
}
