import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { makeSchedule, proveSchedule } from '../../src/chaos/index.ts';
import { loadCatalogue } from '../../src/entries/catalogue.ts';
import { bundledPlans } from '../../src/entries/places.ts';
import type { Ability } from '../../src/model/abilities.ts';
import type { Catalogue } from '../../src/model/catalogue.ts';
import { HarnessError } from '../../src/model/errors.ts';
import type { ScheduledStep } from '../../src/model/schedule.ts';
import type { Service, Topology } from '../../src/model/topology.ts';
import { loadPlan } from '../../src/plan/index.ts';
import { parseTopologyFile } from '../../src/topology/index.ts';

const TOPOLOGY = 'chaos-plans/rehearsal.topology.json';

/** What every user of this field would look for first. */
const EXPECTED = [
  'api-address-holder-power-off',
  'api-address-move',
  'api-descriptor-exhaustion',
  'compute-conntrack-exhaustion',
  'compute-node-power-off',
  'container-kill-each-api',
  'control-cpu-pressure',
  'control-disk-fill',
  'control-memory-pressure',
  'control-minority-partition',
  'control-network-bandwidth',
  'control-network-latency',
  'control-network-loss',
  'control-node-drain',
  'control-node-freeze',
  'control-node-power-off',
  'control-node-reboot',
  'database-member-stop',
  'dns-outage',
  'durable-writes',
  'first-run',
  'galera-all-members',
  'galera-member-freeze',
  'galera-member-kill',
  'haproxy-stop',
  'kubernetes-first-run',
  'kubernetes-without-power',
  'memcached-restart',
  'neutron-agent-stop',
  'nova-compute-freeze',
  'openvswitch-stop',
  'pod-delete-each-api',
  'rabbitmq-all-members',
  'rabbitmq-member-freeze',
  'rabbitmq-member-kill',
  'rabbitmq-partition',
  'random-pod-delete',
];

const OF_PIPELINES = ['drill', 'gate', 'nightly', 'nightly-pods'];

/** What the model cannot do, so that these plans are for labs with real nodes; on the model they are refused with a reason. */
const BEYOND_THE_REHEARSAL: Readonly<Record<string, Ability>> = {
  'api-descriptor-exhaustion': 'pressure-descriptors',
  'compute-conntrack-exhaustion': 'pressure-conntrack',
  'container-kill-each-api': 'containers',
  'control-cpu-pressure': 'pressure-cpu',
  'control-disk-fill': 'pressure-disk',
  'control-memory-pressure': 'pressure-memory',
  'control-network-bandwidth': 'link-limit',
  'dns-outage': 'container-freeze',
  'galera-all-members': 'containers',
  'galera-member-freeze': 'container-freeze',
  'galera-member-kill': 'containers',
  'haproxy-stop': 'containers',
  'memcached-restart': 'containers',
  'neutron-agent-stop': 'container-freeze',
  'nova-compute-freeze': 'container-freeze',
  'openvswitch-stop': 'container-freeze',
  'rabbitmq-all-members': 'containers',
  'rabbitmq-member-freeze': 'container-freeze',
  'rabbitmq-member-kill': 'containers',
};

/** Parts of a cloud that the model does not have. */
const PARTS = {
  ingress: { on: 'control', roles: ['balancer'] },
  'neutron-ovs-agent-default': { on: 'compute', roles: ['agent'] },
} as const;

const MORE_PARTS: Readonly<Record<string, readonly (keyof typeof PARTS)[]>> = {
  'haproxy-stop': ['ingress'],
  'neutron-agent-stop': ['neutron-ovs-agent-default'],
  'openvswitch-stop': ['neutron-ovs-agent-default'],
};

function withParts(parts: readonly (keyof typeof PARTS)[], topology: Topology): Topology {
  const services = parts.map((workload): Service => {
    const nodes = topology.nodes.filter(({ roles }) => roles.includes(PARTS[workload].on));
    return {
      id: `openstack/openstack/${workload}`,
      system: 'openstack',
      namespace: 'openstack',
      workload,
      kind: 'daemonset',
      service: workload,
      component: 'server',
      roles: PARTS[workload].roles,
      labels: {},
      replicas: nodes.length,
      members: nodes.map(({ name: node }, rank) => ({ rank, node })),
    };
  });
  const members = services.flatMap(({ id, workload, members: places }) =>
    places.map(({ rank, node }) => ({
      service: id,
      rank,
      node,
      name: `${workload}-${rank}`,
      uid: `${id}-${rank}`,
      ready: true,
    })),
  );
  return {
    ...topology,
    services: [...topology.services, ...services],
    live: { ...topology.live, members: [...topology.live.members, ...members] },
  };
}

const flatten = (steps: readonly ScheduledStep[]): readonly ScheduledStep[] =>
  steps.flatMap((step) => (step.kind === 'parallel' ? flatten(step.branches.flat()) : [step]));

describe('chaos plans', () => {
  let catalogue: Catalogue;
  const rehearsal = parseTopologyFile(readFileSync(TOPOLOGY, 'utf8'), TOPOLOGY);
  const topologyFor = (plan: string): Topology => {
    const more = BEYOND_THE_REHEARSAL[plan];
    // Whoever can freeze a container can kill it too.
    const all =
      more === 'container-freeze' ? (['containers', more] as const) : more === undefined ? [] : [more];
    return withParts(MORE_PARTS[plan] ?? [], {
      ...rehearsal,
      abilities: [...rehearsal.abilities, ...all],
    });
  };

  before(async () => {
    catalogue = await loadCatalogue();
  });

  it('are all there', () => {
    expect(bundledPlans().map(({ name }) => name)).to.have.members([...EXPECTED, ...OF_PIPELINES]);
  });

  for (const { name, path } of bundledPlans()) {
    it(`${name} says what it wants to learn, loads, and gives a proved schedule on the rehearsal's topology`, () => {
      const text = readFileSync(path, 'utf8');
      expect(text, 'its first line is a sentence').to.match(/^# [A-Z]/);
      const plan = loadPlan(text, { file: path, catalogue });
      expect(plan.name, 'is called like its file').to.equal(name);
      const topology = topologyFor(name);
      const schedule = makeSchedule(plan, topology, '1');
      const faults = flatten(schedule.steps).filter((step) => step.kind === 'fault');
      expect(faults.length).to.be.greaterThan(0);
      for (const fault of faults) expect(fault.targets, fault.id).not.to.be.empty;
      const proof = proveSchedule(schedule, topology, plan.limits);
      expect(proof.reasoning.filter(({ refused }) => refused)).to.deep.equal([]);
    });

    it(`${name} gives the same bytes for one seed`, () => {
      const plan = loadPlan(readFileSync(path, 'utf8'), { file: path, catalogue });
      const once = JSON.stringify(makeSchedule(plan, topologyFor(name), 'seed'));
      expect(JSON.stringify(makeSchedule(plan, topologyFor(name), 'seed'))).to.equal(once);
      expect(text(path), 'names roles, not hosts').not.to.match(/\b(control|compute)-\d/);
    });
  }

  for (const [name, ability] of Object.entries(BEYOND_THE_REHEARSAL)) {
    it(`${name} is refused on the rehearsal, with what it lacks and what to do about it`, () => {
      const path = `chaos-plans/${name}.yaml`;
      const plan = loadPlan(text(path), { file: path, catalogue });
      const lacks = rehearsal.missingAbilities.find((missing) => missing.ability === ability);
      const others = topologyFor(name).abilities.filter((has) => has !== ability);
      expect(() => makeSchedule(plan, { ...rehearsal, abilities: others }, '1'))
        .to.throw(HarnessError, `${lacks?.reason ?? 'no reason'} ${lacks?.remedy ?? 'no remedy'}`)
        .with.property('code', 'SQ_ABILITY_MISSING');
    });
  }

  it('are refused where a node shares the clock of its host, with the reason of the lab, before anything is chosen', () => {
    const skew = `apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata: { name: skew, description: What do members make of one whose clock is wrong? }
probes: [{ name: p, probe: tcp, endpoint: kubernetes, every: 1s, timeout: 500ms, connection: new }]
method: [{ fault: clock-skew, selector: { role: control }, by: 1h, mode: one, duration: 10s }]
objectives: [{ objective: availability, minimum: 50% }]
`;
    const plan = loadPlan(skew, { file: 'skew.yaml', catalogue });
    expect(() => makeSchedule(plan, rehearsal, '1'))
      .to.throw(HarnessError, /clock-skew needs node-clock.*share the clock of this host.* by hand/)
      .with.property('code', 'SQ_ABILITY_MISSING');
  });

  it('draws other targets with other seeds where there are five candidates or more', () => {
    const path = 'chaos-plans/random-pod-delete.yaml';
    const plan = loadPlan(text(path), { file: path, catalogue });
    const targets = (seed: string): string =>
      JSON.stringify(
        flatten(makeSchedule(plan, rehearsal, seed).steps).map((step) =>
          step.kind === 'fault' ? step.targets : [],
        ),
      );
    expect(new Set(Array.from({ length: 20 }, (_, n) => targets(String(n)))).size).to.be.greaterThan(15);
  });
});

const text = (path: string): string => readFileSync(path, 'utf8');
