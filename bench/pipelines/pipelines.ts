import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CACHE, call } from '../samples-query/python.ts';
import { besideIt, layOut, runIn, type Place } from './place.ts';
import { wrongWithPublished } from './published.ts';
import { OWN_PLANS, SCENARIOS, type Scenario } from './scenarios.ts';
import { starved } from './starved.ts';
import type { Ended, System } from './system.ts';
import { github } from './systems/github.ts';
import { gitlab } from './systems/gitlab.ts';
import { jenkins } from './systems/jenkins.ts';
import { Kubernetes } from './systems/kubernetes.ts';
import { zuul } from './systems/zuul.ts';

const { values } = parseArgs({
  options: {
    /** Each call of the command line is put behind this command, such as `flock /tmp/lock`. */
    behind: { type: 'string', default: '' },
    /** What was proved stays proved, for the same program and definitions. Outside of any checkout: systems look for the one around it. */
    state: { type: 'string', default: join(CACHE, 'pipelines', 'state') },
    /** Only systems of this name, and only scenarios whose name has one of these in it, with commas between. */
    system: { type: 'string', default: '' },
    scenario: { type: 'string', default: '' },
    /** Starts a container, with what this host needs for it. */
    container: {
      type: 'string',
      default: 'podman run --ulimit nofile=8192:8192 --ulimit nproc=4096:4096',
    },
    /** Made by `.ci/image`; the program in it is replaced by this checkout's. */
    image: { type: 'string', default: 'localhost/squall:ci' },
    /** No run is begun later, to be gone on with. */
    seconds: { type: 'string', default: '3000' },
  },
});

const wanted = values.scenario.split(',');

/** So often a promise is tried again after the host had no processor for it. */
const MOST_TRIES = 4;

const root = resolve(values.state);
const STATE = join(root, 'proved.json');
const begun = process.hrtime.bigint();
const isLate = (): boolean => Number(process.hrtime.bigint() - begun) / 1e9 > Number(values.seconds);
const readProved = (): readonly string[] =>
  existsSync(STATE) ? (JSON.parse(readFileSync(STATE, 'utf8')) as readonly string[]) : [];
const proved = new Set(readProved());
const broken: string[] = [];
const undecided: string[] = [];

mkdirSync(root, { recursive: true });
const packed = join(
  root,
  call('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', root]).trim(),
);
const content = createHash('sha256').update(readFileSync(packed)).digest('hex').slice(0, 16);
/** Named by what is in it, so that another program is installed anew. */
const archive = join(root, `squall-${content}.tgz`);
renameSync(packed, archive);
/** The definitions are among what is packed. */
const version = content;

function prove(name: string): void {
  // Another bench beside this one may have proved something meanwhile.
  for (const each of [...readProved(), name]) proved.add(each);
  writeFileSync(STATE, JSON.stringify([...proved], null, 2));
}

/** What is so before a scenario, and what undoes it. */
async function given(
  system: System,
  place: Place,
  { given: what }: Scenario,
): Promise<() => Promise<readonly string[]>> {
  if (what === 'all runs are stopped') {
    await system.beside(place, ['stop', '--why', 'a bench']);
    return async () => ((await system.beside(place, ['allow'])) === 0 ? [] : ['allow failed']);
  }
  if (what !== 'a fault is open') return async () => [];
  for (let turn = 1; ; turn++) {
    // Where the host has no processor for it, it does not come so far.
    const failed = await system.leaveOpenFault(place).catch((error: unknown) => String(error));
    if (failed === undefined) break;
    if (turn === MOST_TRIES) throw new Error(failed);
  }
  return async () => {
    if (!system.heals && (await system.beside(place, ['heal'])) !== 0) return ['heal failed'];
    return openJournals(place).map((run) => `the fault of ${run} is open afterwards`);
  };
}

/** Journals are put away when nothing in them is open; in a cluster they lie on a volume. */
const openJournals = ({ home, environment }: Place): readonly string[] =>
  [environment['XDG_STATE_HOME'] ?? '', join(home, 'volumes', 'squall-state', 'state')]
    .map((state) => join(state, 'squall', 'journals'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).filter((name) => name !== 'closed'));

function wrongWith(system: System, place: Place, { code }: Scenario, ended: Ended): readonly string[] {
  const [ran, ...others] = place.calls();
  const outcome = system.promises(code);
  return [
    ...(ran?.code === code ? [] : [`the run ended with ${String(ran?.code)} instead of ${code}`]),
    ...(ended.outcome === outcome ? [] : [`it is ${ended.outcome} instead of ${outcome}`]),
    ...(system.heals && !(others.length === 1 && others[0]?.args === 'heal' && others[0].code === 0)
      ? [`afterwards it called ${JSON.stringify(others)} instead of heal`]
      : []),
    ...(code === 2
      ? ended.junit.map((file) => `it publishes ${file} of no run`)
      : wrongWithPublished(ended, code, join(place.home, 'allure-report'))),
  ];
}

async function tryOnce(
  system: System,
  place: Place,
  scenario: Scenario,
): Promise<readonly string[] | string> {
  rmSync(place.reports, { recursive: true, force: true });
  const undo = await given(system, place, scenario);
  place.forget();
  let wrong: readonly string[];
  try {
    const { plans } = system;
    const plan = scenario.plan in plans ? plans[scenario.plan as keyof typeof plans] : scenario.plan;
    const ended = await system.run(place, plan);
    wrong = wrongWith(system, place, scenario, ended);
    if (wrong.length > 0) {
      const because = starved(ended.reports);
      if (because !== undefined) return because;
    }
  } finally {
    const after = await undo();
    if (after.length > 0) broken.push(`${system.name}: ${scenario.name}: ${after.join('; ')}`);
  }
  return wrong;
}

async function expectPromise(system: System, place: Place, scenario: Scenario): Promise<void> {
  const name = `${system.name}: ${scenario.name}`;
  if (proved.has(`${name} ${version}`)) return;
  for (let turn = 1; turn <= MOST_TRIES && !isLate(); turn++) {
    const wrong = await tryOnce(system, place, scenario).catch((error: unknown) => [String(error)]);
    const says =
      typeof wrong === 'string'
        ? `but ${wrong}`
        : wrong.length === 0
          ? `ended with ${scenario.code}`
          : wrong.join('; ');
    process.stdout.write(`${name}: ${says}\n`);
    if (typeof wrong === 'string') continue;
    if (wrong.length === 0) prove(`${name} ${version}`);
    else broken.push(`${name}: ${wrong.join('; ')}`);
    return;
  }
  undecided.push(name);
}

async function proveSystem(system: System): Promise<void> {
  const place = layOut(join(root, system.name), archive, values.behind);
  system.prepare(place);
  for (const [name, text] of Object.entries(OWN_PLANS)) {
    writeFileSync(join(place.project, name), text);
    writeFileSync(join(place.home, name), text);
  }
  if ((await runIn(place, 'npm', ['ci'])).code !== 0)
    throw new Error(`npm ci failed; see ${place.home}/said`);
  for (let turn = 1; (await besideIt(place, ['lab', 'up'])) !== 0; turn++)
    if (turn === MOST_TRIES) throw new Error('the rehearsal did not come up');
  try {
    for (const scenario of SCENARIOS.filter(({ name }) => wanted.some((part) => name.includes(part))))
      await expectPromise(system, place, scenario);
  } finally {
    await system.release?.(place);
    await besideIt(place, ['lab', 'down']);
  }
}

const systems = [
  github,
  gitlab,
  jenkins,
  zuul,
  new Kubernetes({ container: values.container, image: values.image }),
];
for (const system of systems.filter(({ name }) => name.includes(values.system))) await proveSystem(system);

for (const says of broken) process.stdout.write(`broken: ${says}\n`);
for (const says of undecided) process.stdout.write(`${says}: not proved yet; run it again, and it goes on\n`);
const ok = broken.length === 0 && undecided.length === 0;
process.stdout.write(
  `${JSON.stringify({ bench: 'pipelines', target: 0, ok, proved: proved.size, broken: broken.length, undecided: undecided.length })}\n`,
);
process.exitCode = ok ? 0 : 1;
