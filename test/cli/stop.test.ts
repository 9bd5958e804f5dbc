import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { holdingPlan } from './holding-plan.ts';
import { traces, type Traces } from './leftovers.ts';
import { makeHome, squall, start, type Home } from './squall-process.ts';

interface PowerStatus {
  readonly state: string;
  readonly nodes: readonly { readonly name: string; readonly power: string }[];
}

describe('stopping', function () {
  this.timeout(120_000);
  let home: Home;
  let before: Traces;

  const power = async (): Promise<PowerStatus> =>
    JSON.parse((await squall(home, ['lab', 'status', '-o', 'json'])).stdout) as PowerStatus;

  const plan = async (duration: string): Promise<string> => {
    const file = join(home.path, 'holding.yaml');
    await writeFile(file, holdingPlan(duration));
    return file;
  };

  beforeEach(async () => {
    home = await makeHome();
    before = traces(home.path);
  });
  afterEach(async () => {
    await squall(home, ['lab', 'down']);
    // A reaper whose harness was killed stays until the declared end of what it holds.
    await untilGone(() => traces(home.path).processes);
    await home.remove();
  });
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`heals, reports and ends with ${code} on ${signal}`, async () => {
      const run = start(home, ['run', await plan('10m')]);
      await run.says('fault hold holding');
      run.child.kill(signal);
      const { code: ended, stderr } = await run.ended;
      expect(ended, stderr).to.equal(code);
      const [id] = await readdir(join(home.path, 'reports'));
      const folder = join(home.path, 'reports', id ?? '');
      const chaos = JSON.parse(await readFile(join(folder, 'chaos.json'), 'utf8')) as {
        injections: { end: string }[];
      };
      expect(chaos.injections.map(({ end }) => end)).to.deep.equal(['healed-early']);
      expect(await readdir(folder)).to.include.members([
        'report.html',
        'junit.xml',
        'report.json',
        'summary.md',
      ]);
      expect(traces(home.path)).to.deep.equal(before);
    });
  }

  it('ends at once on a second SIGINT, with the command that heals; the fault ends at its declared end', async () => {
    const run = start(home, ['run', await plan('4s')]);
    await run.says('fault hold holding');
    run.child.kill('SIGINT');
    await sleep(600);
    run.child.kill('SIGINT');
    const { code, stderr } = await run.ended;
    expect(code === 130, stderr).to.equal(true);
  });

  it('is healed by the reaper when the harness is killed, and lab down leaves nothing', async () => {
    const run = start(home, ['run', await plan('3s')]);
    await run.says('fault hold holding');
    expect((await power()).nodes.map((node) => node.power)).to.include('off');
    run.child.kill('SIGKILL');
    await run.ended;
    // The declared end is 3 s after the injection; at most 5 s later nothing of it may be left.
    await sleep(8000);
    expect((await power()).nodes.map((node) => node.power)).not.to.include('off');
    const healed = await squall(home, ['heal']);
    expect(healed.code, healed.stderr).to.equal(0);
    expect((await squall(home, ['lab', 'down'])).code).to.equal(0);
    expect(traces(home.path)).to.deep.equal(before);
  });

  it('is healed by squall heal, twice over, when the harness is killed', async () => {
    const run = start(home, ['run', await plan('10m')]);
    await run.says('fault hold holding');
    run.child.kill('SIGKILL');
    await run.ended;
    const refused = await squall(home, ['run', await plan('1s')]);
    // Something of ours is still there, and that comes before everything else.
    expect(refused.code, refused.stderr).to.equal(5);
    const [one, two] = await Promise.all([squall(home, ['heal']), squall(home, ['heal'])]);
    expect([one.code, two.code], one.stderr + two.stderr).to.deep.equal([0, 0]);
    expect((await power()).nodes.map((node) => node.power)).not.to.include('off');
    expect((await squall(home, ['lab', 'down'])).code).to.equal(0);
    await sleep(1000);
    expect(traces(home.path)).to.deep.equal(before);
  });
});

/** @throws with what is still there after 15 s. */
async function untilGone(look: () => readonly string[]): Promise<void> {
  for (let tries = 0; tries < 75 && look().length > 0; tries++) await sleep(200);
  expect(look()).to.deep.equal([]);
}
