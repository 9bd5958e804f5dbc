import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { textAt } from '../../../src/rehearsal/cluster-api/json.ts';
import type { KubeObject } from '../../../src/rehearsal/cluster-api/kube-object.ts';
import { isReady } from '../../../src/rehearsal/cluster-api/conditions.ts';
import { timer } from '../../../src/rehearsal/timers.ts';
import { at } from '../cluster-api/model-cluster.ts';
import { allReady, startCluster, type Running } from './running-cluster.ts';

const nodeOf = (pod: KubeObject): string => textAt(pod, 'spec', 'nodeName') ?? '';
const isLeaving = (pod: KubeObject): boolean => pod.metadata.deletionTimestamp !== undefined;
const application = (pod: KubeObject): string => pod.metadata.labels?.['application'] ?? '';

describe('loops of the rehearsal together', function () {
  this.timeout(15_000);
  let cluster: Running;

  beforeEach(async () => {
    cluster = await startCluster();
    await cluster.eventually('all workloads are ready', () => allReady(cluster));
  });

  afterEach(() => {
    cluster.stop();
    expect(cluster.errors).to.deep.equal([]);
  });

  const node = async (name: string): Promise<KubeObject | undefined> =>
    (await cluster.list('nodes')).find(({ metadata }) => metadata.name === name);
  const readyOf = async (name: string): Promise<unknown> => {
    const conditions = at(await node(name), 'status', 'conditions') as readonly unknown[];
    return at(
      conditions.find((each) => at(each, 'type') === 'Ready'),
      'status',
    );
  };
  const readyEndpoints = async (service: string): Promise<number> => {
    const slices = await cluster.list('endpointslices');
    const slice = slices.find(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service);
    const endpoints = (slice?.['endpoints'] ?? []) as readonly unknown[];
    return endpoints.filter((each) => at(each, 'conditions', 'ready') === true).length;
  };

  it('bring up all that the seed asks for, the replicas of a workload on different nodes', async () => {
    const pods = await cluster.list('pods', 'openstack');
    expect(pods).to.have.length(19 + 9 + 2);
    const places = pods.map((pod) => `${pod.metadata.ownerReferences?.[0]?.uid} ${nodeOf(pod)}`);
    expect(new Set(places).size).to.equal(pods.length);
    expect(pods.filter((pod) => nodeOf(pod).startsWith('compute-')).map(application)).to.deep.equal([
      'nova',
      'nova',
    ]);
    const members = pods.map(({ metadata }) => metadata.name);
    expect(members).to.include.members(['mariadb-server-0', 'mariadb-server-1', 'mariadb-server-2']);
    await cluster.eventually(
      'every service has its endpoints',
      async () => (await readyEndpoints('keystone-api')) === 3,
    );
    await cluster.eventually(
      'the API has its endpoints',
      async () => (await readyEndpoints('kubernetes')) === 3,
    );
  });

  it('notice a silent node after its grace period, take its pods out, and evict them after what they tolerate', async () => {
    const before = (await cluster.list('pods')).filter((pod) => nodeOf(pod) === 'control-2');
    const offMs = cluster.nowMs();
    cluster.powerOff('control-2');
    await cluster.eventually('the node is not ready', async () => (await readyOf('control-2')) === 'Unknown');
    const noticedMs = cluster.nowMs();
    expect(noticedMs - offMs).to.be.below(14_000);
    const place = { plural: 'leases', namespace: 'kube-node-lease', name: 'control-2' };
    const renewed = textAt(await cluster.objects.get(place), 'spec', 'renewTime') ?? '';
    expect(noticedMs - Date.parse(renewed)).to.be.greaterThan(timer('node-monitor-grace-period'));
    await cluster.eventually('no pod of it is ready', async () => {
      const there = (await cluster.list('pods')).filter((pod) => nodeOf(pod) === 'control-2');
      return (
        there.length === before.length && !there.some(isReady) && (await readyEndpoints('keystone-api')) === 2
      );
    });
    expect((await cluster.list('pods')).some(isLeaving)).to.equal(false);
    const leaving = async (): Promise<readonly KubeObject[]> =>
      (await cluster.list('pods')).filter(isLeaving);
    await cluster.eventually('its pods are evicted', async () => (await leaving()).length > 0);
    expect(cluster.nowMs() - offMs).to.be.greaterThan(timer('default-unreachable-toleration'));
    await cluster.eventually('two replicas of Glance are ready', async () => {
      const pods = (await cluster.list('pods')).filter(
        (pod) => pod.metadata.name.startsWith('glance-api') && isReady(pod),
      );
      return pods.length === 2 && pods.every((pod) => nodeOf(pod) !== 'control-2');
    });
    const members = (await cluster.list('pods')).filter((pod) => application(pod) === 'mariadb');
    expect(members.map(({ metadata }) => metadata.name)).to.deep.equal(
      [0, 1, 2].map((n) => `mariadb-server-${n}`),
    );
    cluster.powerOn('control-2');
    await cluster.eventually('all workloads are ready again', () => allReady(cluster));
    await cluster.eventually('nothing is left of the eviction', async () => (await leaving()).length === 0);
    expect(at(await node('control-2'), 'spec', 'taints')).to.deep.equal([]);
  });

  it('start the pods of a node again that was off for a moment, without any eviction', async () => {
    const before = (await cluster.list('pods')).filter((pod) => nodeOf(pod) === 'compute-1');
    const uids = before.map(({ metadata }) => metadata.uid);
    cluster.powerOff('compute-1');
    cluster.started.length = 0;
    cluster.powerOn('compute-1');
    await cluster.eventually('its pods run again and are ready', async () => {
      const pods = (await cluster.list('pods')).filter((pod) => nodeOf(pod) === 'compute-1');
      const restarted = pods.every((pod) => at(pod, 'status', 'containerStatuses', 0, 'restartCount') === 1);
      return (
        restarted && pods.every(isReady) && pods.map(({ metadata }) => metadata.uid).join() === uids.join()
      );
    });
    expect(cluster.started.filter((each) => each.startsWith('compute-1'))).to.have.length(before.length);
  });

  it('replace a pod that is deleted, and stop what ran in it', async () => {
    const one = (await cluster.list('pods', 'openstack')).find((pod) =>
      pod.metadata.name.startsWith('keystone-api'),
    ) as KubeObject;
    await cluster.objects.delete(one);
    const place = { plural: 'pods', namespace: 'openstack', name: one.metadata.name };
    expect((await cluster.objects.get(place))?.metadata.deletionGracePeriodSeconds).to.equal(30);
    await cluster.eventually('the pod is gone', async () => (await cluster.objects.get(place)) === undefined);
    await cluster.eventually('another one is ready', () => allReady(cluster));
    expect(cluster.stopped).to.include(`${nodeOf(one)} ${one.metadata.name}`);
  });

  it('empty a namespace that is deleted, and collect what has lost its owner', async () => {
    const { objects } = cluster;
    await objects.create('namespaces', { metadata: { name: 'brief' } });
    const labels = { app: 'brief' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'none' }] } };
    const created = await objects.create('deployments', {
      metadata: { name: 'brief', namespace: 'brief' },
      spec: { replicas: 2, selector: { matchLabels: labels }, template },
    });
    await cluster.eventually('its pods are ready on compute nodes', async () => {
      const pods = await cluster.list('pods', 'brief');
      return pods.length === 2 && pods.every((pod) => isReady(pod) && nodeOf(pod).startsWith('compute-'));
    });
    await objects.delete(created);
    await cluster.eventually('replica set and pods are collected', async () => {
      const left = [
        ...(await cluster.list('replicasets', 'brief')),
        ...(await cluster.list('pods', 'brief')),
      ];
      return left.length === 0;
    });
    await objects.create('configmaps', { metadata: { name: 'rest', namespace: 'brief' } });
    await objects.delete({ plural: 'namespaces', name: 'brief' });
    await cluster.eventually('the namespace is gone', async () => {
      const namespaces = await cluster.list('namespaces');
      return (
        !namespaces.some(({ metadata }) => metadata.name === 'brief') &&
        (await cluster.list('configmaps', 'brief')).length === 0
      );
    });
  });

  it('go on after the store had no majority, and call no node silent because of it', async () => {
    cluster.store.cutOff(true);
    await new Promise((resolve) => setTimeout(resolve, (1.5 * timer('node-monitor-grace-period')) / 20));
    cluster.store.cutOff(false);
    const seen = new Set<unknown>();
    const end = Date.now() + 300;
    while (Date.now() < end) {
      for (const each of ['control-1', 'compute-2']) seen.add(await readyOf(each));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect([...seen]).to.deep.equal(['True']);
    expect(await allReady(cluster)).to.equal(true);
  });
});
