import type { Topology } from '../../src/model/topology.ts';

const NODES = ['control-1', 'control-2', 'control-3', 'compute-1', 'compute-2'];

/** Five nodes, two systems, and the timers that the predictions of the fixture stand on. */
export function fixtureTopology(): Topology {
  return {
    schemaVersion: 1,
    lab: 'rehearsal',
    owned: true,
    systems: [
      {
        name: 'kubernetes',
        kind: 'kubernetes',
        distribution: 'kubeadm',
        version: 'v1.33.2',
        identity: 'uid-of-kube-system',
      },
      {
        name: 'openstack',
        kind: 'openstack',
        distribution: 'openstack-helm',
        version: '2025.1',
        identity: 'https://127.0.0.1/identity',
      },
    ],
    nodes: NODES.map((name) => ({
      name,
      system: 'kubernetes',
      roles: [name.split('-')[0] ?? 'control'],
      labels: {},
      addresses: ['127.0.0.1'],
      units: ['kubelet', 'containerd'],
    })),
    services: [
      {
        id: 'openstack/openstack/keystone-api',
        system: 'openstack',
        namespace: 'openstack',
        workload: 'keystone-api',
        kind: 'deployment',
        service: 'keystone',
        component: 'api',
        roles: ['api'],
        labels: {},
        replicas: 1,
        members: [{ rank: 0, node: 'control-1' }],
      },
    ],
    endpoints: [{ name: 'kubernetes', system: 'kubernetes', url: 'https://127.0.0.1:6443' }],
    timers: [
      { name: 'keepalived.advert-interval', value: { ms: 300 }, source: 'keepalived.conf on control-1' },
      { name: 'etcd.election-timeout', value: { ms: 500 }, source: 'the etcd static pod on control-1' },
    ],
    abilities: ['kubernetes', 'openstack', 'power', 'freeze', 'links', 'units'],
    missingAbilities: [
      { ability: 'snapshot', reason: 'The model keeps no disks.', remedy: 'Use the reference lab.' },
    ],
    disclosures: [
      'This is a rehearsal: a model of the cloud answered, so its figures say nothing about a real one.',
      'Its timers are shorter than the real defaults; the predictions use the short ones.',
    ],
    live: {
      nodes: NODES.map((name) => ({ name, uid: `uid-${name}`, ready: true, schedulable: true })),
      members: [
        {
          service: 'openstack/openstack/keystone-api',
          rank: 0,
          name: 'keystone-api-6d5f7c9b8-x2x9q',
          uid: 'uid-keystone',
          node: 'control-1',
          ready: true,
        },
      ],
      holders: [{ what: 'api-address', node: 'control-1' }],
    },
  };
}
