import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { createSystemChance } from '../../src/adapters/system/system-chance.ts';
import { bundledSuites, packageFolder } from '../../src/entries/places.ts';
import type { CaseResult, SuiteFile } from '../../src/model/conformance.ts';
import { seconds } from '../../src/model/duration.ts';
import { allCases } from '../../test/suites/mutation-table.ts';
import { describeMutation, fieldsOf, type Mutation } from '../../test/suites/mutation.ts';
import { readRecording, writeRecording, type Recorded, type Recording } from './recording.ts';
import { RecordingProxy } from './recording-proxy.ts';
import { askedFor, ReplayServer } from './replay-server.ts';
import { runFile, type Between } from './run-file.ts';

/**
 * `npx tsx bench/cloud-mutations/cloud-mutations.ts --clouds-yaml FILE --os-cloud NAME [--record] [--write] [--only pattern]`: each case
 * of the OpenStack suites that the rehearsal cannot run meets one spoiled answer of a real cloud, and must fail.
 *
 * With `--record` every suite file is run once on that cloud, which must be one for tests, and what passed is kept beside the
 * state. Without it the cases are run again on what was kept, so that this half needs no cloud. Both go on where they were
 * stopped; `--fresh` begins anew. `--write` writes the table into the docs.
 */
const { values } = parseArgs({
  options: {
    'clouds-yaml': { type: 'string' },
    'os-cloud': { type: 'string', default: 'lab' },
    record: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '540' },
    /** Of a case on the real cloud, in seconds. */
    patience: { type: 'string', default: '60' },
    state: { type: 'string', default: 'bench/.state/cloud-mutations' },
  },
});

/** A replay answers at once, so a case that waits any longer waits for something that was spoiled. */
const REPLAY_TIMEOUT = seconds(3);
/** For one case: so many answers without a field are tried, and then so many with another status. */
const TRIES = 6;

const DOCUMENT = join(packageFolder(), 'docs', 'generated', 'cloud-mutations.md');

const begun = process.hrtime.bigint();
const isTimeLeft = (): boolean => Number(process.hrtime.bigint() - begun) / 1e9 < Number(values.seconds);

const mine = (await allCases(bundledSuites())).filter(
  ({ file, declaration: { needs } }) => needs.includes('whole-openstack') && file.name.includes(values.only),
);
const files = [...new Map(mine.map(({ file }) => [file.name, file])).values()];
const tapeOf = (file: SuiteFile): string =>
  join(values.state, 'tapes', `${file.name.replace('/', '.')}.json`);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function record(file: SuiteFile): Promise<void> {
  const cloudsYaml = values['clouds-yaml'];
  if (cloudsYaml === undefined) throw new Error('--record needs --clouds-yaml.');
  const cloud = values['os-cloud'];
  const { clouds } = parse(readFileSync(cloudsYaml, 'utf8')) as {
    clouds: Record<string, { auth: { auth_url: string }; cacert?: string } | undefined>;
  };
  const known = clouds[cloud];
  if (known === undefined) throw new Error(`There is no cloud ${cloud} in ${cloudsYaml}.`);
  const ca = known.cacert === undefined ? undefined : readFileSync(known.cacert, 'utf8');
  const proxy = new RecordingProxy(known.auth.auth_url, ca);
  await proxy.start();
  try {
    const caseTimeout = seconds(Number(values.patience));
    // What an earlier recording left behind has other names.
    const named = `rec${createSystemChance().token(4)}`;
    const results = await runFile({ file, connection: { cloudsYaml, cloud }, named, caseTimeout }, proxy);
    const passed = results.filter(({ outcome }) => outcome === 'passed').map(({ id }) => id);
    for (const { id, outcome, reason } of results)
      if (outcome !== 'passed') say(`${outcome} ${id}: ${reason ?? ''}`);
    say(`${file.name}: ${passed.length} of ${results.length} passed, ${proxy.exchanges.length} requests`);
    const before = values.fresh ? 0 : (readRecording(tapeOf(file))?.passed.length ?? 0);
    if (passed.length > before) writeRecording(tapeOf(file), { named, passed, exchanges: proxy.exchanges });
  } finally {
    await proxy.stop();
  }
}

async function replay(
  file: SuiteFile,
  { named, exchanges }: Recording,
  id: string,
  mutation?: Mutation,
): Promise<CaseResult | undefined> {
  const server = new ReplayServer(exchanges, id, mutation);
  await server.start();
  try {
    const between: Between = server;
    const cloudsYaml = join(values.state, 'clouds.yaml');
    const order = { file, connection: { cloudsYaml, cloud: 'tape' }, named, until: id };
    writeFileSync(cloudsYaml, tapeClouds(exchanges));
    const results = await runFile({ ...order, caseTimeout: REPLAY_TIMEOUT }, between);
    return results.find((result) => result.id === id);
  } finally {
    await server.stop();
  }
}

/** A cloud whose first recorded request was one for a token; what the password is does not matter any more. */
function tapeClouds(exchanges: readonly Recorded[]): string {
  const token = exchanges.find(({ path }) => path.endsWith('/auth/tokens'));
  const [, host = '', port = '', root = ''] =
    /^\/([\w.-]+)_(\d+)(.*)\/auth\/tokens$/.exec(token?.path ?? '') ?? [];
  const body = JSON.parse(token?.asked ?? '{}') as {
    auth: {
      identity: { password: { user: { name: string; password: string; domain: Record<string, string> } } };
      scope: { project: { name: string; domain: Record<string, string> } };
    };
  };
  const { user } = body.auth.identity.password;
  const { project } = body.auth.scope;
  const auth = {
    auth_url: `http://${host}:${port}${root}`,
    username: user.name,
    password: user.password,
    project_name: project.name,
    ...(user.domain['name'] === undefined
      ? { user_domain_id: user.domain['id'] }
      : { user_domain_name: user.domain['name'] }),
    ...(project.domain['name'] === undefined
      ? { project_domain_id: project.domain['id'] }
      : { project_domain_name: project.domain['name'] }),
  };
  return JSON.stringify({ clouds: { tape: { auth, region_name: 'RegionOne' } } });
}

/** The last answers first: they are what a case judges in the end. Those to tidying up come last of all. */
function spoilings(exchanges: readonly Recorded[], id: string): readonly Mutation[] {
  const mine = exchanges.filter((one) => one.by === id && !isPreparation(one)).toReversed();
  const weight = (one: Recorded): number => (one.method === 'DELETE' ? 2 : isRoot(one) ? 1 : 0);
  const used = mine.toSorted((a, b) => weight(a) - weight(b));
  const once = new Map(used.map((one) => [`${one.method} ${askedFor(one)}`, one]));
  const drops = [...once.values()].flatMap((one) =>
    fieldsOf(jsonOf(one))
      .filter((field) => !field.includes('links'))
      .map((field) => ({ method: one.method, template: askedFor(one), kind: 'drop', field }) as const),
  );
  const ends = new Map(used.map((one) => [`${one.method} ${askedFor(one)} ${one.status}`, one]));
  const statuses = [...ends.values()].map(
    (one) =>
      ({
        method: one.method,
        template: askedFor(one),
        kind: 'status',
        from: one.status,
        status: one.status >= 400 ? 200 : 500,
      }) as const,
  );
  return [...drops.slice(0, TRIES), ...statuses.slice(0, TRIES)];
}

/** What the clients ask for themselves: a token, the versions of a service, what the user may do. */
function isPreparation(one: Recorded): boolean {
  const asked = askedFor(one);
  if (one.method === 'POST' && asked.endsWith('/auth/tokens')) return one.status < 400;
  // A lane's own user is made within the first case that needs it.
  const isTenant = !one.by.startsWith('identity/') && TENANT.test(asked);
  return isTenant || asked.endsWith('?nocatalog=true');
}

const TENANT = /^\/v3\/(projects$|users$|roles\?|projects\/\{id\}\/users\/)/;

/** Clients look for the versions of a service as well as cases do. */
const isRoot = (one: Recorded): boolean => ['', '/'].includes(askedFor(one));

function jsonOf({ headers, text }: Recorded): unknown {
  return headers['content-type']?.includes('json') === true && text !== ''
    ? (JSON.parse(text) as unknown)
    : undefined;
}

/** For each case the mutation that made it fail, or why there is none. */
type State = Record<string, { readonly fails?: string; readonly says?: string }>;

const stateFile = join(values.state, 'state.json');
function readState(): State {
  try {
    return values.fresh ? {} : (JSON.parse(readFileSync(stateFile, 'utf8')) as State);
  } catch {
    return {};
  }
}

async function search(file: SuiteFile, tape: Recording, id: string): Promise<State[string]> {
  if (!tape.passed.includes(id)) return { says: 'did not pass on the cloud' };
  const clean = await replay(file, tape, id);
  if (clean?.outcome !== 'passed')
    return { says: `does not pass when it is replayed: ${clean?.reason ?? 'it did not run'}` };
  for (const mutation of spoilings(tape.exchanges, id)) {
    const result = await replay(file, tape, id, mutation);
    if (result?.outcome === 'failed' && result.reason?.startsWith('The hook') !== true)
      return { fails: describeMutation(mutation) };
  }
  return { says: 'noticed nothing' };
}

mkdirSync(values.state, { recursive: true });
const state = readState();
for (const file of files) {
  if (!isTimeLeft()) break;
  if (values.record) {
    const known = readRecording(tapeOf(file));
    const ids = mine.filter((one) => one.file.name === file.name).map(({ declaration }) => declaration.id);
    if (values.fresh || known === undefined || ids.some((id) => !known.passed.includes(id)))
      await record(file);
    continue;
  }
  const tape = readRecording(tapeOf(file));
  for (const { declaration } of mine.filter((one) => one.file.name === file.name)) {
    const { id } = declaration;
    if (state[id]?.fails !== undefined || !isTimeLeft()) continue;
    state[id] = tape === undefined ? { says: 'was not recorded' } : await search(file, tape, id);
    say(`${id}: ${state[id].fails ?? state[id].says ?? ''}`);
    mkdirSync(dirname(stateFile), { recursive: true });
    writeFileSync(stateFile, JSON.stringify(state, null, 1));
  }
}

const noticed = mine.filter(({ declaration }) => state[declaration.id]?.fails !== undefined);
if (values.write) {
  const rows = mine.map(({ declaration: { id } }) => {
    const { fails, says = 'not tried yet' } = state[id] ?? {};
    return `| ${id} | ${fails === undefined ? says : `\`${fails}\``} |`;
  });
  writeFileSync(
    DOCUMENT,
    `<!-- Made by \`npx tsx bench/cloud-mutations/cloud-mutations.ts --write\`; do not edit. -->\n\n# What the cases of a real cloud notice\n\nEach OpenStack case that the rehearsal cannot run, with the answers that a real cloud gave it; one kind of answer is spoiled.\n\n| case | fails with |\n| --- | --- |\n${rows.join('\n')}\n`,
  );
}
const ok = values.record || noticed.length === mine.length;
say(JSON.stringify({ bench: 'cloud-mutations', ok, cases: mine.length, noticed: noticed.length }));
process.exitCode = ok ? 0 : 1;
