import { expect } from 'chai';
import { describe, it } from 'mocha';
import { makeSchedule } from '../../src/chaos/make-schedule.ts';
import { HarnessError } from '../../src/model/errors.ts';
import type { Selector, Step } from '../../src/model/plan.ts';
import type { ScheduledFault } from '../../src/model/schedule.ts';
import { faultStep, NODES, planOf, reference, topologyOf } from './fakes/topologies.ts';

const faults = (steps: readonly { kind: string }[]): ScheduledFault[] =>
  steps.filter((step): step is ScheduledFault => step.kind === 'fault');

function refusal(method: readonly Step[], topology = reference(), limits = {}): HarnessError {
  try {
    makeSchedule(planOf(method, limits), topology, 'seed');
  } catch (error) {
    expect(error).to.be.instanceOf(HarnessError);
    return error as HarnessError;
  }
  throw new Error('it was not refused');
}

describe('makeSchedule', () => {
  const five = topologyOf(NODES, [
    { workload: 'keystone-api', nodes: NODES, roles: ['api'] },
    { workload: 'other', nodes: NODES },
  ]);

  it('gives the same bytes for the same plan, topology and seed, whatever is live and in which order it was found', () => {
    const plan = planOf([
      faultStep('kill', 'pod-delete', { role: 'api' }),
      faultStep('off', 'node-power-off', { role: 'control' }),
    ]);
    const one = reference();
    const other = reference();
    const shuffled = {
      ...other,
      nodes: [...other.nodes].reverse(),
      services: [...other.services].reverse(),
      live: { nodes: [], members: [], holders: [] },
    };
    expect(JSON.stringify(makeSchedule(plan, shuffled, 's'))).to.equal(
      JSON.stringify(makeSchedule(plan, one, 's')),
    );
  });

  it('spreads over all candidates as the seed changes, where there are five', () => {
    const plan = planOf([faultStep('kill', 'pod-delete', { role: 'api' })]);
    const drawn = (seed: string) => faults(makeSchedule(plan, five, seed).steps)[0]?.targets[0]?.rank;
    for (const seeds of [
      ['1', '2', '3', '4', '5', '6', '7', '8'],
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
    ]) {
      expect(new Set(seeds.map(drawn)).size, seeds.join()).to.be.at.least(3);
    }
    const counts = new Map<unknown, number>();
    for (let seed = 0; seed < 1000; seed++)
      counts.set(drawn(String(seed)), (counts.get(drawn(String(seed))) ?? 0) + 1);
    expect(counts.size).to.equal(5);
    for (const count of counts.values()) expect(count).to.be.within(140, 260);
  });

  it('gives each step a stream of its own: a step that is added changes no other draw', () => {
    const kill = faultStep('kill', 'pod-delete', { role: 'api' });
    const alone = faults(makeSchedule(planOf([kill]), five, 's').steps);
    const behind = faults(
      makeSchedule(planOf([faultStep('first', 'pod-delete', { workload: 'other' }), kill]), five, 's').steps,
    );
    expect(behind[1]?.targets).to.deep.equal(alone[0]?.targets);
  });

  it('unrolls rounds with pauses between them, and draws anew in each', () => {
    const round: Step = {
      kind: 'repeat',
      name: 'again',
      times: 12,
      every: { ms: 5000 },
      steps: [faultStep('kill', 'pod-delete', { role: 'api' })],
    };
    const { steps } = makeSchedule(planOf([round]), five, 's');
    expect(steps.map(({ id }) => id).slice(0, 4)).to.deep.equal(['kill#1', 'again#1', 'kill#2', 'again#2']);
    expect(steps.at(-1)?.kind).to.equal('fault');
    expect(steps[1]).to.include({ kind: 'pause', sinceStartOf: 'kill#1' });
    expect(new Set(faults(steps).map(({ targets }) => targets[0]?.rank)).size).to.be.at.least(3);
  });

  it('makes a role that moves its holder, and leaves its other side to the moment', () => {
    const { steps } = makeSchedule(
      planOf([faultStep('cut', 'network-partition', { role: 'api-address-holder' })]),
      reference(),
      's',
    );
    expect(faults(steps)[0]).to.deep.include({
      targets: [{ subject: 'link', holderOf: 'api-address' }],
      from: [],
    });
  });

  it('cuts the chosen nodes from all others where `from` is absent', () => {
    const [cut] = faults(
      makeSchedule(planOf([faultStep('cut', 'network-partition', { role: 'control' })]), reference(), 's')
        .steps,
    );
    const chosen = cut?.targets[0]?.node;
    expect(cut?.from.map(({ node }) => node).sort()).to.deep.equal(
      NODES.filter((node) => node !== chosen).sort(),
    );
  });

  const modes = [
    { mode: { kind: 'one' as const }, count: 1 },
    { mode: { kind: 'fixed' as const, value: 2 }, count: 2 },
    { mode: { kind: 'percent' as const, value: 0.5 }, count: 2 },
    { mode: { kind: 'percent' as const, value: 0.01 }, count: 1 },
    { mode: { kind: 'all' as const }, count: 5 },
  ];
  for (const { mode, count } of modes) {
    it(`chooses ${count} of five with ${JSON.stringify(mode)}`, () => {
      const [kill] = faults(
        makeSchedule(planOf([faultStep('kill', 'pod-delete', { role: 'api' }, { mode })]), five, 's').steps,
      );
      expect(new Set(kill?.targets.map(({ rank }) => rank)).size).to.equal(count);
    });
  }

  const parts = [
    {
      selector: { workload: 'mariadb' },
      fault: 'pod-delete',
      found: ['mariadb 0', 'mariadb 1', 'mariadb 2'],
    },
    { selector: { service: 'glance-api' }, fault: 'pod-delete', found: ['glance-api 0', 'glance-api 1'] },
    { selector: { role: 'database' }, fault: 'pod-delete', found: ['mariadb 0', 'mariadb 1', 'mariadb 2'] },
    { selector: { role: 'api', node: 'control-3' }, fault: 'pod-delete', found: ['keystone-api 2'] },
    {
      selector: { labels: { application: 'nova-compute' } },
      fault: 'pod-delete',
      found: ['nova-compute 0', 'nova-compute 1'],
    },
    { selector: { role: 'compute' }, fault: 'node-freeze', found: ['node compute-1', 'node compute-2'] },
    { selector: { namespace: 'kube-system' }, fault: 'service-stop', found: ['etcd 0', 'etcd 1', 'etcd 2'] },
    {
      selector: { role: 'compute', unit: 'kubelet' },
      fault: 'service-stop',
      found: ['kubelet compute-1', 'kubelet compute-2'],
    },
  ];
  for (const { selector, fault, found } of parts) {
    it(`takes only what matches every part of ${JSON.stringify(selector)}`, () => {
      const step = faultStep('x', fault, selector, { mode: { kind: 'all' } });
      const [hurt] = faults(makeSchedule(planOf([step]), reference(), 's').steps);
      const names = hurt?.targets.map(({ service, rank, node, unit }) =>
        service === undefined ? `${unit ?? 'node'} ${node}` : `${service.split('/').pop()} ${rank}`,
      );
      expect(names).to.deep.equal(found);
    });
  }

  it('leaves out what is protected, and says so', () => {
    const limits = { protectedNodes: ['control-1', 'control-2'] };
    const { steps } = makeSchedule(
      planOf([faultStep('off', 'node-power-off', { role: 'control' })], limits),
      reference(),
      's',
    );
    expect(faults(steps)[0]?.targets[0]?.node).to.equal('control-3');
    expect(faults(steps)[0]?.leftOut?.join()).to.contain('control-1').and.to.contain('protected');
  });

  const parallel = (...steps: Step[]): Step => ({ kind: 'parallel', name: 'both', steps });
  const rows = [
    { title: 'an empty selector', method: [faultStep('x', 'pod-delete', {})], code: 'SQ_TARGET_AMBIGUOUS' },
    {
      title: 'labels without a label',
      method: [faultStep('x', 'pod-delete', { labels: {} })],
      code: 'SQ_TARGET_AMBIGUOUS',
    },
    {
      title: 'a node that is not there',
      method: [faultStep('x', 'node-power-off', { node: 'none' })],
      code: 'SQ_TARGET_NONE',
    },
    {
      title: 'a namespace that holds every pod',
      method: [faultStep('x', 'pod-delete', { namespace: 'openstack' })],
      code: 'SQ_TARGET_AMBIGUOUS',
    },
    {
      title: 'a role nobody has',
      method: [faultStep('x', 'pod-delete', { role: 'queue' })],
      code: 'SQ_TARGET_NONE',
    },
    {
      title: 'more than there are',
      method: [faultStep('x', 'pod-delete', { role: 'database' }, { mode: { kind: 'fixed', value: 9 } })],
      code: 'SQ_TARGET_NONE',
    },
    {
      title: 'a lasting fault without a duration',
      method: [faultStep('x', 'node-freeze', { role: 'control' }, { duration: { ms: 0 } })],
      code: 'SQ_PLAN_INVALID',
    },
    {
      title: 'two faults on one node at the same time',
      method: [
        parallel(
          faultStep('off', 'node-power-off', { node: 'control-1' }),
          faultStep('cold', 'node-freeze', { node: 'control-1' }),
        ),
      ],
      code: 'SQ_PLAN_INVALID',
    },
    {
      title: 'a unit of a node that is turned off at the same time',
      method: [
        parallel(
          faultStep('off', 'node-power-off', { node: 'control-1' }),
          faultStep('unit', 'service-stop', { node: 'control-1', unit: 'etcd' }),
        ),
      ],
      code: 'SQ_PLAN_INVALID',
    },
  ] as const;
  for (const { title, method, code } of rows) {
    it(`refuses ${title} with ${code}`, () => {
      const error = refusal(method);
      expect(error.code).to.equal(code);
      expect(error.message).to.match(/^Step /);
    });
  }

  it('says which name of a selector nothing here has, and which names there are', () => {
    const said = (selector: Selector): string => refusal([faultStep('x', 'pod-delete', selector)]).message;
    expect(said({ role: 'databse' })).to.match(/there is no role databse, but (.*, )?database/);
    expect(said({ role: 'database', workload: 'keystone-api' })).to.match(/nothing is all of that at once/);
    expect(said({ role: 'database', unit: 'etcd' })).to.match(/a pod has no unit here/);
  });

  it('refuses to take all nodes there are, even by a role', () => {
    const topology = topologyOf(['control-1', 'control-2'], []);
    const all = [faultStep('x', 'node-power-off', { role: 'control' }, { mode: { kind: 'all' } })];
    expect(refusal(all, topology).code).to.equal('SQ_TARGET_AMBIGUOUS');
    expect(
      makeSchedule(planOf([faultStep('x', 'node-power-off', { role: 'control' })]), topology, 's').steps,
    ).to.have.length(1);
  });

  it('names all problems at once, missing abilities with reason and remedy', () => {
    const topology = {
      ...reference(),
      abilities: ['kubernetes' as const],
      missingAbilities: [
        { ability: 'power' as const, reason: 'It is not ours.', remedy: 'Use the rehearsal.' },
      ],
    };
    const { code, message } = refusal(
      [
        faultStep('off', 'node-power-off', { role: 'control' }),
        faultStep('x', 'pod-delete', { role: 'queue' }),
      ],
      topology,
    );
    expect(code).to.equal('SQ_ABILITY_MISSING');
    expect(message.split('\n')).to.have.length(2);
    expect(message).to.contain('It is not ours. Use the rehearsal.').and.to.contain('role queue');
  });
});
