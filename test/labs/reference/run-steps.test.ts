import { expect } from 'chai';
import { describe, it } from 'mocha';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';
import { planSteps, type Acts } from '../../../src/labs/reference/plan-steps.ts';
import { inOrder, runSteps, slowestOf, type Step } from '../../../src/labs/reference/run-steps.ts';
import { NODE_SHAPES } from '../../../src/labs/reference/shape.ts';

const clock = createSystemClock();
const never = new AbortController().signal;
const step = (name: string, after: readonly string[], run: Step['run'] = async () => undefined): Step => ({
  name,
  after,
  run,
});

async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error('It did not fail.');
}

describe('slowestOf', () => {
  it('names the ten that took longest, longest first', () => {
    const times = Array.from({ length: 12 }, (_, n) => ({ name: `s${n}`, beganMs: 0, tookMs: n * 1000 }));
    const said = slowestOf(times);
    expect(said).to.match(/^The slowest: s11 11\.0 s, s10 10\.0 s, .*s2 2\.0 s\.$/);
    expect(said.split(',')).to.have.length(10);
  });
});

describe('runSteps', () => {
  it('begins a step when all that it waits for is over, and others beside it', async () => {
    const said: string[] = [];
    const telling =
      (name: string, ms: number): Step['run'] =>
      async () => {
        said.push(`> ${name}`);
        await clock.sleep({ ms });
        said.push(`< ${name}`);
      };
    await runSteps(
      [
        step('c', ['a', 'b'], telling('c', 1)),
        step('a', [], telling('a', 30)),
        step('b', [], telling('b', 5)),
      ],
      { clock, report: () => undefined },
      never,
    );
    expect(said).to.deep.equal(['> a', '> b', '< b', '< a', '> c', '< c']);
  });

  it('names the step that failed, stops the others and waits for them', async () => {
    const said: string[] = [];
    const failure = await failureOf(
      runSteps(
        [
          step('slow', [], async (signal) => {
            await clock.sleep({ ms: 10_000 }, signal).catch(() => said.push('slow was stopped'));
          }),
          step('bad', [], async () => {
            await clock.sleep({ ms: 5 });
            throw new Error('no space left');
          }),
          step('later', ['bad'], async () => void said.push('later ran')),
        ],
        { clock, report: () => undefined },
        never,
      ),
    );
    expect(failure.message).to.equal('bad: no space left');
    expect(said).to.deep.equal(['slow was stopped']);
  });

  it('ends with the reason of whoever stopped it', async () => {
    const stop = new AbortController();
    const running = runSteps(
      [step('long', [], (signal) => clock.sleep({ ms: 10_000 }, signal))],
      { clock, report: () => undefined },
      stop.signal,
    );
    stop.abort(new Error('enough'));
    expect((await failureOf(running)).message).to.equal('enough');
  });

  it('refuses steps that wait for each other or for nothing', async () => {
    const run = (steps: readonly Step[]): Promise<unknown> =>
      runSteps(steps, { clock, report: () => undefined }, never);
    expect((await failureOf(run([step('a', ['b']), step('b', ['a'])]))).message).to.contain(
      'wait for each other',
    );
    expect((await failureOf(run([step('a', ['nobody'])]))).message).to.contain('nobody');
  });
});

describe('planSteps', () => {
  const acts = new Proxy({}, { get: () => async () => undefined }) as Acts;
  const plan = (joined: boolean): readonly Step[] =>
    inOrder(planSteps(acts, { joined, keep: !joined, cloud: [] }));
  const positions = (steps: readonly Step[]): ((name: string) => number) => {
    const names = steps.map(({ name }) => name);
    return (name) => names.indexOf(name);
  };

  it('joins control nodes one after the other and compute nodes beside them', () => {
    const steps = plan(false);
    const second = steps.find(({ name }) => name === 'join control-2');
    const third = steps.find(({ name }) => name === 'join control-3');
    expect(third?.after).to.include('join control-2');
    expect(second?.after).to.include('certificates');
    for (const compute of ['join compute-1', 'join compute-2'])
      expect(steps.find(({ name }) => name === compute)?.after).to.not.include('join control-2');
    const at = positions(steps);
    expect(at('API address')).to.be.lessThan(at('certificates'));
  });

  it('joins nobody when the volumes are those of a snapshot, and keeps none', () => {
    const names = plan(true).map(({ name }) => name);
    expect(names.filter((name) => /join|first control|snapshot|template/.test(name))).to.deep.equal([]);
    for (const { name } of NODE_SHAPES) expect(names).to.include(`start ${name}`);
    expect(names).to.include('every node, lease and system pod');
  });

  it('takes the snapshot last, when all was seen to work', () => {
    const steps = plan(false);
    expect(steps.at(-1)?.name).to.equal('snapshot');
    expect(steps.at(-1)?.after).to.have.members(['a test pod', 'a name is answered']);
  });
});
