import { formatDuration } from '../../model/duration.ts';
import { timer } from '../timers.ts';
import type { Json } from './json.ts';

/** The release of OpenStack whose images the workloads name. */
const RELEASE = '2025.1-ubuntu_jammy';
const REGISTRY = 'quay.io/airshipit';

export const OPENSTACK_NAMESPACE = 'openstack';

type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet';

/** One workload of OpenStack-Helm, with the names and labels that its chart gives it. */
interface Workload {
  readonly kind: WorkloadKind;
  readonly name: string;
  readonly application: string;
  readonly component: string;
  readonly image: string;
  readonly replicas: number;
  readonly port?: number;
  /** Name of the Service before it, where there is one. */
  readonly service?: string;
  readonly budget?: Json;
}

const api = (
  name: string,
  application: string,
  component: string,
  replicas: number,
  port: number,
  service: string,
): Workload => ({
  kind: 'Deployment',
  name,
  application,
  component,
  image: `${REGISTRY}/${application}:${RELEASE}`,
  replicas,
  port,
  service,
  budget: { minAvailable: 1 },
});

const worker = (name: string, application: string, component: string): Workload => ({
  kind: 'Deployment',
  name,
  application,
  component,
  image: `${REGISTRY}/${application}:${RELEASE}`,
  replicas: 2,
});

const member = (name: string, application: string, image: string, port: number, budget?: Json): Workload => ({
  kind: 'StatefulSet',
  name,
  application,
  component: 'server',
  image,
  replicas: 3,
  port,
  service: application,
  ...(budget === undefined ? {} : { budget }),
});

export const WORKLOADS: readonly Workload[] = [
  api('keystone-api', 'keystone', 'api', 3, 5000, 'keystone-api'),
  api('glance-api', 'glance', 'api', 2, 9292, 'glance-api'),
  api('nova-api-osapi', 'nova', 'os-api', 3, 8774, 'nova-api'),
  api('neutron-server', 'neutron', 'server', 3, 9696, 'neutron-server'),
  api('cinder-api', 'cinder', 'api', 2, 8776, 'cinder-api'),
  api('placement-api', 'placement', 'api', 2, 8778, 'placement-api'),
  worker('nova-conductor', 'nova', 'conductor'),
  worker('nova-scheduler', 'nova', 'scheduler'),
  member('mariadb-server', 'mariadb', `${REGISTRY}/mariadb:11.4.8-noble`, 3306, { maxUnavailable: 1 }),
  member('rabbitmq-rabbitmq', 'rabbitmq', 'docker.io/library/rabbitmq:4.1.4', 5672, { maxUnavailable: 1 }),
  member('memcached-memcached', 'memcached', 'docker.io/library/memcached:1.6.39', 11_211),
  {
    kind: 'DaemonSet',
    name: 'nova-compute-default',
    application: 'nova',
    component: 'compute',
    image: `${REGISTRY}/nova:${RELEASE}`,
    replicas: 0,
  },
];

/** What an owner of the rehearsal promises: started, and looked at by a readiness probe, with time for both loops before that. */
export const podStartText = (): string =>
  formatDuration({ ms: timer('pod-start') + timer('pod-stop') + 2 * timer('readiness-period') });

const labelsOf = ({ application, component }: Workload): Readonly<Record<string, string>> => ({
  release_group: application,
  application,
  component,
});

const SELECTOR_KEY: Readonly<Record<string, string>> = { DaemonSet: 'openstack-compute-node' };

/** Every object of a workload, by the plural of its resource. */
export function objectsOf(workload: Workload): readonly { readonly plural: string; readonly object: Json }[] {
  const { name, service, port, budget, kind } = workload;
  const labels = labelsOf(workload);
  const metadata = (own: string): Json => ({ name: own, namespace: OPENSTACK_NAMESPACE, labels });
  return [
    { plural: `${kind.toLowerCase()}s`, object: workloadObject(workload) },
    ...(service === undefined || port === undefined
      ? []
      : [
          {
            plural: 'services',
            object: {
              metadata: metadata(service),
              spec: { selector: labels, ports: [{ name: 'main', port, targetPort: port }] },
            },
          },
        ]),
    ...(budget === undefined
      ? []
      : [
          {
            plural: 'poddisruptionbudgets',
            object: { metadata: metadata(name), spec: { ...budget, selector: { matchLabels: labels } } },
          },
        ]),
  ];
}

function workloadObject(workload: Workload): Json {
  const { kind, name, application, image, port, replicas } = workload;
  const labels = labelsOf(workload);
  const ports = port === undefined ? {} : { ports: [{ name: 'main', containerPort: port, protocol: 'TCP' }] };
  const probe = port === undefined ? { exec: { command: ['health-probe'] } } : { tcpSocket: { port } };
  const readinessProbe = {
    ...probe,
    periodSeconds: timer('readiness-period') / 1000,
    failureThreshold: timer('readiness-failure-threshold'),
    timeoutSeconds: 1,
  };
  const spec = {
    nodeSelector: { [SELECTOR_KEY[kind] ?? 'openstack-control-plane']: 'enabled' },
    terminationGracePeriodSeconds: 30,
    containers: [{ name: name.split('-').slice(0, 2).join('-'), image, ...ports, readinessProbe }],
  };
  return {
    metadata: {
      name,
      namespace: OPENSTACK_NAMESPACE,
      labels,
      annotations: { 'squall.dev/pod-start': podStartText(), 'meta.helm.sh/release-name': application },
    },
    spec: {
      ...(kind === 'DaemonSet' ? {} : { replicas }),
      ...(kind === 'StatefulSet' ? { serviceName: application, podManagementPolicy: 'Parallel' } : {}),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec },
    },
  };
}
