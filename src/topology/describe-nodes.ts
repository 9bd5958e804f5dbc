import type { LiveNode, System, TopologyNode } from '../model/topology.ts';
import type { KubernetesObject } from '../ports/kubernetes.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import { unitNames } from './describe-units.ts';
import { rolesOfNode } from './node-roles.ts';
import { byText, conditionOf, field, listAt, textAt } from './object-fields.ts';

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
    ...named('boot', textAt(node, 'status', 'nodeInfo', 'bootID')),
    ...named('provider', textAt(node, 'spec', 'providerID')),
    ...named('said', lastHeard(node)),
    ready: conditionOf(node, 'Ready') === 'True',
    schedulable: field(node, 'spec', 'unschedulable') !== true,
  }));
}

const lastHeard = (node: KubernetesObject): string | undefined => {
  const conditions = listAt(node, 'status', 'conditions');
  return textAt(
    conditions.find((each) => field(each, 'type') === 'Ready'),
    'lastHeartbeatTime',
  );
};

/** An empty text names nothing. */
const named = <Key extends string>(
  key: Key,
  value: string | undefined,
): { readonly [name in Key]?: string } =>
  value === undefined || value === '' ? {} : ({ [key]: value } as { readonly [name in Key]?: string });

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
