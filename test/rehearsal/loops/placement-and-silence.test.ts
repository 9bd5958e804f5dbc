import { expect } from 'chai';
import { describe, it } from 'mocha';
import { textAt } from '../../../src/rehearsal/cluster-api/json.ts';
import type { KubeObject } from '../../../src/rehearsal/cluster-api/kube-object.ts';
import { ObjectClient } from '../../../src/rehearsal/cluster-api/object-client.ts';
import { toolsNow } from '../../../src/rehearsal/loops/loop.ts';
import { syncNode } from '../../../src/rehearsal/loops/node-lifecycle.ts';
import { chooseNode } from '../../../src/rehearsal/loops/scheduler.ts';
import { createMemoryStore } from '../../../src/rehearsal/memory-store.ts';
import { timer } from '../../../src/rehearsal/timers.ts';
import { at, token } from '../cluster-api/model-cluster.ts';

const object = (kind: string, name: string, more: object): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, uid: name, resourceVersion: '', creationTimestamp: '' },
  ...more,
});

const ready = { conditions: [{ type: 'Ready', status: 'True' }] };

const node = (name: string, spec: object = {}, status: object = ready): KubeObject => {
  const plain = object('Node', name, { spec, status });
  const role = name.startsWith('control') ? 'openstack-control-plane' : 'openstack-compute-node';
  return { ...plain, metadata: { ...plain.metadata, labels: { [role]: 'enabled' } } };
};

const pod = (name: string, namespace: string, owner: string, on?: string, spec: object = {}): KubeObject => {
  const plain = object('Pod', name, { spec: { ...spec, ...(on === undefined ? {} : { nodeName: on }) } });
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner }];
  return { ...plain, metadata: { ...plain.metadata, namespace, ownerReferences } };
};

describe('scheduler of the rehearsal', () => {
  const control = { nodeSelector: { 'openstack-control-plane': 'enabled' } };
  const nodes = ['control-1', 'control-2', 'compute-1'].map((name) => node(name));

  it('keeps replicas of OpenStack apart, even when one of them has to wait for it', () => {
    const there = [pod('a', 'openstack', 'api', 'control-1')];
    expect(chooseNode(pod('b', 'openstack', 'api', undefined, control), nodes, there)).to.equal('control-2');
    const full = [...there, pod('b', 'openstack', 'api', 'control-2')];
    expect(chooseNode(pod('c', 'openstack', 'api', undefined, control), nodes, full)).to.equal(undefined);
    expect(chooseNode(pod('c', 'openstack', 'other', undefined, control), nodes, full)).to.equal('control-1');
  });

  it('takes the emptier node, and sends pods of users to compute nodes', () => {
    const there = [pod('a', 'kube-system', 'dns', 'control-1')];
    expect(chooseNode(pod('b', 'kube-system', 'x', undefined, control), nodes, there)).to.equal('control-2');
    expect(chooseNode(pod('u', 'default', 'u'), nodes, there)).to.equal('compute-1');
  });

  it('leaves out nodes that are not ready, cordoned or tainted', () => {
    const taints = [{ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }];
    for (const bad of [
      node('compute-1', {}, { conditions: [{ type: 'Ready', status: 'Unknown' }] }),
      node('compute-1', { unschedulable: true }),
      node('compute-1', { taints }),
    ])
      expect(chooseNode(pod('u', 'default', 'u'), [bad], [])).to.equal(undefined);
    const tolerations = [{ operator: 'Exists' }];
    expect(
      chooseNode(pod('u', 'default', 'u', undefined, { tolerations }), [node('compute-1', { taints })], []),
    ).to.equal('compute-1');
  });
});

describe('node lifecycle of the rehearsal', () => {
  const NOW = Date.parse('2026-01-01T00:10:00Z');

  /** What a node counts as that renewed its lease so long ago, while the store has been readable for so long. */
  const judged = async (silentMs: number, readableMs: number): Promise<unknown> => {
    const context = { store: createMemoryStore(), nowMs: () => NOW, token };
    const objects = new ObjectClient({ ...context, nowMs: () => 0 });
    const renewTime = new Date(NOW - silentMs).toISOString();
    await objects.create('nodes', node('control-1'));
    const metadata = { name: 'control-1', namespace: 'kube-node-lease' };
    await objects.create('leases', { metadata, spec: { renewTime } });
    const tools = await toolsNow(context, NOW - readableMs);
    for (const each of tools.of('nodes')) await syncNode(tools, each);
    const after = await objects.get({ plural: 'nodes', name: 'control-1' });
    return (
      textAt(after, 'status', 'conditions', 0, 'status') +
      (at(after, 'spec', 'taints') === undefined ? '' : ' tainted')
    );
  };
  const grace = timer('node-monitor-grace-period');

  it('waits for the whole grace period', async () => {
    expect(await judged(grace - 1, 60_000)).to.equal('True');
    expect(await judged(grace + 1, 60_000)).to.equal('Unknown tainted');
  });

  it('holds no silence against a node from when nobody could renew', async () => {
    expect(await judged(grace + 5000, 100)).to.equal('True');
    expect(await judged(grace + 5000, 2 * timer('node-lease-renew-interval'))).to.equal('Unknown tainted');
  });
});
