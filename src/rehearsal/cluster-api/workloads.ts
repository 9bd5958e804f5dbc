import { formatDuration } from '../../model/duration.ts';
import { timer } from '../timers.ts';
import type { Json } from './json.ts';

/** Kind, name, application, component and replicas; where something listens, also its port and the Service before it. */
type Row = readonly [string, string, string, string, number, number?, string?];

/** Of kubeadm and OpenStack-Helm, with the names and labels that they give. */
export const WORKLOADS: readonly Row[] = [
  ['deployments', 'coredns', 'kube-dns', 'kube-dns', 2, 53, 'kube-dns'],
  ['deployments', 'keystone-api', 'keystone', 'api', 3, 5000, 'keystone-api'],
  ['deployments', 'glance-api', 'glance', 'api', 2, 9292, 'glance-api'],
  ['deployments', 'nova-api-osapi', 'nova', 'os-api', 3, 8774, 'nova-api'],
  ['deployments', 'neutron-server', 'neutron', 'server', 3, 9696, 'neutron-server'],
  ['deployments', 'cinder-api', 'cinder', 'api', 2, 8776, 'cinder-api'],
  ['deployments', 'placement-api', 'placement', 'api', 2, 8778, 'placement-api'],
  ['deployments', 'nova-conductor', 'nova', 'conductor', 2],
  ['deployments', 'nova-scheduler', 'nova', 'scheduler', 2],
  ['statefulsets', 'mariadb-server', 'mariadb', 'server', 3, 3306, 'mariadb'],
  ['statefulsets', 'rabbitmq-rabbitmq', 'rabbitmq', 'server', 3, 5672, 'rabbitmq'],
  ['statefulsets', 'memcached-memcached', 'memcached', 'server', 3, 11_211, 'memcached'],
  ['daemonsets', 'nova-compute-default', 'nova', 'compute', 2],
];

/** What an owner of the rehearsal promises: started, and looked at by a readiness probe, with time for both loops before that. */
const START_MS = timer('pod-start') + timer('pod-stop') + 2 * timer('readiness-period');

export type Seed = readonly [plural: string, object: Json];

/** Every object of a workload. */
export function objectsOf(row: Row): readonly Seed[] {
  const [kind, name, application, component, replicas, port, service] = row;
  const isDns = application === 'kube-dns';
  const isDaemon = kind === 'daemonsets';
  const labels = isDns ? { 'k8s-app': application } : { release_group: application, application, component };
  const metadata = { name, namespace: isDns ? 'kube-system' : 'openstack', labels };
  const annotations = { 'squall.dev/pod-start': formatDuration({ ms: START_MS }) };
  const selector = { matchLabels: labels };
  const readinessProbe = {
    ...(port === undefined ? { exec: { command: ['health-probe'] } } : { tcpSocket: { port } }),
    periodSeconds: timer('readiness-period') / 1000,
    failureThreshold: timer('readiness-failure-threshold'),
    timeoutSeconds: 1,
  };
  const openstackImage = `quay.io/airshipit/${application}:2025.1-ubuntu_jammy`;
  const image = isDns ? 'registry.k8s.io/coredns/coredns:v1.12.1' : openstackImage;
  const nodeSelector = { [isDaemon ? 'openstack-compute-node' : 'openstack-control-plane']: 'enabled' };
  const podSpec = { nodeSelector, containers: [{ name, image, readinessProbe }] };
  const template = { metadata: { labels }, spec: podSpec };
  const spec = { ...(isDaemon ? {} : { replicas }), selector, template };
  const seeds: Seed[] = [[kind, { metadata: { ...metadata, annotations }, spec }]];
  const ports = [{ name: 'main', port }];
  if (port !== undefined)
    seeds.push(['services', { metadata: { ...metadata, name: service }, spec: { selector: labels, ports } }]);
  const budget = kind === 'statefulsets' ? { maxUnavailable: 1 } : { minAvailable: 1 };
  if (port !== undefined && !['kube-dns', 'memcached'].includes(application))
    seeds.push(['poddisruptionbudgets', { metadata, spec: { ...budget, selector } }]);
  return seeds;
}
