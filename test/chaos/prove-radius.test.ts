import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { bindTargets } from '../../src/chaos/bind-targets.ts';
import { faultRegistry } from '../../src/chaos/fault-registry.ts';
import { makeSchedule } from '../../src/chaos/make-schedule.ts';
import { proveRadius } from '../../src/chaos/prove-radius.ts';
import { proveSchedule } from '../../src/chaos/prove-schedule.ts';
import { HarnessError } from '../../src/model/errors.ts';
import type { HealingEntry } from '../../src/model/injection.ts';
import type { Limits, Mode, Selector } from '../../src/model/plan.ts';
import type { BoundTarget } from '../../src/model/schedule.ts';
import type { Topology } from '../../src/model/topology.ts';
import { entryOf } from '../custody/written-entries.ts';
import { boundNode as node, faultStep, LIMITS, planOf, reference, topologyOf } from './fakes/topologies.ts';

const openOn = (
  target: BoundTarget,
  fault = 'node-power-off',
  from: readonly BoundTarget[] = [],
): HealingEntry => entryOf(`earlier/${target.name}`, { run: 'earlier', fault, targets: [target], from });

interface Question {
  topology?: Topology;
  limits?: Partial<Limits>;
  targets: readonly BoundTarget[];
  from?: readonly BoundTarget[];
  open?: readonly HealingEntry[];
}

function prove({ topology = reference(), limits = {}, targets, from = [], open = [] }: Question) {
  return proveRadius({
    topology,
    limits: { ...LIMITS, ...limits },
    targets: [{ step: 'step', targets, from }],
    open,
  });
}

describe('proveRadius', () => {
  const rows: readonly ({ title: string; ok: boolean; says: string } & Question)[] = [
    {
      title: 'one control node of three',
      ok: true,
      says: 'etcd has 3, 2 left',
      targets: [node('control-1')],
    },
    {
      title: 'two control nodes',
      ok: false,
      says: 'needed for its quorum',
      limits: { maxTargets: 2, maxShare: 1 },
      targets: [node('control-1'), node('control-2')],
    },
    {
      title: 'a second node while the first is open',
      ok: false,
      says: 'needed for its quorum',
      limits: { maxTargets: 2, maxShare: 1 },
      targets: [node('control-2')],
      open: [openOn(node('control-1'))],
    },
    {
      title: 'more targets than allowed',
      ok: false,
      says: '2 targets at once',
      limits: { maxShare: 1 },
      targets: [node('control-1'), node('compute-1')],
    },
    {
      title: 'a target that is hurt already',
      ok: false,
      says: 'is hurt already',
      limits: { maxTargets: 9 },
      targets: [node('control-1')],
      open: [openOn(node('control-1'))],
    },
    {
      title: 'a protected node',
      ok: false,
      says: 'control-1 is protected',
      limits: { protectedNodes: ['control-1'] },
      targets: [node('control-1')],
    },
    {
      title: 'a node that carries a protected namespace',
      ok: false,
      says: 'protected namespace kube-system',
      limits: { protectedNamespaces: ['kube-system'] },
      targets: [node('control-1')],
    },
    {
      title: 'the chosen side of a partition',
      ok: true,
      says: 'control-3 cut off by step',
      targets: [node('control-3', 'link')],
      from: [node('control-1', 'link'), node('control-2', 'link')],
    },
    {
      title: 'a majority cut off: the other side is the minority',
      ok: true,
      says: 'control-3 cut off by step',
      limits: { maxTargets: 2 },
      targets: [node('control-1', 'link'), node('control-2', 'link')],
      from: [node('control-3', 'link')],
    },
    { title: 'nobody', ok: false, says: 'there is no target', targets: [] },
    {
      title: 'a node that is not there',
      ok: false,
      says: 'nothing can be proved',
      targets: [node('control-9')],
    },
  ];
  for (const { title, ok, says, ...question } of rows) {
    it(`${ok ? 'allows' : 'refuses'} ${title}`, () => {
      const proof = prove(question);
      const lines = proof.reasoning.filter(({ refused }) => refused === !ok).map((line) => line.says);
      expect(proof.ok, lines.join('\n')).to.equal(ok);
      expect(lines.join('\n')).to.contain(says);
    });
  }

  it('counts a member that is not ready as lost already', () => {
    const nodes = ['control-1', 'control-2', 'control-3'];
    const topology = topologyOf(nodes, [{ workload: 'mariadb', nodes, needed: 2, unready: [2] }]);
    expect(prove({ topology, targets: [node('control-1')] }).ok).to.equal(false);
    expect(prove({ topology, targets: [node('control-3')] }).ok).to.equal(true);
  });

  it('never takes the last ready member of a service, and keeps what a disruption budget keeps', () => {
    const single = topologyOf(['control-1', 'control-2'], [{ workload: 'one', nodes: ['control-1'] }]);
    expect(
      prove({ topology: single, limits: { maxShare: 1 }, targets: [node('control-1')] })
        .reasoning.map(({ says }) => says)
        .join(),
    ).to.contain('last ready member');
    const kept = topologyOf(
      ['control-1', 'control-2'],
      [{ workload: 'two', nodes: ['control-1', 'control-2'], minAvailable: 2 }],
    );
    expect(prove({ topology: kept, targets: [node('control-1')] }).ok).to.equal(false);
  });

  it('proves nothing of pods whose disruption budgets may not be looked at', () => {
    const seeing = topologyOf(
      ['control-1', 'control-2'],
      [{ workload: 'two', nodes: ['control-1', 'control-2'] }],
    );
    const targets = [node('control-1')];
    expect(prove({ topology: seeing, targets }).ok).to.equal(true);
    const blindness = [{ what: 'poddisruptionbudgets', reason: 'This user may not list them.' }];
    const { ok, reasoning } = prove({ topology: { ...seeing, blindness }, targets });
    expect(ok).to.equal(false);
    expect(JSON.stringify(reasoning)).to.include(
      'its disruption budgets are not known: This user may not list them.',
    );
  });

  it('hurts no larger share of a service at once than the limit, open faults included', () => {
    const nodes = ['control-1', 'control-2', 'control-3', 'control-4'];
    const topology = topologyOf(nodes, [{ workload: 'four', nodes }]);
    const question = { topology, targets: [node('control-2')], open: [openOn(node('control-1'))] };
    expect(prove({ ...question, limits: { maxTargets: 2, maxShare: 0.5 } }).ok).to.equal(true);
    const refused = prove({ ...question, limits: { maxTargets: 2, maxShare: 0.4 } });
    expect(refused.ok).to.equal(false);
    expect(refused.reasoning.map(({ says }) => says).join()).to.contain(
      '50 % would be hurt at once, 40 % allowed',
    );
  });

  it('combines the branches of a parallel step', () => {
    const off = (name: string) => faultStep(`off-${name}`, 'node-power-off', { node: name });
    const plan = planOf([{ kind: 'parallel', name: 'both', steps: [off('control-1'), off('control-2')] }], {
      maxTargets: 2,
      maxShare: 1,
    });
    const topology = reference();
    const proof = proveSchedule(makeSchedule(plan, topology, 's'), topology, plan.limits);
    expect(proof.ok).to.equal(false);
    expect(proof.reasoning[0]?.step).to.equal('off-control-1 + off-control-2');
    const serial = planOf([off('control-1'), off('control-2')], plan.limits);
    expect(proveSchedule(makeSchedule(serial, topology, 's'), topology, plan.limits).ok).to.equal(true);
  });
});

const NAMES = ['control-1', 'control-2', 'control-3', 'control-4', 'compute-1', 'compute-2'];

const anyTopology: fc.Arbitrary<Topology> = fc
  .record({
    nodes: fc.integer({ min: 2, max: 6 }),
    services: fc.array(
      fc.record({
        places: fc.array(fc.nat(5), { minLength: 1, maxLength: 5 }),
        quorum: fc.boolean(),
        unready: fc.array(fc.nat(4), { maxLength: 1 }),
        minAvailable: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
        unit: fc.boolean(),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ nodes, services }) =>
    topologyOf(
      NAMES.slice(0, nodes),
      services.map(({ places, quorum, unready, minAvailable, unit }, n) => {
        const placed = (unit ? [...new Set(places.map((place) => place % nodes))] : places).map(
          (place) => NAMES[place % nodes] ?? '',
        );
        return {
          workload: `service-${n}`,
          nodes: placed,
          kind: unit ? ('unit' as const) : ('deployment' as const),
          roles: [n % 2 === 0 ? 'api' : 'database'],
          namespace: n === 3 ? 'kube-system' : 'openstack',
          unready,
          ...(quorum ? { needed: Math.floor(placed.length / 2) + 1 } : {}),
          ...(minAvailable === undefined ? {} : { minAvailable }),
        };
      }),
    ),
  );

const anySelector: fc.Arbitrary<Selector> = fc.oneof(
  fc.constantFrom<Selector>(
    { role: 'api' },
    { role: 'database' },
    { role: 'control' },
    { role: 'compute' },
    { namespace: 'openstack' },
    { role: 'api-address-holder' },
  ),
  fc.nat(5).map((n) => ({ node: NAMES[n] ?? '' })),
  fc.nat(3).map((n) => ({ workload: `service-${n}` })),
);

const anyMode: fc.Arbitrary<Mode> = fc.constantFrom<Mode>(
  { kind: 'one' },
  { kind: 'all' },
  { kind: 'fixed', value: 2 },
  { kind: 'percent', value: 0.5 },
);

/** What is really left, worked out another way: the largest group of ready members that all reach each other. */
function survivors(
  topology: Topology,
  hurt: readonly { targets: readonly BoundTarget[]; from: readonly BoundTarget[] }[],
  service: string,
): number {
  const dead = new Set<string>();
  const deadNodes = new Set<string>();
  const cuts: [Set<string>, Set<string>][] = [];
  for (const { targets, from } of hurt) {
    for (const target of targets) {
      if (target.subject === 'pod') dead.add(`${target.service}#${target.rank}`);
      if (target.subject === 'node') deadNodes.add(target.node);
      if (target.subject === 'unit') {
        const unit = topology.services.find((known) => known.unit === target.unit);
        for (const { rank, node: place } of unit?.members ?? [])
          if (place === target.node) dead.add(`${unit?.id}#${rank}`);
      }
    }
    if (targets.some(({ subject }) => subject === 'link'))
      cuts.push([new Set(targets.map((t) => t.node)), new Set(from.map((t) => t.node))]);
  }
  const alive = topology.live.members.filter(
    (member) =>
      member.service === service &&
      member.ready &&
      !deadNodes.has(member.node) &&
      !dead.has(`${service}#${member.rank}`),
  );
  const together = (a: string, b: string): boolean =>
    !cuts.some(([x, y]) => (x.has(a) && y.has(b)) || (x.has(b) && y.has(a)));
  let best = 0;
  for (let set = 0; set < 1 << alive.length; set++) {
    const group = alive.filter((_, n) => (set >> n) & 1);
    if (group.length > best && group.every((a) => group.every((b) => together(a.node, b.node))))
      best = group.length;
  }
  return best;
}

describe('the blast radius, over generated topologies, faults and open entries', () => {
  it('never lets a quorum, the last ready member, a minimum, a protected thing or a limit go; every refusal has a reason', function () {
    this.timeout(30_000);
    let allowed = 0;
    const everything = fc.record({
      topology: anyTopology,
      fault: fc.constantFrom(...faultRegistry.map(({ name }) => name)),
      selector: anySelector,
      mode: anyMode,
      seed: fc.nat(1000),
      maxTargets: fc.integer({ min: 1, max: 3 }),
      maxShare: fc.constantFrom(0.34, 0.5, 1),
      protectedNodes: fc.constantFrom<readonly string[]>([], ['control-1']),
      protectedNamespaces: fc.constantFrom<readonly string[]>([], ['kube-system']),
      open: fc.array(fc.record({ at: fc.nat(5), cut: fc.boolean() }), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(everything, ({ topology, fault, selector, mode, seed, open, ...limits }) => {
        const plan = planOf(
          [
            faultStep(
              'hurt',
              fault,
              { ...selector, ...(fault === 'service-stop' ? { unit: 'service-1' } : {}) },
              { mode },
            ),
          ],
          limits,
        );
        const earlier = open.map(({ at, cut }) => {
          const name = topology.nodes[at % topology.nodes.length]?.name ?? '';
          const others = topology.nodes
            .filter((other) => other.name !== name)
            .map((other) => node(other.name, 'link'));
          return cut ? openOn(node(name, 'link'), 'network-partition', others) : openOn(node(name));
        });
        try {
          const [step] = makeSchedule(plan, topology, String(seed)).steps;
          if (step?.kind !== 'fault') throw new Error('no fault was scheduled');
          const bound = bindTargets(step, topology);
          const proof = proveRadius({
            topology,
            limits: plan.limits,
            targets: [{ step: 'hurt', ...bound }],
            open: earlier,
          });
          if (!proof.ok) {
            expect(
              proof.reasoning.filter(({ refused }) => refused).every(({ says }) => says.length > 15),
            ).to.equal(true);
            return;
          }
          allowed += 1;
          const hurt = [...earlier, bound];
          expect(hurt.flatMap(({ targets }) => targets).length).to.be.at.most(limits.maxTargets);
          for (const target of bound.targets) {
            expect(limits.protectedNodes).not.to.include(target.subject === 'pod' ? '' : target.node);
            expect(
              earlier.some(({ targets }) =>
                targets.some((t) => t.node === target.node && target.subject !== 'pod'),
              ),
            ).to.equal(false);
          }
          for (const service of topology.services) {
            const left = survivors(topology, hurt, service.id);
            const before = survivors(topology, earlier, service.id);
            if (service.quorum) expect(left, service.id).to.be.at.least(service.quorum.needed);
            if (left < before) {
              expect(left, service.id).to.be.at.least(Math.max(1, service.minAvailable ?? 1));
              expect(limits.protectedNamespaces).not.to.include(service.namespace);
            }
          }
        } catch (error) {
          if (!(error instanceof HarnessError)) throw error;
          expect(error.message.length).to.be.above(15);
        }
      }),
      { numRuns: 10_000, seed: 20_260 },
    );
    // A proof that refuses everything would be safe and useless.
    expect(allowed).to.be.above(300);
  });
});
