import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import type { LiveState, Topology } from '../../src/model/topology.ts';
import { discover, isFullyRedundant } from '../../src/topology/index.ts';
import { readRecording, toolsOf } from './recorded-cluster.ts';

describe('topology: full redundancy', () => {
  let baseline: Topology;
  before(async () => {
    baseline = await discover(toolsOf(readRecording('kubeadm-openstack-helm')), new AbortController().signal);
  });

  const change = (part: Partial<LiveState>): Topology => ({
    ...baseline,
    live: { ...baseline.live, ...part },
  });
  const nodes = (edit: object): LiveState['nodes'] =>
    baseline.live.nodes.map((node) => (node.name === 'control-2' ? { ...node, ...edit } : node));

  const rows: readonly { title: string; now: () => Topology; lacks: readonly string[] }[] = [
    { title: 'is complete against itself', now: () => baseline, lacks: [] },
    {
      title: 'does not mind a member that came in addition',
      now: () => change({ members: [...baseline.live.members, ...baseline.live.members] }),
      lacks: [],
    },
    {
      title: 'lacks a node that is not ready, and what it holds',
      now: () => change({ nodes: nodes({ ready: false }) }),
      lacks: ['node control-2 is not ready', 'api-address is held by control-2, which is not ready'],
    },
    {
      title: 'lacks a node that is gone',
      now: () => change({ nodes: baseline.live.nodes.slice(1) }),
      lacks: ['node compute-1 is gone'],
    },
    {
      title: 'lacks a node that is cordoned',
      now: () => change({ nodes: nodes({ schedulable: false }) }),
      lacks: ['node control-2 is cordoned'],
    },
    {
      title: 'lacks a member that is not ready',
      now: () =>
        change({
          members: baseline.live.members.map((each) =>
            each.name === 'mariadb-server-1' ? { ...each, ready: false } : each,
          ),
        }),
      lacks: ['openstack/openstack/mariadb-server has 2 of 3 members ready'],
    },
    {
      title: 'lacks all members of a service that is gone',
      now: () => change({ members: baseline.live.members.filter((each) => !each.service.endsWith('/etcd')) }),
      lacks: ['kubernetes/kube-system/etcd has 0 of 3 members ready'],
    },
    {
      title: 'lacks a holder',
      now: () => change({ holders: baseline.live.holders.filter((each) => each.what !== 'kube-scheduler') }),
      lacks: ['nobody holds kube-scheduler'],
    },
  ];
  for (const { title, now, lacks } of rows) {
    it(title, () => {
      expect(isFullyRedundant(now(), baseline)).to.deep.equal({ ok: lacks.length === 0, lacks });
    });
  }

  it('lets a node stay cordoned that was so before', () => {
    const cordoned = change({ nodes: nodes({ schedulable: false }) });
    expect(isFullyRedundant(cordoned, cordoned).ok).to.equal(true);
  });

  it('does not call a baseline complete that declares more than is there', async () => {
    const kind = await discover(toolsOf(readRecording('kind')), new AbortController().signal);
    expect(isFullyRedundant(kind, kind).lacks).to.deep.equal([
      'kubernetes/tools/vault has 3 of 5 members ready',
    ]);
  });
});
