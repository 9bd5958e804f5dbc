import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { FAILPOINTS } from '../../src/entries/failpoints.ts';
import type { HealingEntry } from '../../src/model/injection.ts';
import { seededRandom } from '../../src/model/seeded-random.ts';
import { LASTING, MOMENTARY, PRESSING } from '../../test/reference/hurts.ts';
import { runAndKill, squall } from '../../test/reference/kill-squall.ts';
import { nodeTraces, untilAsBefore } from '../../test/reference/node-traces.ts';
import { clock, ensureUp, untilWhole } from '../../test/reference/the-lab.ts';
import { KILL_POINTS, type KillPoint } from './kill-once.ts';

/**
 * `npx tsx bench/kill/on-reference-lab.ts [--kills 50] [--seconds 540] [--fresh]`, as root, with Squall built; the lab is brought up where
 * it is not, and stays. As `kill.ts` on the rehearsal, and looked at with the tools of this host. A next call goes on where the last
 * one ended.
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '540' },
    fresh: { type: 'boolean', default: false },
    state: { type: 'string', default: 'bench/.state/kill-reference.json' },
  },
});

const SHARE_OF_EACH_GAP = 0.2;
const ALIVE_AT_MOST_MS = 5000;
/** A node that was off, or a member that was cut off, comes back in its own time. */
const WHOLE_WITHIN_MS = 240_000;
/** From its start Squall needs about three seconds until it hurts, and has healed by the last of these. */
const RANDOM_FROM_MS = 1500;
const RANDOM_TO_MS = 22_000;
const HEALS = ['once', 'twice', 'two at a time'] as const;
const HURTS = [...LASTING, ...PRESSING, ...MOMENTARY].map(([title, hurt]) => ({ title, hurt }));

interface Kill {
  readonly n: number;
  readonly title: string;
  readonly at: KillPoint;
  readonly heals: string;
  readonly killed: boolean;
  readonly intended: boolean;
  readonly load: number;
  /** From the declared end until a look began that saw nothing any more; below zero when that came first. Absent: healed before. */
  readonly goneMs?: number;
  readonly violations: readonly string[];
}

const kills: Kill[] = values.fresh ? [] : earlier();

function earlier(): Kill[] {
  try {
    return JSON.parse(readFileSync(values.state, 'utf8')) as Kill[];
  } catch {
    return [];
  }
}

async function killOnce(n: number): Promise<Kill> {
  const { title, hurt } = HURTS[n % HURTS.length] ?? { title: '', hurt: { fault: '', selector: '' } };
  const at = KILL_POINTS[Math.floor(n / HURTS.length + n) % KILL_POINTS.length] ?? 'random';
  const heals = HEALS[n % HEALS.length] ?? 'once';
  await untilWhole(WHOLE_WITHIN_MS);
  const whole = await nodeTraces();
  const load = Math.round((loadavg()[0] ?? 0) * 10) / 10;
  const { ended, entry } = await runAndKill(hurt, at === 'random' ? instantOf(n) : at);
  // Every other one is left to end by itself.
  const gone = entry === undefined || n % 2 === 1 ? undefined : await goneAfter(whole, entry);
  const violations = [...(gone?.left ?? []), ...(await healed(heals))];
  const { left } = await untilAsBefore(whole, clock.now().ns + WHOLE_WITHIN_MS * 1e6);
  violations.push(...left.map((line) => `not as before after the heal: ${line}`));
  return {
    n,
    title,
    at,
    heals,
    killed: ended.signal === 'SIGKILL',
    intended: entry !== undefined,
    load,
    ...(gone === undefined ? {} : { goneMs: gone.ms }),
    violations,
  };
}

const instantOf = (n: number): number =>
  RANDOM_FROM_MS + seededRandom(`kill-reference/${n}`).integer(RANDOM_TO_MS - RANDOM_FROM_MS);

async function goneAfter(
  whole: readonly string[],
  { expires }: HealingEntry,
): Promise<{ readonly ms: number; readonly left: readonly string[] }> {
  const { left, lookedNs } = await untilAsBefore(whole, expires.ns + ALIVE_AT_MOST_MS * 1e6);
  return {
    ms: Math.round((lookedNs - expires.ns) / 1e6),
    left: left.map((line) => `alive ${ALIVE_AT_MOST_MS} ms after its declared end: ${line}`),
  };
}

async function healed(heals: (typeof HEALS)[number]): Promise<readonly string[]> {
  const heal = (): ReturnType<typeof squall> => squall(['heal', '--yes', '--lab', 'reference']);
  const first = heals === 'two at a time' ? await Promise.all([heal(), heal()]) : [await heal()];
  const all = heals === 'twice' ? [...first, await heal()] : first;
  return all
    .filter(({ code }) => code !== 0)
    .map(({ code, says }) => `heal ended with ${code ?? '?'}: ${says}`);
}

/** Of those kills that found something to leave behind. */
const counted = (): readonly Kill[] => kills.filter(({ killed }) => killed);
const begun = clock.now().ns;
const secondsGone = (): number => (clock.now().ns - begun) / 1e9;

await ensureUp();
mkdirSync(dirname(values.state), { recursive: true });
while (counted().length < Number(values.kills) && secondsGone() < Number(values.seconds)) {
  const kill = await killOnce(kills.length);
  kills.push(kill);
  writeFileSync(values.state, JSON.stringify(kills, null, 1));
  const gone = kill.goneMs === undefined ? '' : `, gone ${kill.goneMs} ms after its end`;
  process.stdout.write(`${kill.n} ${kill.title}, ${kill.at}${kill.killed ? '' : ' (was quicker)'}${gone}\n`);
  for (const line of kill.violations) process.stdout.write(`  VIOLATION ${line}\n`);
}

const all = counted();
const byPoint = Object.fromEntries(
  KILL_POINTS.map((point) => [point, all.filter(({ at }) => at === point).length]),
);
const violations = kills.flatMap((kill) => kill.violations).length;
const latestGoneMs = Math.max(0, ...kills.map(({ goneMs = 0 }) => goneMs));
const ok =
  all.length >= Number(values.kills) &&
  violations === 0 &&
  FAILPOINTS.every((gap) => (byPoint[gap] ?? 0) >= SHARE_OF_EACH_GAP * all.length);
process.stdout.write(
  `${JSON.stringify({ bench: 'kill-reference', ok, kills: all.length, faults: new Set(all.map(({ title }) => title)).size, byPoint, waitedFor: kills.filter(({ goneMs }) => goneMs !== undefined).length, latestGoneMs, violations, seconds: Math.round(secondsGone()) })}\n`,
);
process.exitCode = ok ? 0 : 1;
