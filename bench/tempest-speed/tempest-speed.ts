import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { openGround, type Ground } from './ground.ts';
import { agreementOn, measure, type Contender, type Measured } from './measure.ts';
import { sameChecks, type SameChecks } from './same-checks.ts';

/**
 * `npx tsx bench/tempest-speed/tempest-speed.ts [--os-cloud NAME] [--pairs 5] [--seconds 540]`: the real Tempest and our cases on the same
 * checks of the same cloud. Which checks these are is found by running both once: what passed on both sides. Then each side runs
 * once at each width (workers, lanes), and the best widths run in pairs that alternate. Times are taken at the cloud itself; calls
 * are counted in runs of their own, by a proxy in front of it.
 *
 * Without --os-cloud the cloud is a rehearsal of our own, or with `--own model` its OpenStack alone in the process of this bench, which
 * is never the bottleneck; else the one of that name in the clouds.yaml of OS_CLIENT_CONFIG_FILE. The
 * state file holds what was measured, and a next call goes on there. Prints a table and a last line of JSON; exits with 1 below its
 * targets. Needs Python and, the first time, PyPI.
 */
const { values } = parseArgs({
  options: {
    'os-cloud': { type: 'string' },
    /** Without --os-cloud: `rehearsal`, or `model`. */
    own: { type: 'string', default: 'rehearsal' },
    /** Suites of ours, as `squall test` takes them. */
    suites: { type: 'string', default: 'identity/* compute/* network/* image/* block-storage/*' },
    /** Cases of ours, by a pattern over their ids. */
    only: { type: 'string', default: '' },
    /** Of Tempest's workers, and of our lanes. */
    concurrency: { type: 'string', default: '1,2,4' },
    lanes: { type: 'string', default: '1,2,4' },
    pairs: { type: 'string', default: '5' },
    /** Runs of each side whose calls are counted. */
    counted: { type: 'string', default: '1' },
    /** The least ratio of the times, and the most of the calls. */
    target: { type: 'string', default: '2' },
    calls: { type: 'string', default: '0.5' },
    /** So many checks need not pass in a run of hours on a cloud that is not quite steady. */
    'may-fail': { type: 'string', default: '0' },
    /** A run in which more did not pass is no measure, and is made again. */
    tries: { type: 'string', default: '3' },
    /** After so many seconds nothing is begun any more. */
    seconds: { type: 'string', default: '540' },
    fresh: { type: 'boolean', default: false },
    state: { type: 'string', default: 'bench/.state/tempest-speed' },
  },
});

type Step = 'width' | 'count' | 'pair';

interface Kept extends Measured {
  readonly step: Step;
  /** Of a pair, from 0. */
  readonly number: number;
}

interface State {
  readonly suites: string;
  readonly only: string;
  readonly checks?: SameChecks;
  readonly runs: readonly Kept[];
}

const stateFile = `${values.state}/${values['os-cloud'] ?? values.own}.json`;
const fresh: State = { suites: values.suites, only: values.only, runs: [] };
let state: State = readState();

function readState(): State {
  try {
    const kept = JSON.parse(readFileSync(stateFile, 'utf8')) as State;
    return values.fresh || kept.suites !== values.suites || kept.only !== values.only ? fresh : kept;
  } catch {
    return fresh;
  }
}

function keep(next: State): void {
  state = next;
  mkdirSync(dirname(stateFile), { recursive: true });
  writeFileSync(stateFile, JSON.stringify(state, null, 1));
}

const begun = process.hrtime.bigint();
const isTimeLeft = (): boolean => Number(process.hrtime.bigint() - begun) / 1e9 < Number(values.seconds);
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const numbers = (text: string): readonly number[] => text.split(',').map(Number);

async function findChecks(ground: Ground): Promise<SameChecks> {
  if (state.checks !== undefined) return state.checks;
  const words = [...values.suites.split(' '), ...(values.only === '' ? [] : ['--grep', values.only])];
  const lanes = Math.max(...numbers(values.concurrency));
  const rows = await agreementOn(ground, words, { lanes, clouds: ground.direct });
  const checks = sameChecks(rows);
  const count = (says: string): number => rows.filter((row) => row.says === says).length;
  say(
    `${rows.length} tests that our cases are labelled with: ${count('agree')} agree, ${count('differ')} differ, ${count('not compared')} were not compared; ${checks.tests.length} tests and ${checks.cases.length} cases are the same checks and passed on both sides`,
  );
  for (const { test, own, theirs } of rows.filter((row) => row.says === 'differ'))
    say(`  ${test}: Squall ${own}, Tempest ${theirs}`);
  if (checks.tests.length === 0) throw new Error('No check passed on both sides.');
  keep({ ...state, checks });
  return checks;
}

/** Measures what is not in the state yet. @returns false when there was no time for it. */
async function measured(
  ground: Ground,
  checks: SameChecks,
  one: Contender & Pick<Kept, 'step' | 'number'>,
): Promise<boolean> {
  const { engine, width, step, number } = one;
  const isThis = (kept: Kept): boolean =>
    kept.engine === engine && kept.width === width && kept.step === step && kept.number === number;
  if (state.runs.some(isThis)) return true;
  for (let tries = 1; isTimeLeft(); tries++) {
    try {
      const found = await measure(ground, one, checks, {
        counted: step === 'count',
        mayFail: Number(values['may-fail']),
      });
      keep({ ...state, runs: [...state.runs, { ...found, step, number }] });
      say(`${step} ${number + 1}, ${engine} ${width}: ${told(found)}`);
      return true;
    } catch (error) {
      say(`${step} ${number + 1}, ${engine} ${width}: ${String(error)}`);
      if (tries >= Number(values.tries)) throw error;
    }
  }
  return false;
}

function told({ wallS, startUpS, inTestsS, betweenS, calls, lost, load }: Measured): string {
  const parts = `first test after ${startUpS.toFixed(1)} s, ${inTestsS.toFixed(1)} s in tests, ${betweenS.toFixed(1)} s between them`;
  return `${wallS.toFixed(1)} s (${parts}), load ${load}${calls === undefined ? '' : `, ${calls} calls`}${lost === undefined ? '' : `, ${lost} did not pass`}`;
}

/** The width that was fastest when each was tried once; undefined where one was not tried yet. */
function bestOf(engine: Contender['engine'], widths: readonly number[]): Contender | undefined {
  const tried = state.runs.filter(
    (run) => run.step === 'width' && run.engine === engine && widths.includes(run.width),
  );
  if (new Set(tried.map(({ width }) => width)).size < widths.length) return undefined;
  const [best] = tried.toSorted((a, b) => a.wallS - b.wallS);
  return best === undefined ? undefined : { engine, width: best.width };
}

const widthsOf = { tempest: numbers(values.concurrency), squall: numbers(values.lanes) } as const;

async function measureAll(ground: Ground): Promise<void> {
  const checks = await findChecks(ground);
  for (const engine of ['tempest', 'squall'] as const)
    for (const width of widthsOf[engine])
      if (!(await measured(ground, checks, { engine, width, step: 'width', number: 0 }))) return;
  const both = [bestOf('tempest', widthsOf.tempest), bestOf('squall', widthsOf.squall)].filter(
    (one) => one !== undefined,
  );
  for (let number = 0; number < Number(values.counted); number++)
    for (const one of both) if (!(await measured(ground, checks, { ...one, step: 'count', number }))) return;
  for (let number = 0; number < Number(values.pairs); number++)
    // Whoever is second finds the cloud warm, so they take turns.
    for (const one of number % 2 === 0 ? both : both.toReversed())
      if (!(await measured(ground, checks, { ...one, step: 'pair', number }))) return;
}

const median = (all: readonly number[]): number => {
  const sorted = all.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2;
};
const rounded = (value: number): number => Math.round(value * 100) / 100;

/** Theirs over ours, where both are there, run by run. */
function ratios(step: Step, value: (run: Kept) => number): readonly number[] {
  const own = { tempest: bestOf('tempest', widthsOf.tempest), squall: bestOf('squall', widthsOf.squall) };
  const find = (engine: Contender['engine'], number: number): Kept | undefined =>
    state.runs.find(
      (run) =>
        run.step === step &&
        run.engine === engine &&
        run.number === number &&
        run.width === own[engine]?.width,
    );
  const all = Array.from({ length: Math.max(Number(values.pairs), Number(values.counted)) }, (_, number) => {
    const [theirs, ours] = [find('tempest', number), find('squall', number)];
    return theirs === undefined || ours === undefined ? undefined : value(theirs) / value(ours);
  });
  return all.filter((one) => one !== undefined);
}

function conclude(): boolean {
  say('| side | width | step | seconds | first test after | in tests | between tests | calls | load |');
  say('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const { engine, width, step, number, wallS, startUpS, inTestsS, betweenS, calls, load } of state.runs)
    say(
      `| ${engine} | ${width} | ${step} ${number + 1} | ${[wallS, startUpS, inTestsS, betweenS].map((one) => one.toFixed(1)).join(' | ')} | ${calls ?? '-'} | ${load} |`,
    );
  const times = ratios('pair', ({ wallS }) => wallS);
  const calls = ratios('count', (run) => run.calls ?? NaN);
  const complete = times.length >= Number(values.pairs) && calls.length >= Number(values.counted);
  const faster = rounded(median(times));
  const share = rounded(1 / median(calls));
  const ok = complete && faster >= Number(values.target) && share <= Number(values.calls);
  if (!complete) say('There is more to measure: run it again, and it goes on.');
  say(
    JSON.stringify({
      ...{
        bench: 'tempest-speed',
        ok,
        complete,
        target: Number(values.target),
        mostCalls: Number(values.calls),
      },
      ...{ tests: state.checks?.tests.length ?? 0, cases: state.checks?.cases.length ?? 0 },
      ...{
        tempest: bestOf('tempest', widthsOf.tempest)?.width,
        squall: bestOf('squall', widthsOf.squall)?.width,
      },
      ...{
        timesFaster: faster,
        spread: [Math.min(...times), Math.max(...times)].map(rounded),
        pairs: times.length,
      },
      shareOfCalls: share,
      lost: state.runs.reduce((sum, run) => sum + (run.lost ?? 0), 0),
    }),
  );
  return ok;
}

const ground = await openGround({
  cloud: values['os-cloud'],
  own: values.own === 'model' ? 'model' : 'rehearsal',
  user: 'rehearsal',
});
try {
  await measureAll(ground);
} catch (error) {
  say(String(error));
} finally {
  await ground.close();
}
process.exitCode = conclude() ? 0 : 1;
