import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createKubernetesApi } from '../../src/adapters/kubernetes/index.ts';
import { createSystemChance } from '../../src/adapters/system/system-chance.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { composeReferenceLab } from '../../src/entries/compose-reference-lab.ts';
import { bundledSuites, packageFolder } from '../../src/entries/places.ts';
import { seconds } from '../../src/model/duration.ts';
import { abilitiesOf } from '../../src/ports/lab.ts';
import { CaseRunner } from '../../test/suites/case-runner.ts';
import type { Exchange } from '../../test/suites/mutating-proxy.ts';
import { allCases, type SuiteCase } from '../../test/suites/mutation-table.ts';
import { describeMutation, type Mutation } from '../../test/suites/mutation.ts';
import { kubeconfigOf, PlainFront } from './plain-front.ts';

/**
 * `npx tsx bench/lab-mutations/lab-mutations.ts [--seconds 540] [--fresh] [--write] [--only pattern]`, with the reference lab up: each
 * Kubernetes case that the rehearsal cannot run meets one spoiled answer of the real API server, and must fail. The state file
 * holds what was found; the next call goes on there. `--write` writes the table into the docs.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '540' },
    fresh: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    /** Of another cluster that is for tests, in place of the reference lab; cases that run pods are left out. */
    kubeconfig: { type: 'string' },
    lanes: { type: 'string', default: '6' },
    state: { type: 'string', default: 'bench/.state/lab-mutations.json' },
  },
});

/** For one case: so many answers without a field are tried, and then so many with another status. */
const TRIES = 3;

/** Of every object; what a case is about lies elsewhere. */
const ALWAYS = new Set(['kind', 'apiVersion', 'metadata']);

const DOCUMENT = join(packageFolder(), 'docs', 'lab-mutations.md');

/** For each case the mutation that made it fail, or why there is none. */
type State = Record<string, { readonly fails?: string; readonly says?: string }>;

function readState(): State {
  if (values.fresh) return {};
  try {
    return JSON.parse(readFileSync(values.state, 'utf8')) as State;
  } catch {
    return {};
  }
}

const clock = createSystemClock();
const lab = composeReferenceLab({ clock, chance: createSystemChance(), environment: process.env });
const connection =
  values.kubeconfig === undefined ? await lab.connection() : { kubeconfig: values.kubeconfig };
const api = await createKubernetesApi({ connection, environment: {}, clock });
const front = new PlainFront(await api.access());
const folder = mkdtempSync(join(tmpdir(), 'squall-lab-mutations-'));
const kubeconfig = join(folder, 'kubeconfig');
writeFileSync(kubeconfig, kubeconfigOf(await front.start()), { mode: 0o600 });
const testImage = values.kubeconfig === undefined ? lab.abilities.testImage : undefined;
const abilities = abilitiesOf(lab, connection).filter(
  (ability) => ability !== 'test-image' || testImage !== undefined,
);
const named = `mu${createSystemChance().token(4)}`;
const runner = new CaseRunner({ kubeconfig, context: 'lab' }, abilities, {
  caseTimeout: seconds(60),
  named,
  ...(testImage === undefined ? {} : { testImage }),
});

const state = readState();
const cases = (await allCases(bundledSuites())).filter(
  ({ declaration: { id, needs } }) => needs.includes('whole-kubernetes') && id.includes(values.only),
);
const begun = process.hrtime.bigint();
const secondsGone = (): number => Number(process.hrtime.bigint() - begun) / 1e9;

/** The last answers first: they are what a case judges in the end. */
function spoilings(exchanges: readonly Exchange[]): readonly Mutation[] {
  const used = exchanges.filter(({ method }) => method !== 'DELETE').toReversed();
  const once = new Map(used.map((exchange) => [`${exchange.method} ${exchange.template}`, exchange]));
  const drops = [...once.values()].flatMap(({ method, template, body }) =>
    typeof body === 'object' && body !== null
      ? Object.keys(body)
          .filter((field) => !ALWAYS.has(field))
          .toReversed()
          .map((field) => ({ method, template, kind: 'drop', field }) as const)
      : [],
  );
  const ends = new Map(
    used.map((exchange) => [`${exchange.method} ${exchange.template} ${exchange.status}`, exchange]),
  );
  const statuses = [...ends.values()].map(
    ({ method, template, status }) =>
      ({ method, template, kind: 'status', from: status, status: status >= 400 ? 200 : 500 }) as const,
  );
  return [...drops.slice(0, TRIES), ...statuses.slice(0, TRIES)];
}

async function search({ file, declaration: { id } }: SuiteCase): Promise<State[string]> {
  const clean = await runner.run(file, id);
  if (clean.result.outcome !== 'passed')
    return { says: `does not pass as it is: ${clean.result.reason ?? ''}` };
  for (const mutation of spoilings(clean.exchanges)) {
    const { result } = await runner.run(file, id, mutation);
    // What spoils the making of what the file shares says nothing of this case.
    if (result.outcome === 'failed' && result.reason?.startsWith('The hook') !== true)
      return { fails: describeMutation(mutation) };
  }
  return { says: 'noticed nothing' };
}

const open = cases.filter(
  ({ declaration: { id, needs } }) =>
    state[id]?.fails === undefined && needs.every((ability) => abilities.includes(ability)),
);
async function work(): Promise<void> {
  for (
    let one = open.shift();
    one !== undefined && secondsGone() < Number(values.seconds);
    one = open.shift()
  ) {
    const { id } = one.declaration;
    const found = await search(one);
    state[id] = found;
    process.stdout.write(`${id}: ${found.fails ?? found.says ?? ''}\n`);
    mkdirSync(dirname(values.state), { recursive: true });
    writeFileSync(values.state, JSON.stringify(state, null, 1));
  }
}

try {
  await Promise.all(Array.from({ length: Number(values.lanes) }, work));
} finally {
  await front.stop();
  runner.remove();
  rmSync(folder, { recursive: true, force: true });
}

const noticed = cases.filter(({ declaration }) => state[declaration.id]?.fails !== undefined);
if (values.write) {
  const rows = cases.map(({ declaration: { id } }) => {
    const { fails, says = 'not tried yet' } = state[id] ?? {};
    return `| ${id} | ${fails === undefined ? says : `\`${fails}\``} |`;
  });
  writeFileSync(
    DOCUMENT,
    `# What the cases of the reference lab notice\n\nEach Kubernetes case that the rehearsal cannot run, with a proxy before a real API server that spoils the answers to one kind of\nrequest. Written by \`npx tsx bench/lab-mutations/lab-mutations.ts --write\`.\n\n| case | fails with |\n| --- | --- |\n${rows.join('\n')}\n`,
  );
}
const ok = noticed.length === cases.length;
process.stdout.write(
  `${JSON.stringify({ bench: 'lab-mutations', ok, cases: cases.length, noticed: noticed.length, seconds: Math.round(secondsGone()) })}\n`,
);
process.exitCode = ok ? 0 : 1;
