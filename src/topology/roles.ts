/** What a workload is and what it is for. */
export interface Identification {
  /** The product it is part of, such as `keystone`, `etcd`. */
  readonly service: string;
  readonly component: string;
  readonly roles: readonly string[];
}

/** Patterns over `<service>-<component>` and the workload's name, in order: the first that matches says what it is for. */
const ROLES: readonly { readonly pattern: RegExp; readonly roles: readonly string[] }[] = [
  {
    pattern:
      /^(mariadb|rabbitmq|memcached|etcd)-.*(controller|exporter|ingress|error-pages|backup)|^(rook-)?ceph-mon-(check|canary|exporter)/,
    roles: ['controller'],
  },
  { pattern: /^(rook-)?ceph-mon(-|$)/, roles: ['ceph-monitor'] },
  { pattern: /^etcd(-|$)/, roles: ['etcd'] },
  { pattern: /^(coredns|kube-dns)/, roles: ['dns'] },
  { pattern: /^kube-apiserver/, roles: ['api'] },
  { pattern: /^kube-(controller-manager|scheduler)|^cloud-controller-manager/, roles: ['controller'] },
  { pattern: /^(mariadb|mysql|galera|percona|postgres)/, roles: ['database'] },
  { pattern: /^ovn-(ovsdb|nb|sb|central)|^ovnkube-db|-ovn-db(-|$)/, roles: ['ovn-database'] },
  { pattern: /^rabbitmq/, roles: ['queue'] },
  { pattern: /^(memcached|redis)/, roles: ['cache'] },
  { pattern: /^(ingress|haproxy)(-|$)/, roles: ['balancer'] },
  {
    pattern:
      /^nova-compute|-agent(-|$)|^(kube-proxy|kube-flannel|kindnet|calico-node|cilium|openvswitch|libvirt)/,
    roles: ['agent'],
  },
  { pattern: /(^|-)(api|osapi|os-api)(-|$)|^neutron-server/, roles: ['api'] },
  {
    pattern:
      /(^|-)(conductor|scheduler|engine|controller|worker|operator|volume|backup|rpc-server|provisioner)(-|$)/,
    roles: ['controller'],
  },
];

/**
 * Roles by the names that products use everywhere. An annotation `squall.dev/role` on the workload, a list with commas, says
 * otherwise.
 */
export function rolesOf(names: readonly string[], declared: string | undefined): readonly string[] {
  if (declared !== undefined)
    return declared
      .split(',')
      .map((role) => role.trim())
      .filter((role) => role !== '');
  return ROLES.find(({ pattern }) => names.some((name) => pattern.test(name)))?.roles ?? [];
}
