import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { HarnessError } from '../../src/model/errors.ts';
import { canonicalTopology, type Topology } from '../../src/model/topology.ts';
import type { KubernetesObject } from '../../src/ports/kubernetes.ts';
import type { Lab } from '../../src/ports/lab.ts';
import { discover } from '../../src/topology/index.ts';
import { kubernetesOf, shuffled, toolsOf, type Recording } from './recorded-cluster.ts';
import { layoutFile, LAYOUTS, readLayout, type Layout } from './recorded-layout.ts';

const signal = new AbortController().signal;
const describeRecording = (recording: Recording): Promise<Topology> => discover(toolsOf(recording), signal);
const found = (layout: Layout): Promise<Topology> => describeRecording(readLayout(layout));
const holders = ({ live }: Topology): string[] => live.holders.map(({ what, node }) => `${what} ${node}`);
const timer = ({ timers }: Topology, name: string): string => {
  const one = timers.find((each) => each.name === name);
  return one === undefined ? 'none' : `${one.value.ms} ${one.origin ?? ''}`;
};
const unknown = (all: readonly { what: string; reason: string }[] | undefined, what: string): string =>
  all?.find((each) => each.what === what)?.reason ?? 'known';

describe('topology: recorded layouts', () => {
  for (const layout of LAYOUTS) {
    it(`gives the whole topology of ${layout} as it is committed`, async () => {
      const text = `${JSON.stringify(await found(layout), null, 1)}\n`;
      const file = layoutFile(layout, 'expected-topology.json');
      if (process.env['SQUALL_WRITE_GENERATED'] === '1') writeFileSync(file, text);
      expect(existsSync(file), `${file} is missing: run with SQUALL_WRITE_GENERATED=1`).to.equal(true);
      expect(JSON.parse(text)).to.deep.equal(JSON.parse(readFileSync(file, 'utf8')));
    });

    it(`gives the same topology of ${layout} for its objects in any order`, async () => {
      const recording = readLayout(layout);
      const expected = await describeRecording(recording);
      await fc.assert(
        fc.asyncProperty(fc.string(), async (seed) => {
          expect(await describeRecording(shuffled(recording, seed))).to.deep.equal(expected);
        }),
        { numRuns: 15 },
      );
    });

    it(`takes no harm from objects in ${layout} that have nothing in them`, async () => {
      const recording = readLayout(layout);
      const strange: KubernetesObject = {
        kind: 'Strange',
        metadata: { name: 'strange', namespace: 'strange' },
      };
      const before = await describeRecording(recording);
      for (const path of ['/api/v1/pods', '/apis/policy/v1/poddisruptionbudgets'])
        recording.lists[path]?.push(strange);
      recording.lists['/apis/coordination.k8s.io/v1/namespaces/kube-system/leases']?.push(strange);
      expect(await describeRecording(recording)).to.deep.equal(before);
    });
  }
});

describe('topology: kubeadm with stacked etcd and keepalived', () => {
  it('is kubeadm also where its nodes no longer say so', async () => {
    const topology = await found('kubeadm-ha');
    expect(topology.systems.map(({ distribution, version }) => `${distribution} ${version}`)).to.deep.equal([
      'kubeadm v1.36.3',
    ]);
    const etcd = topology.services.find(({ workload }) => workload === 'etcd');
    expect(etcd?.quorum).to.deep.equal({ size: 3, needed: 2 });
    expect(etcd?.members.map(({ node }) => node)).to.deep.equal(['control-1', 'control-2', 'control-3']);
    expect(topology.blindness).to.deep.equal([]);
  });

  it('asks the nodes who carries the address of the API', async () => {
    expect(holders(await found('kubeadm-ha'))).to.deep.equal([
      'api-address control-2',
      'kube-controller-manager control-3',
      'kube-scheduler control-1',
    ]);
  });

  const spoil = async (change: (inspect: NonNullable<Recording['inspect']>) => void): Promise<Topology> => {
    const recording = readLayout('kubeadm-ha');
    change(recording.inspect ?? {});
    return describeRecording(recording);
  };

  it('does not guess who it is: nobody, two, and one that cannot be asked', async () => {
    const nobody = await spoil((inspect) => {
      inspect['control-2'] = { addresses: ['10.77.0.12'], files: {} };
    });
    expect(holders(nobody).join()).to.not.include('api-address');
    expect(unknown(nobody.live.unknownHolders, 'api-address')).to.equal(
      'No control node that was asked carries 10.77.0.100.',
    );
    const two = await spoil((inspect) => {
      inspect['control-3'] = { addresses: ['10.77.0.100'], files: {} };
    });
    expect(unknown(two.live.unknownHolders, 'api-address')).to.equal(
      'control-2 and control-3 carry 10.77.0.100 at the same time.',
    );
    const silent = await spoil((inspect) => {
      delete inspect['control-2'];
    });
    expect(unknown(silent.live.unknownHolders, 'api-address')).to.include(
      'control-2 could not be asked: control-2 does not answer',
    );
  });

  it('says that it is not known where nodes cannot be asked', async () => {
    const { inspect: _inspect, ...recording } = readLayout('kubeadm-ha');
    const topology = await describeRecording(recording);
    expect(holders(topology)).to.have.length(2);
    expect(unknown(topology.live.unknownHolders, 'api-address')).to.include('cannot ask the nodes');
    expect(unknown(topology.unknownTimers, 'keepalived-advert-interval')).to.include(
      'Nothing in the cluster',
    );
    expect(timer(topology, 'address-failover')).to.equal('none');
  });

  it('tells what was read from what is a default', async () => {
    const topology = await found('kubeadm-ha');
    expect(timer(topology, 'node-monitor-grace-period')).to.equal('50000 default');
    expect(timer(topology, 'etcd-election-timeout')).to.equal('1000 default');
    expect(timer(topology, 'node-status-update-frequency')).to.equal('10000 default');
    // A lease says itself how long it holds.
    expect(timer(topology, 'leader-elect-lease-duration')).to.equal('15000 read');
    expect(timer(topology, 'keepalived-advert-interval')).to.equal('1000 read');
    // Three adverts, and (256 - 95) / 256 of one.
    expect(timer(topology, 'address-failover')).to.equal('3628.906 read');
    expect(unknown(topology.unknownTimers, 'readiness-period')).to.include('No workload that answers users');
  });

  it('reads kubelets themselves where their configuration is nowhere else, and only then', async () => {
    const recording = readLayout('kubeadm-ha');
    const path = (node: string): string => `/api/v1/nodes/${node}/proxy/configz`;
    recording.answers = {
      [path('compute-1')]: {
        kubeletconfig: { nodeStatusUpdateFrequency: '7s', nodeLeaseDurationSeconds: 20 },
      },
      [path('compute-2')]: {
        kubeletconfig: { nodeStatusUpdateFrequency: '9s', nodeLeaseDurationSeconds: 40 },
      },
    };
    expect(timer(await describeRecording(recording), 'node-status-update-frequency')).to.equal(
      '10000 default',
    );
    delete recording.objects['/api/v1/namespaces/kube-system/configmaps/kubelet-config'];
    const topology = await describeRecording(recording);
    expect(timer(topology, 'node-status-update-frequency')).to.equal('9000 read');
    expect(timer(topology, 'node-lease-renew-interval')).to.equal('10000 read');
    recording.answers = {};
    const silent = await describeRecording(recording);
    expect(timer(silent, 'node-status-update-frequency')).to.equal('none');
    expect(unknown(silent.unknownTimers, 'node-status-update-frequency')).to.include('no kubelet said');
  });
});

describe('topology: Minikube', () => {
  it('is one node that holds the address as its own, with leaders that are elected by nobody', async () => {
    const topology = await found('minikube');
    expect(topology.systems.map(({ distribution }) => distribution)).to.deep.equal(['minikube']);
    expect(holders(topology)).to.deep.equal(['api-address minikube']);
    expect(topology.live.unknownHolders).to.deep.equal([]);
    const names = [
      ...topology.timers.map(({ name }) => name),
      ...(topology.unknownTimers ?? []).map(({ what }) => what),
    ];
    expect(names).to.not.include.members(['leader-elect-lease-duration']);
    expect(names.filter((name) => /^(leader|scheduler|keepalived|address|health)/.test(name))).to.deep.equal(
      [],
    );
    expect(topology.services.find(({ workload }) => workload === 'kindnet')?.roles).to.deep.equal(['agent']);
  });

  it('is the same through a tunnel to this machine', async () => {
    const recording = readLayout('minikube');
    recording.server = 'https://127.0.0.1:50123';
    const topology = await describeRecording(recording);
    expect(holders(topology)).to.deep.equal([]);
    expect(unknown(topology.live.unknownHolders, 'api-address')).to.include(
      'control-plane.minikube.internal',
    );
  });
});

describe('topology: kind with three control planes', () => {
  it('does not take a node for the load balancer that stands in front', async () => {
    const topology = await found('kind-3-2');
    expect(topology.systems.map(({ distribution }) => distribution)).to.deep.equal(['kind']);
    expect(holders(topology)).to.deep.equal([
      'kube-controller-manager kind-control-plane2',
      'kube-scheduler kind-control-plane3',
    ]);
    expect(unknown(topology.live.unknownHolders, 'api-address')).to.include('kind-external-load-balancer');
    expect(topology.live.nodes.map(({ schedulable }) => schedulable)).to.deep.equal([
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  it('knows what a workload declares: its quorum, its roles and how many may be missing', async () => {
    const topology = await found('kind-3-2');
    const vault = topology.services.find(({ workload }) => workload === 'vault');
    expect(vault).to.deep.include({ roles: ['secrets'], replicas: 5, quorum: { size: 5, needed: 3 } });
    // 30 % of 5 may be missing, rounded up to 2.
    expect(vault?.minAvailable).to.equal(3);
    expect(vault?.members[4]).to.deep.equal({ rank: 4, node: '' });
  });
});

describe('topology: OpenStack-Helm on kubeadm', () => {
  it('knows both systems, what votes, and the slow timers of the charts', async () => {
    const topology = await found('openstack-helm');
    expect(
      topology.systems.map(({ name, distribution, version }) => `${name} ${distribution} ${version}`),
    ).to.deep.equal(['kubernetes kubeadm v1.32.4', 'openstack openstack-helm 2025.1-ubuntu_noble']);
    const voting = topology.services
      .filter(({ quorum }) => quorum !== undefined)
      .map(({ workload }) => workload);
    expect(voting).to.have.members(['etcd', 'mariadb-server', 'rabbitmq-rabbitmq']);
    expect(timer(topology, 'database-suspect-timeout')).to.equal('30000 read');
    expect(timer(topology, 'readiness-period')).to.equal('60000 read');
    expect(timer(topology, 'readiness-ejection')).to.equal('195000 read');
    expect(timer(topology, 'service-down-time')).to.equal('60000 default');
    expect(timer(topology, 'unreachable-toleration')).to.equal('300000 read');
  });

  it('has a role for each workload of the charts that users or the cloud depend on', async () => {
    const topology = await found('openstack-helm');
    const without = topology.services.filter(({ roles, kind }) => roles.length === 0 && kind !== 'unit');
    expect(without.map(({ workload }) => workload)).to.deep.equal(['horizon', 'nova-novncproxy']);
    const rpc = topology.services.find(({ workload }) => workload === 'neutron-rpc-server');
    expect(rpc?.roles).to.deep.equal(['controller']);
  });

  it('takes its budgets as they are: the charts let everything go', async () => {
    const topology = await found('openstack-helm');
    const minimum = (name: string): number | undefined =>
      topology.services.find(({ workload }) => workload === name)?.minAvailable;
    expect(minimum('keystone-api')).to.equal(0);
    expect(minimum('mariadb-server')).to.equal(2);
    expect(minimum('placement-api')).to.equal(undefined);
  });
});

describe('topology: what may not be looked at', () => {
  const without = async (layout: Layout, ...forbidden: string[]): Promise<Topology> => {
    const recording = readLayout(layout);
    return discover({ ...toolsOf(recording), kubernetes: kubernetesOf(recording, forbidden) }, signal);
  };

  it('is blindness and not absence: budgets', async () => {
    const topology = await without('openstack-helm', '/apis/policy/v1/poddisruptionbudgets');
    expect(topology.blindness?.map(({ what }) => what)).to.deep.equal(['poddisruptionbudgets']);
    expect(topology.blindness?.[0]?.remedy).to.include('docs/rbac/discovery.yaml');
  });

  it('is blindness and not absence: leases', async () => {
    const topology = await without(
      'kubeadm-ha',
      '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases',
    );
    expect(unknown(topology.live.unknownHolders, 'leaders')).to.include('may not list leases');
    // The nodes still say who carries the address.
    expect(holders(topology)).to.deep.equal(['api-address control-2']);
    expect(timer(topology, 'leader-elect-lease-duration')).to.equal('15000 default');
  });

  it('is blindness and not absence: units of a node that is ready', async () => {
    const tools = toolsOf(readLayout('kubeadm-ha'));
    const units = {
      ...tools.lab.abilities.units,
      list: (node: string) =>
        node === 'control-1' ? Promise.reject(new Error('no pod could be made')) : Promise.resolve([]),
    } as NonNullable<Lab['abilities']['units']>;
    const lab = { ...tools.lab, abilities: { ...tools.lab.abilities, units } };
    const topology = await discover({ ...tools, lab }, signal);
    expect(unknown(topology.blindness, 'units of control-1')).to.equal('no pod could be made');
    expect(topology.blindness).to.have.length(1);
  });

  it('is no default: files', async () => {
    const nova = await without('openstack-helm', '/api/v1/namespaces/openstack/secrets/nova-etc');
    expect(timer(nova, 'service-down-time')).to.equal('none');
    expect(unknown(nova.unknownTimers, 'service-down-time')).to.equal(
      'This user may not read the secret openstack/nova-etc.',
    );
    const kubelet = await without('kubeadm-ha', '/api/v1/namespaces/kube-system/configmaps/kubelet-config');
    expect(unknown(kubelet.unknownTimers, 'node-lease-renew-interval')).to.include(
      'may not read the configmap',
    );
  });

  it('is no default either: a control plane that runs somewhere else', async () => {
    const recording = readLayout('kubeadm-ha');
    const pods = recording.lists['/api/v1/pods'] ?? [];
    recording.lists['/api/v1/pods'] = pods.filter(
      ({ metadata }) => metadata.labels?.['tier'] !== 'control-plane',
    );
    recording.units = {};
    const topology = await describeRecording(recording);
    expect(unknown(topology.blindness, 'etcd')).to.include('Neither the members of etcd');
    for (const name of ['node-monitor-grace-period', 'etcd-election-timeout', 'unreachable-toleration'])
      if (name !== 'unreachable-toleration') expect(timer(topology, name), name).to.equal('none');
    expect(unknown(topology.unknownTimers, 'node-monitor-grace-period')).to.include(
      'no pod of kube-controller-manager',
    );
  });

  it('is said by whoever runs the cluster, where nothing else says it', async () => {
    const { inspect: _inspect, ...recording } = readLayout('kubeadm-ha');
    const system = recording.lists['/api/v1/namespaces']?.find(
      ({ metadata }) => metadata.name === 'kube-system',
    );
    Object.assign(system?.metadata ?? {}, {
      annotations: {
        'squall.dev/timer.address-failover': '4s',
        'squall.dev/timer.etcd-election-timeout': '3s',
      },
    });
    const topology = await describeRecording(recording);
    expect(timer(topology, 'address-failover')).to.equal('4000 read');
    expect(timer(topology, 'etcd-election-timeout')).to.equal('3000 read');
  });

  const NEEDED = ['nodes', 'pods', 'namespaces'].map((name) => `/api/v1/${name}`);
  for (const path of [
    ...NEEDED,
    '/apis/apps/v1/deployments',
    '/apis/apps/v1/statefulsets',
    '/apis/apps/v1/daemonsets',
  ]) {
    it(`is a refusal where nothing can be said without it: ${path}`, async () => {
      const error: unknown = await without('kubeadm-ha', path).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(HarnessError);
      expect((error as HarnessError).code).to.equal('SQ_AUTH');
      expect((error as HarnessError).message).to.include(path);
      expect((error as HarnessError).remedy).to.include('docs/rbac/discovery.yaml');
    });
  }

  it('never changes what a plan is drawn from by what nodes say at one moment', async () => {
    const before = canonicalTopology(await found('kubeadm-ha'));
    const recording = readLayout('kubeadm-ha');
    for (const name of ['control-2', 'control-3']) {
      const facts = recording.inspect?.[name];
      if (recording.inspect !== undefined && facts !== undefined)
        recording.inspect[name] = { ...facts, addresses: name === 'control-3' ? ['10.77.0.100'] : [] };
    }
    const after = await describeRecording(recording);
    expect(holders(after)).to.include('api-address control-3');
    expect(canonicalTopology(after)).to.deep.equal(before);
  });
});
