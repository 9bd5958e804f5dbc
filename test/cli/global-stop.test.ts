import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { holdingPlan } from './holding-plan.ts';
import { makeHome, squall, start, type Home } from './squall-process.ts';

/** From the stop until the run says that it heals. */
const NOTICED_WITHIN_MS = 1000;

describe('squall stop', function () {
  this.timeout(120_000);
  let here: Home;
  let there: Home;

  beforeEach(async () => {
    here = await makeHome();
    there = await makeHome();
    await writeFile(join(here.path, 'holding.yaml'), holdingPlan('10m'));
    expect((await squall(here, ['lab', 'up'])).code).to.equal(0);
  });
  afterEach(async () => {
    await squall(here, ['lab', 'down']);
    await here.remove();
    await there.remove();
  });

  const hold = async () => {
    const run = start(here, ['run', join(here.path, 'holding.yaml')]);
    await run.says('fault hold holding');
    return run;
  };
  const powers = async (): Promise<readonly string[]> => {
    const { stdout } = await squall(here, ['lab', 'status', '-o', 'json']);
    return (JSON.parse(stdout) as { nodes: { power: string }[] }).nodes.map(({ power }) => power);
  };
  const reasonOf = async (): Promise<{ reason: string; error: { says: string } }> => {
    const [id] = (await readdir(join(here.path, 'reports'))).sort();
    return JSON.parse(await readFile(join(here.path, 'reports', id ?? '', 'end.json'), 'utf8')) as never;
  };

  it('is noticed by a run of this machine within a second; heals, and refuses every run until allowed', async () => {
    const run = await hold();
    const noticed = run.says('fault hold healing').then(() => performance.now());
    const stopping = start(here, ['stop', '--why', 'fire drill']);
    await stopping.says('all runs are stopped on this machine');
    const stoppedAt = performance.now();
    expect((await noticed) - stoppedAt).to.be.lessThan(NOTICED_WITHIN_MS);
    const { code, stderr } = await stopping.ended;
    expect(code, stderr).to.equal(0);
    expect((await run.ended).code).to.equal(143);
    expect((await reasonOf()).error.says).to.contain('fire drill');
    expect(await powers()).not.to.include('off');
    const refused = await squall(here, ['run', join(here.path, 'holding.yaml')]);
    expect(refused.code).to.equal(3);
    expect(refused.stderr).to.contain('fire drill').and.to.contain('SQ_NOT_ALLOWED');
    expect((await squall(here, ['allow'])).code).to.equal(0);
    const again = await hold();
    again.child.kill('SIGTERM');
    expect((await again.ended).code).to.equal(143);
  });

  it('on one machine stops a run on another, by the cluster', async () => {
    const labFolder = join(here.path, 'state', 'squall', 'labs', 'rehearsal');
    const kubeconfig = join(there.path, 'kubeconfig');
    await copyFile(join(labFolder, 'kubeconfig'), kubeconfig);
    const run = await hold();
    const elsewhere = ['--lab', 'existing', '--kubeconfig', kubeconfig];
    const stopped = await squall(there, ['stop', '--why', 'not now', ...elsewhere]);
    expect(stopped.code, stopped.stderr).to.equal(0);
    expect(stopped.stderr).to.contain('for all machines');
    expect((await run.ended).code).to.equal(143);
    expect((await reasonOf()).error.says).to.contain('not now');
    expect(await powers()).not.to.include('off');
    expect((await squall(here, ['run', join(here.path, 'holding.yaml')])).code).to.equal(3);
    expect((await squall(there, ['allow', ...elsewhere])).code).to.equal(0);
    const again = await hold();
    again.child.kill('SIGTERM');
    await again.ended;
  });

  it('works while the API is down, and heals what a dead harness left', async () => {
    const run = await hold();
    run.child.kill('SIGKILL');
    await run.ended;
    // Clients find nobody behind the address of the API; users of the nodes still do.
    const kubeconfig = join(here.path, 'state', 'squall', 'labs', 'rehearsal', 'kubeconfig');
    const text = await readFile(kubeconfig, 'utf8');
    await writeFile(kubeconfig, text.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:9'));
    const { code, stderr } = await squall(here, ['stop']);
    expect(code, stderr).to.equal(0);
    expect(stderr).to.contain('this machine alone');
    await writeFile(kubeconfig, text);
    expect(await powers()).not.to.include('off');
  });
});
