import { expect } from 'chai';
import { describe, it } from 'mocha';
import { makeSchedule } from '../../src/chaos/index.ts';
import { HarnessError } from '../../src/model/errors.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Earlier } from '../../src/run/earlier.ts';
import { openSession, type Found } from '../../src/run/session.ts';
import type { RunRequest, World } from '../../src/run/world.ts';
import { MemoryStore } from '../chaos/fakes/memory-store.ts';
import { ModelLab } from '../chaos/fakes/model-lab.ts';
import { faultStep, planOf, reference } from '../chaos/fakes/topologies.ts';
import { VirtualClock } from '../chaos/fakes/virtual-clock.ts';

const topology = reference();

function open(plan: Plan, earlier?: Earlier): ReturnType<typeof openSession> {
  const clock = new VirtualClock();
  const world = {
    clock,
    suites: [{ name: 'kubernetes/pods', path: '' }],
    lab: new ModelLab(topology, clock, []),
    state: new MemoryStore(),
    self: { host: 'here', pid: 1 },
    folder: { path: '/nowhere', write: async () => undefined, readLines: async () => [] },
  } as unknown as World;
  const found = { topology, connection: {}, clients: {}, earlier } as unknown as Found;
  return openSession({ id: 'run-1', plan, seed: 's' } as RunRequest, world, found);
}

describe('a session', () => {
  it('is refused for a suite that is misspelled, wherever the plan names it, before anything is hurt', async () => {
    const selection = (suite: string) => ({ suites: [suite], tags: [] });
    const code = async (plan: Plan): Promise<unknown> =>
      open(plan).then(
        () => undefined,
        (error: unknown) => (error as HarnessError).code,
      );
    const step = (suite: string) => ({ kind: 'suites', name: 's', selection: selection(suite) }) as const;
    const inside = (suite: string) => ({ kind: 'parallel', name: 'p', steps: [step(suite)] }) as const;
    expect(await code({ ...planOf([]), conformance: { after: selection('kubernetes') } })).to.equal(
      undefined,
    );
    expect(await code({ ...planOf([]), conformance: { after: selection('kubernets') } })).to.equal(
      'SQ_SUITE',
    );
    expect(await code(planOf([inside('kubernetes/pods')]))).to.equal(undefined);
    expect(await code(planOf([inside('kubernetes/pod')]))).to.equal('SQ_SUITE');
  });
});

describe('a session of a run that is gone on with', () => {
  const nothing: Earlier = { methodDone: false, left: [], stages: [], broughtUp: false, resumed: [] };
  const one = planOf([faultStep('hurt', 'node-power-off', { role: 'control' })]);

  it('does all steps where the harness had died before there was a schedule', async () => {
    const session = await open(one, nothing);
    expect(session.earlier?.left.map(({ step }) => step)).to.deep.equal(['hurt']);
  });

  it('proves anew what had been refused, and goes on by the first schedule once something was hurt', async () => {
    const two = planOf([
      faultStep('hurt', 'node-power-off', { role: 'control' }, { mode: { kind: 'fixed', value: 2 } }),
    ]);
    const schedule = makeSchedule(two, topology, 's');
    const refused: unknown = await open(two, { ...nothing, schedule, left: schedule.steps }).catch(
      (reason: unknown) => reason,
    );
    expect(refused).to.be.instanceOf(HarnessError).and.to.include({ code: 'SQ_RADIUS_REFUSED' });
    const at = { clock: 'virtual', ns: 1 };
    const chaos = { started: at, ended: at, injections: [], steps: [] };
    const session = await open(two, { ...nothing, schedule, left: schedule.steps, chaos });
    expect(session.schedule).to.equal(schedule);
  });
});
