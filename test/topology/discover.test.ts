import { expect } from 'chai';
import fc from 'fast-check';
import { before, describe, it } from 'mocha';
import type { HarnessError } from '../../src/model/errors.ts';
import { canonicalTopology, type Service, type Topology } from '../../src/model/topology.ts';
import { discover } from '../../src/topology/index.ts';
import {
  kubernetesOf,
  readRecording,
  RECORDINGS,
  shuffled,
  toolsOf,
  type Recording,
} from './recorded-cluster.ts';

const signal = new AbortController().signal;
const describeRecording = (recording: Recording): Promise<Topology> => discover(toolsOf(recording), signal);
const found = (name: (typeof RECORDINGS)[number]): Promise<Topology> =>
  describeRecording(readRecording(name));
const service = (topology: Topology, id: string): Service => {
  const one = topology.services.find((each) => each.id === id);
  if (one === undefined)
    throw new Error(`${id} was not found among ${topology.services.map((each) => each.id).join(', ')}`);
  return one;
};

describe('topology: discovery of OpenStack-Helm on kubeadm', () => {
  let topology: Topology;
  before(async () => {
    topology = await found('kubeadm-openstack-helm');
  });

  it('names both systems', () => {
    expect(
      topology.systems.map(({ name, distribution, version }) => `${name} ${distribution} ${version}`),
    ).to.deep.equal(['kubernetes kubeadm v1.32.4', 'openstack openstack-helm 2024.2-ubuntu_jammy']);
    expect(topology.systems[0]?.identity).to.match(/^[0-9a-f-]{36}$/);
    expect(topology.systems[1]?.identity).to.equal('http://10.20.0.100:5000');
  });

  it('gives nodes their roles, addresses and units', () => {
    expect(topology.nodes.map(({ name, roles }) => `${name} ${roles.join()}`)).to.deep.equal([
      'compute-1 compute',
      'compute-2 compute',
      'control-1 control',
      'control-2 control',
      'control-3 control',
    ]);
    expect(topology.nodes[2]).to.deep.include({ addresses: ['10.20.0.10'], system: 'kubernetes' });
    expect(topology.nodes[2]?.units).to.include.members(['etcd', 'keepalived', 'kube-apiserver', 'kubelet']);
    expect(topology.nodes[0]?.units).to.deep.equal(['containerd', 'kubelet']);
  });

  const rows: readonly [string, Partial<Service>][] = [
    [
      'openstack/openstack/keystone-api',
      {
        kind: 'deployment',
        service: 'keystone',
        component: 'api',
        roles: ['api'],
        replicas: 3,
        minAvailable: 1,
      },
    ],
    [
      'openstack/openstack/nova-api-osapi',
      { service: 'nova', component: 'os-api', roles: ['api'], replicas: 3 },
    ],
    ['openstack/openstack/neutron-server', { service: 'neutron', roles: ['api'] }],
    ['openstack/openstack/placement-api', { roles: ['api'] }],
    ['openstack/openstack/nova-conductor', { roles: ['controller'] }],
    ['openstack/openstack/nova-compute-default', { kind: 'daemonset', roles: ['agent'], replicas: 2 }],
    [
      'openstack/openstack/mariadb-server',
      { kind: 'statefulset', roles: ['database'], quorum: { size: 3, needed: 2 }, minAvailable: 2 },
    ],
    ['openstack/openstack/rabbitmq-rabbitmq', { roles: ['queue'], quorum: { size: 3, needed: 2 } }],
    ['openstack/openstack/memcached-memcached', { roles: ['cache'] }],
    ['kubernetes/kube-system/coredns', { roles: ['dns'], replicas: 2 }],
    [
      'kubernetes/kube-system/etcd',
      { kind: 'unit', unit: 'etcd', roles: ['etcd'], quorum: { size: 3, needed: 2 } },
    ],
    [
      'kubernetes/kube-system/kube-apiserver',
      { kind: 'unit', unit: 'kube-apiserver', roles: ['api'], replicas: 3 },
    ],
    ['kubernetes/kube-system/kube-scheduler', { roles: ['controller'] }],
    ['kubernetes/node/keepalived', { kind: 'unit', unit: 'keepalived', replicas: 3 }],
    ['kubernetes/node/kubelet', { replicas: 5 }],
  ];
  for (const [id, expected] of rows) {
    it(`describes ${id}`, () => {
      expect(service(topology, id)).to.deep.include(expected);
    });
  }

  it('asks no majority of what does not vote', () => {
    const voting = topology.services.filter((each) => each.quorum !== undefined).map((each) => each.workload);
    expect(voting).to.have.members(['etcd', 'mariadb-server', 'rabbitmq-rabbitmq']);
  });

  it('ranks a StatefulSet by ordinal and the rest by node', () => {
    expect(service(topology, 'openstack/openstack/mariadb-server').members).to.deep.equal([
      { rank: 0, node: 'control-2' },
      { rank: 1, node: 'control-3' },
      { rank: 2, node: 'control-1' },
    ]);
    const keystone = topology.live.members.filter(
      (member) => member.service === 'openstack/openstack/keystone-api',
    );
    expect(keystone.map(({ rank, node }) => `${rank} ${node}`)).to.deep.equal([
      '0 control-1',
      '1 control-2',
      '2 control-3',
    ]);
    expect(keystone.every((member) => member.ready && member.uid !== '')).to.equal(true);
  });

  it('ranks by node also where the names of pods would have it otherwise', async () => {
    const recording = readRecording('kubeadm-openstack-helm');
    const pods = (recording.lists['/api/v1/pods'] ?? []).filter(
      (pod) => pod.metadata.labels?.['application'] === 'keystone',
    );
    for (const [index, pod] of pods.entries()) {
      const metadata = pod.metadata as { name: string };
      metadata.name = `keystone-api-6d5f9c7b4-${'zyxwv'[index] ?? ''}`;
    }
    const { members } = service(await describeRecording(recording), 'openstack/openstack/keystone-api');
    expect(members.map((member) => member.node)).to.deep.equal(['control-1', 'control-2', 'control-3']);
  });

  it('leaves out what Squall made in a namespace that is not its own', async () => {
    const recording = readRecording('kubeadm-openstack-helm');
    const glance = recording.lists['/apis/apps/v1/deployments']?.find(
      (each) => each.metadata.name === 'glance-api',
    );
    Object.assign(glance?.metadata.labels ?? {}, { 'squall.dev/run': 'r1' });
    const names = (await describeRecording(recording)).services.map((each) => each.workload);
    expect(names).to.include('keystone-api').and.not.include('glance-api');
  });

  it('leaves out what has ended, what is on its way out, and what Squall made', () => {
    const names = topology.live.members.map((member) => member.name);
    expect(names).to.not.include('keystone-api-6d5f9c7b4-old99').and.not.include('keystone-db-sync-9xk2p');
    expect(topology.services.map((each) => each.namespace)).to.not.include('sq-r1-web');
  });

  it('says who holds what, by node', () => {
    expect(topology.live.holders).to.deep.equal([
      { what: 'api-address', node: 'control-2' },
      { what: 'kube-controller-manager', node: 'control-1' },
      { what: 'kube-scheduler', node: 'control-3' },
    ]);
  });

  it('finds the endpoints: the API server, and the public ones of the catalogue', () => {
    expect(topology.endpoints.map(({ name, url }) => `${name} ${url}`)).to.deep.equal([
      'kubernetes https://10.20.0.100:6443',
      'keystone http://10.20.0.100:5000/v3',
      'nova http://10.20.0.100:8774/v2.1',
      'neutron http://10.20.0.100:9696',
      'glance http://10.20.0.100:9292',
      'cinder http://10.20.0.100:8776/v3/p1',
    ]);
    expect(topology.endpoints.map((each) => each.service)).to.deep.equal([
      'kubernetes/kube-system/kube-apiserver',
      'openstack/openstack/keystone-api',
      'openstack/openstack/nova-api-osapi',
      'openstack/openstack/neutron-server',
      'openstack/openstack/glance-api',
      'openstack/openstack/cinder-api',
    ]);
    expect(topology.endpoints[0]?.ca).to.equal('PEM of the cluster');
  });

  it('says what the lab can do, and is not', () => {
    expect(topology).to.deep.include({ lab: 'recorded', owned: false, disclosures: ['it is a recording'] });
    expect(topology.abilities).to.include.members(['kubernetes', 'units']);
    expect(topology.missingAbilities.map((each) => each.ability)).to.deep.equal(['power']);
  });

  it('tells no secret', () => {
    expect(JSON.stringify(topology)).to.not.include('hunter2');
  });
});

describe('topology: discovery of other clusters', () => {
  it('knows kind, its workers as compute, its only control node as holder, and what a workload declares', async () => {
    const topology = await found('kind');
    expect(topology.systems.map((system) => system.distribution)).to.deep.equal(['kind']);
    expect(topology.nodes.map(({ roles }) => roles.join())).to.deep.equal(['control', 'compute', 'compute']);
    expect(topology.live.nodes.map((node) => node.schedulable)).to.deep.equal([true, true, false]);
    expect(service(topology, 'kubernetes/kube-system/etcd').quorum).to.deep.equal({ size: 1, needed: 1 });
    const vault = service(topology, 'kubernetes/tools/vault');
    expect(vault).to.deep.include({
      service: 'vault',
      component: 'server',
      roles: ['secrets', 'database'],
      replicas: 5,
    });
    expect(vault.quorum).to.deep.equal({ size: 5, needed: 3 });
    // 30 % of 5 may be missing, rounded up to 2; 50 % must stay, rounded up to 3.
    expect(vault.minAvailable).to.equal(3);
    expect(vault.members[4]).to.deep.equal({ rank: 4, node: '' });
    expect(
      topology.live.members.filter((member) => member.service === vault.id && member.ready),
    ).to.have.length(3);
  });

  it('knows minikube, without budgets or leases, and takes the node with the address for its holder', async () => {
    const topology = await found('minikube');
    expect(topology.systems.map((system) => system.distribution)).to.deep.equal(['minikube']);
    expect(topology.nodes[0]?.roles).to.deep.equal(['control']);
    expect(topology.live.holders).to.deep.equal([{ what: 'api-address', node: 'minikube' }]);
    expect(service(topology, 'kubernetes/kube-system/kube-proxy').roles).to.deep.equal(['agent']);
    expect(topology.nodes[0]?.units).to.deep.equal([
      'etcd',
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
    ]);
  });

  it('takes no number of replicas that no workload has', async () => {
    for (const replicas of [-1, 1.5, 1e308]) {
      const recording = readRecording('kind');
      const [deployment] = recording.lists['/apis/apps/v1/deployments'] ?? [];
      (deployment?.['spec'] as { replicas: number }).replicas = replicas;
      const refused = await describeRecording(recording).catch((error: unknown) => error);
      expect(String(refused)).to.match(/says that the deployment \S+ should have \S+ replicas/);
    }
  });

  it('describes a cloud alone when no cluster is given', async () => {
    const { kubernetes: _none, ...tools } = toolsOf(readRecording('kubeadm-openstack-helm'));
    const topology = await discover(tools, signal);
    expect(topology.systems).to.have.length(1);
    expect(topology.services).to.deep.equal([]);
    expect(topology.endpoints.map((endpoint) => endpoint.name)).to.deep.equal([
      'keystone',
      'nova',
      'neutron',
      'glance',
      'cinder',
    ]);
  });
});

describe('topology: discovery in general', () => {
  for (const name of RECORDINGS) {
    it(`gives the same topology of ${name} for its objects in any order`, async () => {
      const recording = readRecording(name);
      const expected = await describeRecording(recording);
      await fc.assert(
        fc.asyncProperty(fc.string(), async (seed) => {
          const topology = await describeRecording(shuffled(recording, seed));
          expect(JSON.stringify(canonicalTopology(topology))).to.equal(
            JSON.stringify(canonicalTopology(expected)),
          );
          expect(topology.live).to.deep.equal(expected.live);
        }),
        { numRuns: 25 },
      );
    });
  }

  it('has nothing in the canonical topology that a restart changes', async () => {
    const recording = readRecording('kubeadm-openstack-helm');
    const before = canonicalTopology(await describeRecording(recording));
    for (const pod of recording.lists['/api/v1/pods'] ?? []) {
      const metadata = pod.metadata as { uid: string; name: string; resourceVersion: string };
      metadata.uid = `again-${metadata.uid}`;
      metadata.resourceVersion = '99999';
      if (pod.metadata.ownerReferences?.[0]?.kind === 'ReplicaSet')
        metadata.name = metadata.name.replace(/.....$/, 'zz9zz');
    }
    expect(canonicalTopology(await describeRecording(recording))).to.deep.equal(before);
  });

  it('does without budgets, leases and files that it may not see', async () => {
    const recording = readRecording('kubeadm-openstack-helm');
    const hidden = ['/apis/policy/v1/poddisruptionbudgets', '/api/v1/namespaces/openstack/secrets/nova-etc'];
    const tools = { ...toolsOf(recording), kubernetes: kubernetesOf(recording, hidden) };
    const topology = await discover(tools, signal);
    expect(service(topology, 'openstack/openstack/keystone-api').minAvailable).to.equal(undefined);
    expect(topology.timers.map((timer) => timer.name)).to.not.include('service-down-time');
    expect(topology.unknownTimers?.map(({ what }) => what)).to.include('service-down-time');
    expect(topology.blindness?.map(({ what }) => what)).to.deep.equal(['poddisruptionbudgets']);
  });

  it('does not do without nodes: it says that it may not look', async () => {
    const recording = readRecording('minikube');
    const tools = { ...toolsOf(recording), kubernetes: kubernetesOf(recording, ['/api/v1/nodes']) };
    const error: unknown = await discover(tools, signal).catch((thrown: unknown) => thrown);
    expect((error as HarnessError).code).to.equal('SQ_AUTH');
  });
});
