import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { packageFolder } from '../../src/entries/places.ts';
import type { ChaosRecord } from '../../src/model/injection.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { squall } from './kill-squall.ts';
import { differences, nodeTraces } from './node-traces.ts';
import { planInTime } from './short-plan.ts';
import { ensureUp, lab, openCluster, say, untilWhole } from './the-lab.ts';

const run = promisify(execFile);
const IMAGE = 'localhost/squall-node-access:1.0.0';
const MANIFESTS = ['discovery', 'probing', 'probing-nodes', 'chaos-pods', 'node-access', 'suites'];

/** The test image, as every node of that lab has it. */
async function probeImage(): Promise<string> {
  await lab.connection();
  return lab.abilities.testImage?.name ?? '';
}

/** As an operator would, from a control node. */
async function kubectl(...given: string[]): Promise<string> {
  const admin = ['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf'];
  return (await run('podman', ['exec', 'squall-control-1', ...admin, ...given])).stdout;
}

/** The manifests of docs/rbac, handed over on a node: what Squall asks for is what its user would apply. */
async function forManifests(verb: 'apply' | 'delete'): Promise<void> {
  const texts = await Promise.all(
    MANIFESTS.map((name) => readFile(join(packageFolder(), 'docs', 'rbac', `${name}.yaml`), 'utf8')),
  );
  const folder = await mkdtemp(join(tmpdir(), 'squall-rbac-'));
  const file = join(folder, 'rbac.yaml');
  await writeFile(file, texts.join('\n---\n'));
  await run('podman', ['cp', file, 'squall-control-1:/run/rbac.yaml']);
  await rm(folder, { recursive: true });
  await kubectl(
    verb,
    '--filename',
    '/run/rbac.yaml',
    ...(verb === 'delete' ? ['--ignore-not-found', '--wait'] : []),
  );
}

/** A kubeconfig of the ServiceAccount alone: what is not granted to it cannot be done. */
async function kubeconfigOf(token: string): Promise<string> {
  const { kubeconfig = '' } = await lab.connection();
  const authority = /certificate-authority-data: (\S+)/.exec(await readFile(kubeconfig, 'utf8'))?.[1];
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'found',
        cluster: { server: 'https://10.77.0.10:6443', 'certificate-authority-data': authority },
      },
    ],
    users: [{ name: 'squall', user: { token } }],
    contexts: [{ name: 'found', context: { cluster: 'found', user: 'squall' } }],
    'current-context': 'found',
  });
}

describe('--lab existing with nothing but a kubeconfig of the reference lab', () => {
  let home: string;
  let whole: readonly string[];
  const theirs = new Map<string, string | undefined>();
  const read = async <T>(file: string): Promise<T> => {
    const [folder] = await readdir(join(home, 'reports'));
    return JSON.parse(await readFile(join(home, 'reports', folder ?? '', file), 'utf8')) as T;
  };

  before(async () => {
    await ensureUp();
    await untilWhole(240_000);
    whole = await nodeTraces();
    await forManifests('apply');
    const token = (
      await kubectl('create', 'token', 'squall', '--namespace', 'squall', '--duration', '2h')
    ).trim();
    home = await mkdtemp(join(tmpdir(), 'squall-existing-'));
    await writeFile(join(home, 'kubeconfig'), await kubeconfigOf(token), { mode: 0o600 });
    await mkdir(join(home, 'config', 'squall'), { recursive: true });
    await writeFile(
      join(home, 'config', 'squall', 'config.yaml'),
      `existing:\n  allow: [found]\n  node-access:\n    image: ${IMAGE}\n  probe-image: ${await probeImage()}\n`,
    );
    // Whoever has a kubeconfig alone knows nothing of the state of a lab on this host.
    for (const [name, value] of [
      ['XDG_STATE_HOME', join(home, 'state')],
      ['XDG_CONFIG_HOME', join(home, 'config')],
      ['KUBECONFIG', join(home, 'kubeconfig')],
    ] as const) {
      theirs.set(name, process.env[name]);
      process.env[name] = value;
    }
  });
  after(async () => {
    for (const [name, value] of theirs)
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    await forManifests('delete');
    if (process.env['KEEP_REPORTS'] === undefined) await rm(home, { recursive: true, force: true });
    else say(`        ${home}`);
  });

  it('doctor finds every access granted, and a way onto the nodes', async () => {
    const { code, says } = await squall(['doctor', '--lab', 'existing']);
    expect(code, says).to.equal(0);
  });

  it('power is refused: nothing but a kubeconfig switches no machine off', async () => {
    const { code, says } = await squall(['plan', 'kubernetes-first-run', '--lab', 'existing']);
    expect(code, says).to.equal(2);
    expect(says).to.include('SQ_ABILITY_MISSING');
  });

  it('kubernetes-without-power passes, with units and links hurt through pods', async () => {
    // The reference lab as such was asked all cases already.
    const plan = await planInTime('kubernetes-without-power', home, ['before', 'after']);
    const ran = await squall(['run', plan, '--lab', 'existing', '--yes', '--seed', '1'], {
      outputDir: join(home, 'reports'),
    });
    expect(ran.code, ran.says).to.equal(0);
    expect((await read<Verdict>('verdict.json')).truth).to.equal('pass');
    const { injections } = await read<ChaosRecord>('chaos.json');
    expect(injections.map(({ fault }) => fault)).to.deep.equal([
      'pod-delete',
      'service-stop',
      'network-partition',
    ]);
    for (const { step, verified, verifiedHealed, lasts } of injections) {
      expect(verified?.ok, step).to.equal(true);
      if (lasts) expect(verifiedHealed?.ok, step).to.equal(true);
    }
  });

  it('and leaves no pod, rule, timer or parked manifest behind', async () => {
    await untilWhole(240_000);
    expect(differences(whole, await nodeTraces())).to.deep.equal([]);
    const cluster = await openCluster();
    try {
      const pods = (await cluster.list('/api/v1/namespaces/squall-node-access/pods')) ?? [];
      expect(pods.map(({ metadata }) => metadata.name)).to.deep.equal([]);
    } finally {
      cluster.close();
    }
  });
});
