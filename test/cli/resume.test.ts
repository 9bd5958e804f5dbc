import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { makeHome, squall, start, type Home } from './squall-process.ts';

const PLAN = `# Wants to learn: what becomes of a run whose harness is killed?
apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata: {name: cut-short}
probes:
  - {name: readyz, probe: http, endpoint: kubernetes, path: /readyz, every: 100ms, timeout: 1s, connection: new}
method:
  - fault: service-stop
    name: first
    selector: {role: etcd}
    mode: one
    duration: 1s
  - fault: node-freeze
    name: second
    selector: {role: compute}
    mode: one
    duration: 10m
  - fault: pod-delete
    name: third
    selector: {role: queue}
    mode: one
baseline: 500ms
`;

interface Analysis {
  readonly probes: readonly { readonly intervals: readonly { readonly state: string }[] }[];
}

describe('run --resume', function () {
  this.timeout(90_000);
  // A second try would find the run of the first, and tell of that in place of what went wrong.
  this.retries(0);
  let home: Home;
  before(async () => {
    home = await makeHome();
  });
  after(async () => {
    await squall(home, ['lab', 'down']);
    await home.remove();
  });

  it('heals, keeps what was measured, leaves the gap unseen, does what is left, and judges it', async () => {
    const plan = join(home.path, 'plan.yaml');
    await writeFile(plan, PLAN);
    const run = start(home, ['run', plan]);
    await run.says('fault second holding');
    const [id = ''] = await readdir(join(home.path, 'reports'));
    expect((await squall(home, ['run', '--resume', id])).code, 'while it lives').to.equal(3);
    run.child.kill('SIGKILL');
    await run.ended;
    const resumed = await squall(home, ['run', '--resume', id]);
    // The gap is longer than the plan lets go unseen.
    expect(resumed.code, resumed.stderr).to.equal(4);
    const folder = join(home.path, 'reports', id);
    const read = async <T>(name: string): Promise<T> =>
      JSON.parse(await readFile(join(folder, name), 'utf8')) as T;
    const chaos = await read<{ injections: { step: string; end: string }[] }>('chaos.json');
    expect(chaos.injections.map(({ step, end }) => [step, end])).to.deep.equal([
      ['first', 'healed'],
      ['second', 'healed-early'],
      ['third', 'instant'],
    ]);
    const states =
      (await read<Analysis>('analysis.json')).probes[0]?.intervals.map(({ state }) => state) ?? [];
    expect(states[0]).to.equal('up');
    expect(states.at(-1)).to.equal('up');
    expect(states).to.include('unseen');
    expect((await read<{ resumed: unknown[] }>('end.json')).resumed).to.have.length(1);
    expect(await readdir(join(folder, 'journal'))).to.include.members([
      'harness-000.ndjson',
      'harness-001.ndjson',
    ]);
    expect((await squall(home, ['run', '--resume', id])).code, 'once it is complete').to.equal(2);
    // The run had brought its lab up, so it took it down.
    expect((await squall(home, ['lab', 'status', '-o', 'json'])).stdout).to.contain('"state": "down"');
  });
});
