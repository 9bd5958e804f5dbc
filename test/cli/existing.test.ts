import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { parse, stringify } from 'yaml';
import { ACCESS_FAMILIES } from '../../src/labs/existing/needed-access.ts';
import { makeHome, squall, type Ended, type Home } from './squall-process.ts';

interface Row {
  readonly check: string;
  readonly result: string;
  readonly says: string;
  readonly remedy: string;
}

interface Kubeconfig {
  'current-context': string;
  contexts: { name: string; context: object }[];
  users: { name: string; user: { token?: string } }[];
}

/** The rehearsal is as good a cluster as any, when all that is given of it is its kubeconfig. */
describe('squall --lab existing', function () {
  this.timeout(90_000);
  let home: Home;
  let kubeconfig: string;
  before(async () => {
    home = await makeHome();
    const up = await squall(home, ['lab', 'up']);
    expect(up.code, up.stderr).to.equal(0);
    const status = await squall(home, ['lab', 'status', '-o', 'json']);
    ({ kubeconfig } = (JSON.parse(status.stdout) as { connection: { kubeconfig: string } }).connection);
  });
  after(async () => {
    await squall(home, ['lab', 'down']);
    await home.remove();
  });

  /** The same cluster, by another name or another user. */
  async function copy(name: string, change: (config: Kubeconfig) => void): Promise<string> {
    const config = parse(await readFile(kubeconfig, 'utf8')) as Kubeconfig;
    change(config);
    const file = join(home.path, name);
    await writeFile(file, stringify(config));
    return file;
  }

  const existing = (file: string, ...args: string[]): Promise<Ended> =>
    squall(home, [...args, '--lab', 'existing', '--kubeconfig', file]);
  const rows = ({ stdout, stderr }: Ended): readonly Row[] => {
    expect(stdout, stderr).to.match(/^[[{]/);
    const parsed = JSON.parse(stdout) as readonly Row[] | { readonly rows: readonly Row[] };
    return 'rows' in parsed ? parsed.rows : parsed;
  };

  it('reviews what may be asked, use by use', async () => {
    const ended = await existing(kubeconfig, 'doctor', '-o', 'json');
    expect(ended.code, ended.stdout).to.equal(0);
    const access = rows(ended).filter(({ check }) => check.includes('access '));
    expect(access.map(({ check, result }) => `${check}: ${result}`)).to.include('access discovery: ok');
    const says = (check: string): string | undefined => rows(ended).find((row) => row.check === check)?.says;
    expect(says('role database')).to.equal('mariadb');
    expect(says('role control')).to.equal('control-1, control-2, control-3');
    expect(says('timer etcd-election-timeout')).to.match(/^600ms: /);
    expect(access).to.have.length(ACCESS_FAMILIES.length);
    const missing = rows(ended).find(({ check }) => check === 'ability units');
    expect(missing?.remedy).to.include('existing.node-access').and.include('SSH');
  });

  it('names what a user may not, with the manifest, and passes as long as it can look', async () => {
    const ended = await existing(kubeconfig, 'doctor', '-o', 'json', '--context', 'rehearsal-reader');
    expect(ended.code, ended.stdout).to.equal(0);
    const refused = rows(ended).filter(({ check, result }) => check.includes('access ') && result === 'no');
    expect(refused.find(({ check }) => check === 'optional access faults on pods')).to.deep.include({
      says: 'may not delete pods. Pods can be neither deleted nor evicted.',
      remedy: 'kubectl apply -f docs/rbac/chaos-pods.yaml',
    });
    expect(refused.map(({ check }) => check)).to.not.include('access discovery');
  });

  it('fails where it may not even look', async () => {
    const nobody = await copy('nobody', (config) => {
      for (const each of config.users) each.user = { token: 'nobody' };
    });
    const ended = await existing(nobody, 'doctor', '-o', 'json');
    expect(ended.code).to.equal(3);
    expect(rows(ended).find(({ check }) => check === 'lab existing')?.result).to.equal('no');
    const access = rows(ended).filter(({ check }) => check.includes('access'));
    expect(access.map(({ check, result }) => `${check}: ${result}`)).to.deep.equal(['access: unknown']);
  });

  it('refuses a protected context before anything is touched, whatever is said to all questions', async () => {
    const protectedOne = await copy('protected', (config) => {
      for (const each of config.contexts) each.name = 'shop-prod';
      config['current-context'] = 'shop-prod';
    });
    for (const command of [
      ['run', 'first-run'],
      ['test', 'kubernetes/namespaces'],
    ]) {
      const ended = await existing(protectedOne, ...command, '--yes');
      expect(ended.code, ended.stderr).to.equal(2);
      expect(ended.stderr).to.include('SQ_CONTEXT_REFUSED').and.include('shop-prod');
    }
    await mkdir(join(home.path, 'config', 'squall'), { recursive: true });
    const settings = join(home.path, 'config', 'squall', 'config.yaml');
    await writeFile(settings, stringify({ existing: { words: { 'shop-prod': 'close the shop' } } }));
    const without = await existing(protectedOne, 'test', 'kubernetes/namespaces', '--yes');
    expect(without.code).to.equal(2);
    const said = await existing(protectedOne, 'test', 'kubernetes/namespaces', '--word', 'close the shop');
    expect(said.code, said.stderr).to.equal(0);
    await writeFile(settings, 'existing: {words: {shop-prod: short}, allow: staging}\n');
    const broken = await existing(protectedOne, 'test', '--word', 'short');
    expect(broken.code).to.equal(2);
    expect(broken.stderr)
      .to.include('SQ_CONFIG_INVALID')
      .and.include('existing.words')
      .and.include('existing.allow');
  });
});
