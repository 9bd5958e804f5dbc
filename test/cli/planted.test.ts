import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Verdict } from '../../src/model/verdict.ts';
import { MutatingProxy } from '../suites/mutating-proxy.ts';
import { makeHome, squall, start, type Ended, type Home } from './squall-process.ts';

/** Hurts nothing, and measures for a while: what is found was planted. */
const WATCHING = `# Wants to learn: does Squall see what was planted?
apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata: {name: watching}
probes:
  - {name: keystone, probe: http, endpoint: keystone, path: /, expect: 300, every: 50ms, timeout: 500ms, connection: new}
method:
  - wait: 6s
baseline: 500ms
limits: {maxUnseen: 15%}
objectives:
  - {objective: longest-outage, probe: keystone, maximum: 1s}
`;

interface Kubeconfig {
  readonly 'current-context': string;
}

describe('what is planted is found', function () {
  this.timeout(120_000);
  let home: Home;

  const labFolder = (): string => join(home.path, 'state', 'squall', 'labs', 'rehearsal');

  const verdictOf = async ({ stderr }: Ended): Promise<Verdict> => {
    const runs = (await readdir(join(home.path, 'reports')).catch(() => [])).sort();
    const text = await readFile(
      join(home.path, 'reports', runs.at(-1) ?? 'none', 'verdict.json'),
      'utf8',
    ).catch(() => '');
    expect(text, stderr).not.to.equal('');
    return JSON.parse(text) as Verdict;
  };

  const watching = async (): Promise<string> => {
    const file = join(home.path, 'watching.yaml');
    await writeFile(file, WATCHING);
    return file;
  };

  beforeEach(async () => {
    home = await makeHome();
  });
  afterEach(async () => {
    await squall(home, ['lab', 'down']);
    await home.remove();
  });

  it('a wrong answer: fail, class system, exit 1', async () => {
    expect((await squall(home, ['lab', 'up'])).code).to.equal(0);
    const proxy = new MutatingProxy();
    await proxy.start();
    try {
      proxy.mutation = {
        method: 'GET',
        template: '/api/v1/namespaces/{name}/configmaps/{name}',
        kind: 'drop',
        field: 'data',
      };
      const kubeconfig = join(home.path, 'through-proxy');
      const text = await readFile(join(labFolder(), 'kubeconfig'), 'utf8');
      expect((JSON.parse(text) as Kubeconfig)['current-context']).to.be.a('string');
      await writeFile(kubeconfig, proxy.rewritten(text));
      const ended = await squall(home, [
        'test',
        'kubernetes/configmaps',
        '--lab',
        'existing',
        '--kubeconfig',
        kubeconfig,
        '--yes',
      ]);
      const verdict = await verdictOf(ended);
      expect([verdict.truth, verdict.class, ended.code], ended.stdout + ended.stderr).to.deep.equal([
        'fail',
        'system',
        1,
      ]);
      expect(ended.stdout).to.include('kubernetes/configmaps/read-back');
    } finally {
      await proxy.stop();
    }
  });

  it('an outage: fail, class system, exit 1', async () => {
    const run = start(home, ['run', await watching()]);
    await run.says('stage chaos started');
    await sleep(1500);
    await plantOutage(labFolder(), 'keystone', 2500);
    const ended = await run.ended;
    const verdict = await verdictOf(ended);
    expect([verdict.truth, verdict.class, ended.code], ended.stdout + ended.stderr).to.deep.equal([
      'fail',
      'system',
      1,
    ]);
  });

  it('a leak of the cloud: fail, class leak, exit 1', async () => {
    const file = join(home.path, 'own.suite.mjs');
    const door = new URL('../../src/conformance/index.js', import.meta.url);
    await writeFile(
      file,
      `import { suite } from '${door.href}';
suite('own/leak', { title: 'Leak', needs: ['kubernetes'] }, ({ it }) => {
  it('keeps', { title: 'is kept by the cloud', tags: ['write'] }, async ({ kubernetes, make, names }) => {
    const name = names.fresh('kept');
    await make.object('/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, finalizers: ['example.com/never'] } });
  });
});
`,
    );
    const ended = await squall(home, ['test', file]);
    const verdict = await verdictOf(ended);
    expect([verdict.truth, verdict.class, ended.code], ended.stdout + ended.stderr).to.deep.equal([
      'fail',
      'leak',
      1,
    ]);
  });

  it('a starved prober: unknown, class measuring, exit 4', async () => {
    const run = start(home, ['run', await watching()]);
    await run.says('stage chaos started');
    await sleep(1500);
    // Nothing of the prober runs for a while; the cloud does.
    const prober = await proberOf(run.child.pid ?? 0);
    process.kill(prober, 'SIGSTOP');
    await sleep(3000);
    process.kill(prober, 'SIGCONT');
    const ended = await run.ended;
    const verdict = await verdictOf(ended);
    expect([verdict.truth, verdict.class, ended.code], ended.stdout + ended.stderr).to.deep.equal([
      'unknown',
      'measuring',
      4,
    ]);
  });
});

/** The process id of the prober of a harness. */
async function proberOf(harness: number): Promise<number> {
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(harness), '-f', 'prober']);
  const [pid = 0] = stdout.trim().split('\n').map(Number);
  expect(pid).to.be.above(0);
  return pid;
}

/** Asks the process that stands for the address to cut one service off, over the lab's own control port. */
async function plantOutage(folder: string, service: string, forMs: number): Promise<void> {
  const { controlToken } = JSON.parse(await readFile(join(folder, 'lab.json'), 'utf8')) as {
    controlToken: string;
  };
  const port = (await readFile(join(folder, 'nodes', 'address', 'control'), 'utf8')).trim();
  const answer = await fetch(`http://127.0.0.1:${port}/plant`, {
    method: 'POST',
    headers: { authorization: `Bearer ${controlToken}` },
    body: JSON.stringify({ front: service, kind: 'reset', forMs }),
  });
  expect(answer.status, await answer.text()).to.equal(200);
}
