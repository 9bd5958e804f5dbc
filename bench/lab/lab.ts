import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { packageFolder } from '../../src/entries/places.ts';
import { seededRandom } from '../../src/model/seeded-random.ts';
import { hostTraces } from './host-traces.ts';

/** The reference lab up and down, and its `up` killed at random instants: nothing of it may be left on this host. */
const ROUNDS = 10;
const KILLS = 10;

/** Instants of a kill, from the start of `lab up`: while it makes things, and while it waits for what it made. */
const LATEST_KILL_MS = 40_000;

const { values } = parseArgs({
  options: {
    fresh: { type: 'boolean', default: false },
    state: { type: 'string', default: 'bench/.state/lab.json' },
    rounds: { type: 'string', default: String(ROUNDS) },
    kills: { type: 'string', default: String(KILLS) },
    /** No new round begins after this; the next call goes on. */
    seconds: { type: 'string', default: '480' },
  },
});

interface Round {
  readonly what: string;
  readonly upSeconds?: number;
  readonly downSeconds: number;
  readonly left: readonly string[];
}

const [rounds, kills] = [Number(values.rounds), Number(values.kills)];
const done: Round[] = values.fresh ? [] : readState();
const begun = Date.now();
const command = join(packageFolder(), 'dist', 'cli', 'squall.mjs');

function readState(): Round[] {
  try {
    const before = JSON.parse(readFileSync(values.state, 'utf8')) as Round[];
    // One that came to its end begins anew.
    return before.length < rounds + kills ? before : [];
  } catch {
    return [];
  }
}

interface Ended {
  readonly code: number | null;
  readonly says: string;
  readonly seconds: number;
}

async function squallLab(verb: 'up' | 'down', killAfterMs?: number): Promise<Ended> {
  const since = Date.now();
  const kubernetesAlone = verb === 'up' ? ['--without', 'openstack'] : [];
  const child = spawn(process.execPath, [command, 'lab', verb, '--lab', 'reference', ...kubernetesAlone], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let says = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (says += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (says += text));
  const ended = once(child, 'close');
  if (killAfterMs !== undefined) {
    await Promise.race([sleep(killAfterMs), ended]);
    child.kill('SIGKILL');
  }
  await ended;
  return { code: child.exitCode, says, seconds: (Date.now() - since) / 1000 };
}

/** What is there now and was not before, or the other way round. */
function leftSince(before: Record<string, unknown>): readonly string[] {
  const now = hostTraces();
  return Object.keys(before)
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(now[key]))
    .map((key) => `${key}: was ${JSON.stringify(before[key])}, is ${JSON.stringify(now[key])}`);
}

async function upAndDown(n: number, before: Record<string, unknown>): Promise<Round> {
  const up = await squallLab('up');
  const failed = up.code === 0 ? [] : [`up ended with ${up.code}: ${up.says.slice(-400)}`];
  const joined = up.says.includes('Starting from the snapshot') ? 'from the snapshot' : 'a full join';
  return end({ what: `up and down ${n + 1}, ${joined}`, upSeconds: up.seconds }, before, failed);
}

async function killed(n: number, before: Record<string, unknown>): Promise<Round> {
  const afterMs = Math.round(200 + seededRandom(`bench lab ${n}`).next() * LATEST_KILL_MS);
  await squallLab('up', afterMs);
  return end({ what: `up killed after ${(afterMs / 1000).toFixed(1)} s` }, before, []);
}

async function end(
  round: Pick<Round, 'what' | 'upSeconds'>,
  before: Record<string, unknown>,
  failed: readonly string[],
): Promise<Round> {
  const down = await squallLab('down');
  const wrong = down.code === 0 ? [] : [`down ended with ${down.code}: ${down.says.slice(-400)}`];
  return { ...round, downSeconds: down.seconds, left: [...failed, ...wrong, ...leftSince(before)] };
}

const table = (): string =>
  [
    '| what | up | down | left |',
    '| --- | --- | --- | --- |',
    ...done.map(
      ({ what, upSeconds, downSeconds, left }) =>
        `| ${what} | ${upSeconds === undefined ? '' : `${upSeconds.toFixed(0)} s`} | ${downSeconds.toFixed(1)} s | ${left.join('; ') || 'nothing'} |`,
    ),
  ].join('\n');

mkdirSync(dirname(values.state), { recursive: true });
await squallLab('down');
const before = hostTraces();
while (done.length < rounds + kills && (Date.now() - begun) / 1000 < Number(values.seconds)) {
  const n = done.length;
  const round = n < rounds ? await upAndDown(n, before) : await killed(n - rounds, before);
  done.push(round);
  writeFileSync(values.state, JSON.stringify(done));
  process.stdout.write(
    `${n + 1} of ${rounds + kills}: ${round.what}: ${round.left.join('; ') || 'nothing left'}\n`,
  );
}
const whole = done.length >= rounds + kills;
const clean = done.filter(({ left }) => left.length === 0).length;
const ups = done.flatMap(({ upSeconds }) => upSeconds ?? []).sort((a, b) => a - b);
process.stdout.write(`${table()}\n`);
process.stdout.write(
  `${JSON.stringify({ bench: 'lab', target: rounds + kills, ok: whole && clean === done.length, done: done.length, clean, medianUpSeconds: ups[Math.floor(ups.length / 2)] })}\n`,
);
process.exitCode = whole && clean === done.length ? 0 : 1;
