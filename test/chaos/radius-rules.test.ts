import { expect } from 'chai';
import { describe, it } from 'mocha';
import { bindTargets } from '../../src/chaos/bind-targets.ts';
import { proveRadius } from '../../src/chaos/prove-radius.ts';
import type { HealingEntry } from '../../src/model/injection.ts';
import type { Limits } from '../../src/model/plan.ts';
import type { BoundTarget } from '../../src/model/schedule.ts';
import type { Service, Topology } from '../../src/model/topology.ts';
import { entryOf } from '../custody/written-entries.ts';
import { boundNode as node, CONTROL, LIMITS, NODES, reference, topologyOf } from './fakes/topologies.ts';

const unit = (name: string, on: string): BoundTarget => ({
  subject: 'unit',
  unit: name,
  node: on,
  name,
  uid: `uid-${on}`,
});

const podOf = (topology: Topology, workload: string, rank: number): BoundTarget => {
  const service = topology.services.find((known) => known.workload === workload)?.id ?? '';
  const [bound] = bindTargets(
    { id: 'step', targets: [{ subject: 'pod', service, rank }], from: [] },
    topology,
  ).targets;
  if (bound === undefined) throw new Error('not bound');
  return bound;
};

const entry = (target: BoundTarget, more: Partial<HealingEntry> = {}): HealingEntry =>
  entryOf(`other/${target.name}`, { run: 'other', targets: [target], ...more });

interface Question {
  readonly topology?: Topology;
  readonly targets: readonly BoundTarget[];
  readonly from?: readonly BoundTarget[];
  readonly open?: readonly HealingEntry[];
  readonly parameters?: Readonly<Record<string, boolean>>;
}

const prove = (
  { topology = reference(), targets, from = [], open = [], parameters = {} }: Question,
  limits: Partial<Limits> = {},
) =>
  proveRadius({
    topology,
    limits: { ...LIMITS, maxTargets: 9, maxShare: 1, ...limits },
    targets: [{ step: 'step', targets, from, parameters }],
    open,
  });

const refusals = (proof: ReturnType<typeof prove>): string =>
  proof.reasoning
    .filter(({ refused }) => refused)
    .map(({ rule, says }) => `${rule}: ${says}`)
    .join('\n');

/** Three monitors, each a workload of its own, that vote together. */
function monitors(): Topology {
  const topology = topologyOf(
    NODES,
    CONTROL.map((name, n) => ({ workload: `mon-${n}`, nodes: [name], needed: 2 })),
  );
  const join = (service: Service): Service => ({
    ...service,
    quorum: { size: 3, needed: 2, group: 'openstack/ceph-monitors' },
  });
  return { ...topology, services: topology.services.map(join) };
}

describe('the rules of the blast radius', () => {
  it('counts a quorum across kinds: a pod of one member, the unit or the node of another', () => {
    const topology = reference();
    expect(prove({ topology, targets: [podOf(topology, 'mariadb', 0)] }).ok).to.equal(true);
    const both = prove({ topology, targets: [podOf(topology, 'mariadb', 0), node('control-2')] });
    expect(refusals(both)).to.contain('quorum: refused: openstack/mariadb has 3, 1 left');
    const units = prove({ topology, targets: [unit('etcd', 'control-1'), node('control-2')] });
    expect(refusals(units)).to.contain('quorum: refused: kube-system/etcd has 3, 1 left');
  });

  it('counts a quorum across workloads that vote together, and its share as one', () => {
    const topology = monitors();
    const one = podOf(topology, 'mon-0', 0);
    expect(refusals(prove({ topology, targets: [one] }, { maxShare: 0.5 }))).to.equal('');
    const two = [one, podOf(topology, 'mon-1', 0)];
    expect(refusals(prove({ topology, targets: two }))).to.contain('openstack/ceph-monitors has 3, 1 left');
    expect(refusals(prove({ topology, targets: two }, { maxShare: 0.5 }))).to.contain('max-share: ');
  });

  it('keeps a quorum that the plan declares, and refuses one that matches nothing', () => {
    const quorums = [{ name: 'identity', selector: { workload: 'keystone-api' } }];
    const topology = reference();
    const targets = [podOf(topology, 'keystone-api', 0), podOf(topology, 'keystone-api', 1)];
    expect(refusals(prove({ topology, targets }))).to.equal('');
    expect(refusals(prove({ topology, targets }, { quorums }))).to.contain('identity has 3, 1 left');
    const nobody = [{ name: 'nobody', selector: { workload: 'zookeeper' } }];
    expect(refusals(prove({ targets: [node('compute-1')] }, { quorums: nobody }))).to.contain(
      'the quorum nobody has no members that are known',
    );
  });

  it('counts the whole node for a unit that everything on it rests on, service or not', () => {
    const topology = topologyOf(CONTROL, [
      { workload: 'kubelet', nodes: CONTROL, kind: 'unit' },
      { workload: 'keepalived', nodes: CONTROL, kind: 'unit' },
      { workload: 'etcd', nodes: CONTROL, kind: 'unit', needed: 3, roles: ['etcd'] },
    ]);
    expect(refusals(prove({ topology, targets: [unit('kubelet', 'control-1')] }))).to.contain(
      'etcd has 3, 2',
    );
    expect(refusals(prove({ topology, targets: [unit('keepalived', 'control-1')] }))).to.equal('');
  });

  it('counts a majority that is cut off from the users as well as lost', () => {
    const cut = {
      targets: [node('control-1', 'link'), node('control-2', 'link')],
      from: [node('control-3', 'link')],
    };
    expect(refusals(prove(cut))).to.equal('');
    expect(refusals(prove({ ...cut, parameters: { outside: true } }))).to.contain('etcd has 3, 0 left');
    const open = [entry(node('control-1', 'link'), { ...cut, parameters: { outside: true } })];
    expect(refusals(prove({ targets: [node('compute-1')], open }))).to.contain('etcd has 3, 0 left');
  });

  it('counts what is on a node that is not ready as not ready', () => {
    const topology = reference();
    const nodes = topology.live.nodes.map((live) => ({ ...live, ready: live.name !== 'control-3' }));
    const down = { ...topology, live: { ...topology.live, nodes } };
    expect(refusals(prove({ topology: down, targets: [node('control-1')] }))).to.contain(
      'etcd has 3, 1 left',
    );
  });

  it('counts open faults of other runs where any of their nodes is here, and says so where none is', () => {
    const here = prove({ targets: [node('control-2')], open: [entry(node('control-1'))] });
    expect(refusals(here)).to.contain('quorum');
    const elsewhere = prove({ targets: [node('control-2')], open: [entry(node('rack-7'))] });
    expect(refusals(elsewhere)).to.equal('');
    expect(JSON.stringify(elsewhere.reasoning)).to.contain('none of its nodes is in this topology');
  });

  it('keeps what Squall stands on and reaches the API through', () => {
    const topology = reference();
    const ownPath = [
      { node: 'control-1', service: 'cluster/kube-system/etcd', says: 'Squall reaches the API through it' },
      { node: 'compute-1', pod: { namespace: 'openstack', name: 'mariadb-1' }, says: 'Squall runs in it' },
    ];
    const own = { ...topology, live: { ...topology.live, ownPath } };
    const why = (targets: readonly BoundTarget[], from: readonly BoundTarget[] = []): string =>
      refusals(prove({ topology: own, targets, from }));
    expect(why([node('control-1')])).to.contain('own-path: refused: node control-1 would be lost');
    expect(why([node('compute-1')])).to.contain('own-path');
    expect(why([unit('etcd', 'control-1')])).to.contain('etcd on control-1 would be lost');
    expect(why([podOf(own, 'mariadb', 1)])).to.contain('the pod openstack/mariadb-1 would be hurt');
    expect(why([node('control-1', 'link')])).to.contain('own-path');
    expect(why([node('control-2')])).to.equal('');
    const somewhere = {
      ...own,
      live: { ...own.live, ownPath: [{ node: '', says: 'Squall runs in a pod' }] },
    };
    expect(refusals(prove({ topology: somewhere, targets: [node('control-2')] }))).to.contain(
      'may be the node',
    );
  });

  it('takes no control node where the members of etcd cannot be seen', () => {
    const blindness = [{ what: 'etcd', reason: 'It is elsewhere.' }];
    const topology = { ...reference(), blindness };
    expect(refusals(prove({ topology, targets: [node('control-1')] }))).to.contain('unseen-members');
    expect(refusals(prove({ topology, targets: [node('compute-1')] }))).to.equal('');
  });

  describe('overrides', () => {
    const targets = [node('control-1'), node('control-2')];
    const reason = 'The drill is about the loss of quorum.';

    it('lets a named rule go, says so and why, and leaves every other rule', () => {
      const proof = prove({ targets }, { overrides: [{ rule: 'quorum', reason }] });
      expect(refusals(proof)).to.contain('disruption-budget');
      expect(refusals(proof)).not.to.contain('quorum:');
      const all = prove(
        { targets },
        {
          overrides: [
            { rule: 'quorum', reason },
            { rule: 'disruption-budget', reason },
            { rule: 'last-member', reason },
          ],
        },
      );
      expect(all.ok, refusals(all)).to.equal(true);
      const lines = all.reasoning.filter(({ overridden }) => overridden).map(({ says }) => says);
      expect(lines.join('\n')).to.contain(`overridden (quorum: ${reason}): kube-system/etcd has 3, 1 left`);
    });

    it('speaks of one workload alone where it names one', () => {
      const overrides = [{ rule: 'quorum' as const, about: 'openstack/mariadb', reason }];
      const why = refusals(prove({ targets }, { overrides }));
      expect(why).to.contain('quorum: refused: kube-system/etcd');
      expect(why).not.to.contain('quorum: refused: openstack/mariadb');
    });

    it('never speaks of protection, caps, shares or a target that is hurt already', () => {
      const rules = ['quorum', 'last-member', 'disruption-budget', 'unseen-members', 'own-path'] as const;
      const overrides = rules.map((rule) => ({ rule, reason }));
      const why = refusals(
        prove(
          { targets, open: [entry(node('control-1'))] },
          { overrides, maxTargets: 1, maxShare: 0.1, protectedNodes: ['control-2'] },
        ),
      );
      for (const rule of ['protected', 'max-targets', 'max-share', 'one-fault-each'])
        expect(why).to.contain(`${rule}: refused`);
    });
  });
});
