import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder, packageFolder } from '../../src/entries/places.ts';
import type { Agreement, AgreementRow, Analysis } from '../../src/model/analysis.ts';
import type { Mutation } from '../../test/suites/mutation.ts';
import { MutatingProxy } from '../../test/suites/mutating-proxy.ts';

/**
 * `npx tsx bench/tempest-agreement/tempest-agreement.ts [--only pattern]`: on a rehearsal of its own, the real Tempest and our cases on
 * the same checks, first as the cloud is, then with one defect at a time in its answers. Each defect must make the same check fail in
 * both, and leave the others as they were. Needs Python and, the first time, PyPI. Prints a table and a last line of JSON; exits with 1
 * when anything is not as it should be.
 */
const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, tries: { type: 'string', default: '3' } },
});

/** The cases of ours that run on the rehearsal and are labelled with a test of Tempest that runs there too. */
const SUITES = ['identity/catalogue', 'identity/tokens', 'image/images', 'network/subnets'];
const CASES =
  '^(identity/catalogue/core-services|identity/tokens/validate|image/images/deleted|network/subnets/create)$';

interface Defect {
  readonly name: string;
  readonly mutation?: Mutation;
  /** A part of the name of the test that must fail in both; absent: none. */
  readonly fails?: string;
}

const DEFECTS: readonly Defect[] = [
  { name: 'none' },
  {
    name: 'Keystone does not say until when a token holds',
    mutation: { method: 'GET', template: '/v3/auth/tokens', kind: 'drop', field: 'token/expires_at' },
    fails: 'test_validate_token',
  },
  {
    name: 'Keystone lists services without their types',
    mutation: { method: 'GET', template: '/v3/auth/catalog', kind: 'drop', field: 'catalog/*/type' },
    fails: 'test_catalog_standardization',
  },
  {
    name: 'Glance does not find an image that it is to delete',
    mutation: { method: 'DELETE', template: '/v2/images/{id}', kind: 'status', from: 204, status: 404 },
    fails: 'test_get_delete_deleted_image',
  },
  {
    name: 'Neutron shows a subnet without its range',
    mutation: { method: 'GET', template: '/v2.0/subnets/{id}', kind: 'drop', field: 'subnet/cidr' },
    fails: 'test_show_subnet',
  },
];

const home = await mkdtemp(join(tmpdir(), 'squall-agreement-'));
const ENVIRONMENT = {
  ...process.env,
  HOME: home,
  XDG_STATE_HOME: join(home, 'state'),
  XDG_CONFIG_HOME: join(home, 'config'),
  // Tempest is installed once for all benches and users.
  XDG_CACHE_HOME: join(cacheFolder(process.env), '..'),
};
const lab = join(home, 'state', 'squall', 'labs', 'rehearsal');

function squall(words: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> {
  const entry = join(packageFolder(), 'src', 'entries', 'squall.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', entry, ...words], {
    cwd: packageFolder(),
    env: { ...ENVIRONMENT, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let says = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (says += text));
  return new Promise((resolve) => child.on('close', () => resolve(says)));
}

const proxy = new MutatingProxy();

/** The files of the lab, with every address in them leading through the proxy. */
async function filesThroughProxy(): Promise<{ kubeconfig: string; clouds: string }> {
  const [kubeconfig, clouds] = [join(home, 'kubeconfig'), join(home, 'clouds.yaml')];
  await writeFile(kubeconfig, proxy.rewritten(await readFile(join(lab, 'kubeconfig'), 'utf8')));
  await writeFile(clouds, proxy.rewritten(await readFile(join(lab, 'clouds.yaml'), 'utf8')));
  return { kubeconfig, clouds };
}

async function agreementWith({ mutation }: Defect, number: number): Promise<Agreement | string> {
  proxy.mutation = mutation;
  const { kubeconfig, clouds } = await filesThroughProxy();
  const reports = join(home, `reports-${number}`);
  const words = ['test', ...SUITES, '--grep', CASES, '--engine', 'both', '--lab', 'existing'];
  const says = await squall(
    [...words, '--kubeconfig', kubeconfig, '--os-cloud', 'rehearsal', '--output-dir', reports],
    { OS_CLIENT_CONFIG_FILE: clouds },
  );
  const [run = 'none'] = (await readdir(reports).catch(() => [])).filter((name) => /^\d{8}-/.test(name));
  const text = await readFile(join(reports, run, 'analysis.json'), 'utf8').catch(() => '{}');
  return (JSON.parse(text) as Partial<Analysis>).agreement ?? says.slice(-1500);
}

const shortName = (test: string): string => test.replace(/\[.*$/, '').replace(/^.*\./, '');

/** What is not as it should be. */
function faultsOf({ fails }: Defect, { rows }: Agreement): readonly string[] {
  const expected = (row: AgreementRow): string =>
    fails !== undefined && row.test.includes(fails) ? 'failed' : 'passed';
  const wrong = rows
    .filter((row) => row.own !== expected(row) || row.theirs !== expected(row) || row.says !== 'agree')
    .map(({ test, own, theirs }) => `${shortName(test)}: Squall ${own}, Tempest ${theirs}`);
  return rows.length === SUITES.length
    ? wrong
    : [...wrong, `${rows.length} tests were compared, not ${SUITES.length}`];
}

async function measure(): Promise<boolean> {
  const table: string[] = [];
  let good = 0;
  let run = 0;
  const chosen = DEFECTS.filter(({ name }) => new RegExp(values.only).test(name));
  for (const defect of chosen) {
    let says: readonly string[] = [];
    // A rehearsal on a machine that is busy drops connections; then the checks that fail are others than the one that is expected.
    for (let tries = 0; tries < Number(values.tries); tries++) {
      run += 1;
      const found = await agreementWith(defect, run);
      says = typeof found === 'string' ? [found] : faultsOf(defect, found);
      process.stderr.write(`${defect.name}: ${says.length === 0 ? 'as it should be' : says.join('; ')}\n`);
      if (says.length === 0) break;
    }
    if (says.length === 0) good += 1;
    table.push(`| ${defect.name} | ${defect.fails ?? 'nothing'} | ${says.length === 0 ? 'yes' : 'no'} |`);
  }
  process.stdout.write(
    `| defect | fails in both | as it should be |\n| --- | --- | --- |\n${table.join('\n')}\n`,
  );
  process.stdout.write(
    `${JSON.stringify({ bench: 'tempest-agreement', good, of: chosen.length, runs: run })}\n`,
  );
  return good === chosen.length && good > 0;
}

try {
  await proxy.start();
  const up = await squall(['lab', 'up']);
  if (!up.includes('OS_CLOUD=')) throw new Error(`The rehearsal did not come up: ${up.slice(-1000)}`);
  if (!(await measure())) process.exitCode = 1;
} finally {
  await squall(['lab', 'down']);
  await proxy.stop();
  await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
