import type { LiveNode, System, TopologyNode } from '../model/topology.ts';
import type { KubernetesObject } from '../ports/kubernetes.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import { unitNames } from './describe-units.ts';
import { byText, conditionOf, field, listAt, textAt } from './object-fields.ts';

const CONTROL_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/** Nodes in order of name. */
export function describeNodes(objects: ClusterObjects, systems: readonly System[]): readonly TopologyNode[] {
  const declaresCompute = objects.nodes.some(
    (node) => node.metadata.labels?.['openstack-compute-node'] !== undefined,
  );
  return sorted(objects.nodes).map((node) => ({
    name: node.metadata.name,
    system: providerOf(node, systems),
    roles: rolesOfNode(node, declaresCompute),
    labels: node.metadata.labels ?? {},
    addresses: addressesOf(node),
    units: unitNames(objects, node.metadata.name),
  }));
}

export function describeLiveNodes(objects: ClusterObjects): readonly LiveNode[] {
  return sorted(objects.nodes).map((node) => ({
    name: node.metadata.name,
    uid: node.metadata.uid ?? '',
    ready: conditionOf(node, 'Ready') === 'True',
    schedulable: field(node, 'spec', 'unschedulable') !== true,
  }));
}

const sorted = (nodes: readonly KubernetesObject[]): readonly KubernetesObject[] =>
  [...nodes].sort((a, b) => byText(a.metadata.name, b.metadata.name));

/** A node may be a server of an OpenStack that is under test as well; otherwise the cluster is all that is known of it. */
function providerOf(node: KubernetesObject, systems: readonly System[]): string {
  const isServer = textAt(node, 'spec', 'providerID')?.startsWith('openstack://') === true;
  const cloud = systems.find(
    (system) => system.kind === 'openstack' && system.distribution !== 'openstack-helm',
  );
  return isServer && cloud !== undefined ? cloud.name : 'kubernetes';
}

/** Where nobody says which nodes are for compute, all are that are not for control: they carry what users run. */
function rolesOfNode(node: KubernetesObject, declaresCompute: boolean): readonly string[] {
  const labels: Readonly<Record<string, string | undefined>> = node.metadata.labels ?? {};
  const control =
    CONTROL_LABELS.some((label) => labels[label] !== undefined) ||
    labels['openstack-control-plane'] === 'enabled';
  const compute = declaresCompute ? labels['openstack-compute-node'] === 'enabled' : !control;
  const declared = (labels['squall.dev/role'] ?? '').split('.').filter((role) => role !== '');
  return [...new Set([...(control ? ['control'] : []), ...(compute ? ['compute'] : []), ...declared])];
}

/** In the order in which they can be reached: inside first. Names are left out. */
function addressesOf(node: KubernetesObject): readonly string[] {
  const all = listAt(node, 'status', 'addresses');
  const ofType = (type: string): readonly string[] =>
    all
      .filter((each) => field(each, 'type') === type)
      .map((each) => textAt(each, 'address') ?? '')
      .sort(byText);
  return [...ofType('InternalIP'), ...ofType('ExternalIP')].filter((address) => address !== '');
}
