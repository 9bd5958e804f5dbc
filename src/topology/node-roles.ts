import type { KubernetesObject } from '../ports/kubernetes.ts';

const CONTROL_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

export function isControlNode(node: KubernetesObject): boolean {
  const labels: Readonly<Record<string, string | undefined>> = node.metadata.labels ?? {};
  return (
    CONTROL_LABELS.some((label) => labels[label] !== undefined) ||
    labels['openstack-control-plane'] === 'enabled'
  );
}

/** Where nobody says which nodes are for compute, all are that are not for control: they carry what users run. */
export function rolesOfNode(node: KubernetesObject, declaresCompute: boolean): readonly string[] {
  const labels: Readonly<Record<string, string | undefined>> = node.metadata.labels ?? {};
  const control = isControlNode(node);
  const compute = declaresCompute ? labels['openstack-compute-node'] === 'enabled' : !control;
  const declared = (labels['squall.dev/role'] ?? '').split('.').filter((role) => role !== '');
  return [...new Set([...(control ? ['control'] : []), ...(compute ? ['compute'] : []), ...declared])];
}
