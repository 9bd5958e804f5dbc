import { expect } from 'chai';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, it } from 'mocha';
import { loadCatalogue } from '../../src/entries/catalogue.ts';
import type { Plan, Step } from '../../src/model/plan.ts';
import { loadPlan, starterPlan } from '../../src/plan/index.ts';

/** Which ones there must be is told in `test/rules/plans.test.ts`. */
const PLANS = readdirSync('chaos-plans')
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace('.yaml', ''));

const everyStep = (steps: readonly Step[]): readonly Step[] => {
  return steps.flatMap((step) => ('steps' in step ? [step, ...everyStep(step.steps)] : [step]));
};

async function load(text: string, file: string): Promise<Plan> {
  return loadPlan(text, { file, catalogue: await loadCatalogue() });
}

describe('the plans that come with Squall', () => {
  for (const name of PLANS) {
    it(`${name} loads, says what it wants to learn, and names roles in place of hosts`, async () => {
      const plan = await load(readFileSync(`chaos-plans/${name}.yaml`, 'utf8'), `${name}.yaml`);
      expect(plan.name).to.equal(name);
      expect(plan.learns).to.match(/^Wants to learn: .+\?$/);
      const steps = everyStep(plan.method);
      const faults = steps.filter((step) => step.kind === 'fault');
      expect(faults).to.not.be.empty;
      for (const fault of faults) {
        expect(fault.selector).to.not.have.any.keys('node');
        expect(fault.selector.role).to.be.a('string');
      }
      const waits = steps.flatMap((step) =>
        step.kind === 'wait' && step.wait.for === 'recovered' ? [step.wait.ceiling.ms] : [],
      );
      expect(waits).to.have.lengthOf.at.least(1);
      expect(Math.min(...waits)).to.be.at.least(600_000);
      const objectives = plan.objectives.map(({ objective }) => objective);
      expect(objectives).to.include.members([
        'availability',
        'longest-outage',
        'recovery-time',
        'conformance',
        'nothing-leaked',
      ]);
    });
  }
});

describe('examples', () => {
  it('the starter plan loads', async () => {
    const plan = await load(starterPlan(), 'starter.yaml');
    expect(plan.learns).to.equal(
      'Wants to learn: does Keystone go on answering when one of its pods is deleted?',
    );
    expect(everyStep(plan.method)[0]).to.deep.include({ kind: 'repeat', times: 3 });
  });

  it('the plan in docs/writing-a-plan.md loads, and its message is the one that Squall writes', async () => {
    const page = readFileSync('docs/writing-a-plan.md', 'utf8');
    const example = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? '';
    const plan = await load(example, 'plan.yaml');
    expect(everyStep(plan.method)[0]).to.deep.include({ kind: 'repeat', times: 10, every: { ms: 30_000 } });
    const message = /```\n(plan\.yaml[^\n]*)\n```/.exec(page)?.[1] ?? '';
    const says = message.slice(message.indexOf('"5 minutes"'));
    let told = '';
    await load(
      example
        .replace('    - wait: recovered', '    - wait: 1s')
        .replace('ceiling: 10m', 'ceiling: 5 minutes'),
      'plan.yaml',
    ).catch((error: Error) => (told = error.message));
    expect(says).to.not.equal('');
    expect(told).to.contain(says);
  });
});
