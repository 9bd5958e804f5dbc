import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { makeSchedule, proveSchedule } from '../../src/chaos/index.ts';
import { loadCatalogue } from '../../src/entries/catalogue.ts';
import { bundledPlans } from '../../src/entries/places.ts';
import type { Catalogue } from '../../src/model/catalogue.ts';
import type { ScheduledStep } from '../../src/model/schedule.ts';
import { loadPlan } from '../../src/plan/index.ts';
import { parseTopologyFile } from '../../src/topology/index.ts';

const TOPOLOGY = 'chaos-plans/rehearsal.topology.json';

/** What every user of this field would look for first. */
const EXPECTED = [
  'api-address-holder-power-off',
  'compute-node-power-off',
  'control-minority-partition',
  'control-network-loss',
  'control-node-freeze',
  'control-node-power-off',
  'database-member-stop',
  'first-run',
  'pod-delete-each-api',
  'random-pod-delete',
];

const flatten = (steps: readonly ScheduledStep[]): readonly ScheduledStep[] =>
  steps.flatMap((step) => (step.kind === 'parallel' ? flatten(step.branches.flat()) : [step]));

describe('chaos plans', () => {
  let catalogue: Catalogue;
  const topology = parseTopologyFile(readFileSync(TOPOLOGY, 'utf8'), TOPOLOGY);

  before(async () => {
    catalogue = await loadCatalogue();
  });

  it('are all there', () => {
    expect(bundledPlans().map(({ name }) => name)).to.include.members(EXPECTED);
  });

  for (const { name, path } of bundledPlans()) {
    it(`${name} says what it wants to learn, loads, and gives a proved schedule on the rehearsal's topology`, () => {
      const text = readFileSync(path, 'utf8');
      expect(text, 'its first line is a sentence').to.match(/^# [A-Z]/);
      const plan = loadPlan(text, { file: path, catalogue });
      expect(plan.name, 'is called like its file').to.equal(name);
      const schedule = makeSchedule(plan, topology, '1');
      const faults = flatten(schedule.steps).filter((step) => step.kind === 'fault');
      expect(faults.length).to.be.greaterThan(0);
      for (const fault of faults) expect(fault.targets, fault.id).not.to.be.empty;
      const proof = proveSchedule(schedule, topology, plan.limits);
      expect(proof.reasoning.filter(({ refused }) => refused)).to.deep.equal([]);
    });

    it(`${name} gives the same bytes for one seed`, () => {
      const plan = loadPlan(readFileSync(path, 'utf8'), { file: path, catalogue });
      const once = JSON.stringify(makeSchedule(plan, topology, 'seed'));
      expect(JSON.stringify(makeSchedule(plan, topology, 'seed'))).to.equal(once);
      expect(text(path), 'names roles, not hosts').not.to.match(/\b(control|compute)-\d/);
    });
  }

  it('draws other targets with other seeds where there are five candidates or more', () => {
    const path = 'chaos-plans/random-pod-delete.yaml';
    const plan = loadPlan(text(path), { file: path, catalogue });
    const targets = (seed: string): string =>
      JSON.stringify(
        flatten(makeSchedule(plan, topology, seed).steps).map((step) =>
          step.kind === 'fault' ? step.targets : [],
        ),
      );
    expect(new Set(Array.from({ length: 20 }, (_, n) => targets(String(n)))).size).to.be.greaterThan(15);
  });
});

const text = (path: string): string => readFileSync(path, 'utf8');
