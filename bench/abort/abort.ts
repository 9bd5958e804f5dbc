import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkFormats } from '../formats/check-formats.ts';
import { quietHost } from '../compare/quiet-host.ts';
import { forget, leftOf, squallAt, stopRun, type Moment, type StoppedRun } from './stopped-run.ts';
import { wrongWithKilled, wrongWithStopped } from './wrong-with.ts';

const { values } = parseArgs({
  options: {
    /** The run is put behind this command, such as `nice -n 10`. */
    behind: { type: 'string', default: '' },
    /** Runs are begun only while the load of the host is below it. */
    quiet: { type: 'string', default: 'Infinity' },
    /** Only moments whose name has this in it. */
    only: { type: 'string', default: '' },
    /** So many more that are stopped at instants that are drawn, and killed at such. */
    random: { type: 'string', default: '8' },
    kills: { type: 'string', default: '6' },
    /** Of these instants. */
    seed: { type: 'string', default: '1' },
    /** What was told once is not tried again, for the same program. */
    state: { type: 'string', default: 'bench/.state/abort.json' },
    /** Of Jenkins; see bench/formats. */
    'junit-schema': { type: 'string' },
  },
});

const stage = (name: string, signal: Moment['signal'] = 'SIGINT'): Moment => ({
  name,
  after: new RegExp(`stage ${name} started`),
  signal,
});

/** With a lab that the run brings up itself, so that one more thing is owed. */
const MOMENTS: readonly Moment[] = [
  stage('lab up'),
  stage('discovery'),
  stage('conformance before'),
  stage('calibration'),
  stage('chaos'),
  { name: 'while a fault is injected', after: /fault cut injecting/, signal: 'SIGINT' },
  { name: 'while a fault is held', after: /fault cut holding/, signal: 'SIGTERM' },
  { name: 'while a fault is healed', after: /fault cut healing/, signal: 'SIGINT' },
  stage('conformance after', 'SIGTERM'),
  { name: 'a closed terminal', after: /fault cut injecting/, signal: 'SIGHUP', unread: true },
];

const AT_RANDOM = 'at random';

/** Numbers in [0, 1), the same for the same seed (Park and Miller). */
function* draws(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (state * 48_271) % 2_147_483_647;
    yield state / 2_147_483_647;
  }
}

/** Instants of a run that takes so long, from its first millisecond to its last. */
function drawn(tookMs: number): readonly Moment[] {
  const chance = draws(Number(values.seed));
  let drawnSoFar = 0;
  const at = (signal: Moment['signal']): Moment => {
    drawnSoFar += 1;
    return { name: `${AT_RANDOM} ${drawnSoFar}`, after: Math.round(chance.next().value * tookMs), signal };
  };
  return [
    ...Array.from({ length: Number(values.random) }, (_, index) =>
      at(index % 2 === 0 ? 'SIGTERM' : 'SIGINT'),
    ),
    ...Array.from({ length: Number(values.kills) }, () => at('SIGKILL')),
  ];
}

/** A rehearsal that never came so far tells nothing, such as one that had no processor; then it is tried again. */
const MOST_TRIES = 5;

const kept = mkdtempSync(join(tmpdir(), 'squall-abort-kept-'));
let checked = 0;

/** Reports that were written are read by parsers of others. */
function keep(folder: string): void {
  if (existsSync(join(folder, 'report.json')))
    cpSync(folder, join(kept, `run-${checked++}`), { recursive: true });
}

/** @returns undefined when it never came so far. */
async function stopAt(moment: Moment): Promise<readonly string[] | undefined> {
  for (let turn = 1; ; turn++) {
    await quietHost(Number(values.quiet), () => true);
    const run = await stopRun(moment, values.behind);
    try {
      if (run.reached) return await (moment.signal === 'SIGKILL' ? afterKill(run) : afterStop(run, moment));
      const says = `it never came so far, and ended with ${String(run.code)}:\n${run.said.slice(-600)}`;
      // A run that was quicker than the one that was measured is over, and all is told of it as well.
      if (typeof moment.after === 'number' && run.folder !== undefined) return wrongWithStopped(run, moment);
      if (turn === MOST_TRIES) return undefined;
      process.stdout.write(`${moment.name}: ${says.split('\n')[0] ?? ''}; once more\n`);
    } finally {
      await squallAt(run.home, ['lab', 'down'], '');
      forget(run);
    }
  }
}

async function afterStop(run: StoppedRun, moment: Moment): Promise<readonly string[]> {
  // Before a run has a folder there is nothing to tell, and nothing to heal.
  if (run.folder === undefined && typeof moment.after === 'number') return leftOf(run.home);
  const wrong = wrongWithStopped(run, moment);
  if (run.folder !== undefined) keep(run.folder);
  return [...wrong, ...(await leftOf(run.home))];
}

/** Nothing is written by who is dead: it is healed, and told of, by who comes after. */
async function afterKill(run: StoppedRun): Promise<readonly string[]> {
  const healed = await squallAt(run.home, ['heal'], values.behind);
  const wrong =
    healed.code === 0 ? [] : [`heal ended with ${String(healed.code)}: ${healed.said.slice(-400)}`];
  if (run.folder !== undefined) {
    const begun = existsSync(join(run.folder, 'plan.json'));
    const told = await squallAt(run.home, ['report', run.folder], values.behind);
    if (told.code !== (begun ? 0 : 2))
      wrong.push(`report ended with ${String(told.code)}: ${told.said.slice(-400)}`);
    else if (begun) wrong.push(...wrongWithKilled(run.folder));
    if (told.code === 0) keep(run.folder);
  }
  const down = await squallAt(run.home, ['lab', 'down'], values.behind);
  if (down.code !== 0) wrong.push(`lab down ended with ${String(down.code)}`);
  return [...wrong, ...(await leftOf(run.home))];
}

const broken: string[] = [];
const undecided: string[] = [];
const version = createHash('sha256').update(readFileSync('dist/cli/squall.mjs')).digest('hex').slice(0, 16);
const told = new Set<string>(
  existsSync(values.state) ? (JSON.parse(readFileSync(values.state, 'utf8')) as readonly string[]) : [],
);

async function expectTold(moment: Moment): Promise<void> {
  const name = `${moment.signal} ${moment.name}`;
  if (told.has(`${name} ${version}`)) return;
  const before = checked;
  const wrong = await stopAt(moment);
  const faults = wrong === undefined ? [] : [...wrong, ...wrongWithFormats(before)];
  const at = typeof moment.after === 'number' ? ` (${moment.after} ms)` : '';
  const says =
    wrong === undefined ? 'it never came so far' : faults.length === 0 ? 'all is told' : faults.join('; ');
  process.stdout.write(`${name}${at}: ${says}\n`);
  if (wrong === undefined) undecided.push(name);
  else if (faults.length > 0) broken.push(...faults.map((fault) => `${name}: ${fault}`));
  else {
    told.add(`${name} ${version}`);
    mkdirSync(dirname(values.state), { recursive: true });
    writeFileSync(values.state, JSON.stringify([...told], null, 2));
  }
}

/** What parsers of others say of the last run, if it told something. */
function wrongWithFormats(before: number): readonly string[] {
  if (checked === before) return [];
  try {
    return checkFormats(kept, values['junit-schema']).faults;
  } finally {
    rmSync(kept, { recursive: true, force: true });
    mkdirSync(kept);
  }
}

try {
  mkdirSync(kept, { recursive: true });
  for (const moment of MOMENTS.filter(({ name }) => name.includes(values.only))) await expectTold(moment);
  if (values.only === '' || AT_RANDOM.includes(values.only)) {
    const alone = await stopRun(undefined, values.behind);
    forget(alone);
    for (const moment of drawn(alone.tookMs)) await expectTold(moment);
  }
} finally {
  rmSync(kept, { recursive: true, force: true });
}
for (const says of broken) process.stdout.write(`broken: ${says}\n`);
for (const says of undecided) process.stdout.write(`${says}: not reached; run it again, and it goes on\n`);
const ok = broken.length === 0 && undecided.length === 0;
process.stdout.write(
  `${JSON.stringify({ bench: 'abort', target: 0, ok, told: told.size, checked, broken: broken.length, undecided: undecided.length })}\n`,
);
process.exitCode = ok ? 0 : 1;
