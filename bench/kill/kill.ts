import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { FAILPOINTS } from '../../src/entries/failpoints.ts';
import { closeGround, killOnce, openGround, type KillGround, type KillPoint } from './kill-once.ts';
import { orderOf } from './order-of.ts';

/** So many harnesses are killed; no fault lives on 5 s after its declared end, and everything can be healed. */
const KILLS = { short: 60, full: 1000 };

/** At least this share of the kills hits each gap. */
const SHARE_OF_EACH_GAP = 0.2;

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    state: { type: 'string', default: 'bench/.state/kill.json' },
    /** Rehearsals beside each other: most of the time is spent waiting for a fault to end by itself. */
    grounds: { type: 'string', default: '3' },
    /** After so many the next call goes on; by default 540, and never with `--full`. */
    seconds: { type: 'string' },
  },
});

interface State {
  full: boolean;
  /** The next order. */
  next: number;
  /** Kills that met a harness which had intended a fault, or was on its way there. */
  kills: number;
  finished: number;
  byPoint: Partial<Record<KillPoint, number>>;
  byFault: Record<string, number>;
  expired: number;
  latestGoneMs: number;
  violations: string[];
}

const target = values.full ? KILLS.full : KILLS.short;

function begin(): State {
  const fresh: State = {
    full: values.full,
    next: 0,
    kills: 0,
    finished: 0,
    byPoint: {},
    byFault: {},
    expired: 0,
    latestGoneMs: 0,
    violations: [],
  };
  if (values.fresh) return fresh;
  try {
    const state = JSON.parse(readFileSync(values.state, 'utf8')) as State;
    // One that came to its end, or of another length, begins anew.
    return state.full === values.full && state.kills < target ? state : fresh;
  } catch {
    return fresh;
  }
}

const state = begin();
const begun = process.hrtime.bigint();
const secondsGone = (): number => Number(process.hrtime.bigint() - begun) / 1e9;
const limit = Number(values.seconds ?? (values.full ? Number.POSITIVE_INFINITY : 540));
const goesOn = (): boolean => state.kills < target && secondsGone() < limit;

async function killOn(ground: KillGround): Promise<void> {
  while (goesOn()) {
    const order = orderOf(state.next++, ground.faults);
    const { killed, goneMs, violations } = await killOnce(order, ground);
    if (killed) {
      state.kills += 1;
      state.byPoint[order.at] = (state.byPoint[order.at] ?? 0) + 1;
      state.byFault[order.fault] = (state.byFault[order.fault] ?? 0) + 1;
    } else state.finished += 1;
    if (goneMs !== undefined) {
      state.expired += 1;
      state.latestGoneMs = Math.max(state.latestGoneMs, goneMs);
    }
    const what = `kill ${order.n} (${order.fault}, ${order.at}, ${order.ending}, healed ${order.heals})`;
    for (const says of violations) {
      state.violations.push(`${what}: ${says}`);
      process.stdout.write(`${what}: ${says}\n`);
    }
    writeFileSync(values.state, JSON.stringify(state));
  }
}

mkdirSync(dirname(values.state), { recursive: true });
const grounds = await Promise.all(
  Array.from({ length: Number(values.grounds) }, async () =>
    openGround(await mkdtemp(join(tmpdir(), 'squall-kill-'))),
  ),
);
try {
  await Promise.all(grounds.map(killOn));
} finally {
  for (const ground of grounds) await closeGround(ground);
}
const { kills, finished, byPoint, byFault, expired, latestGoneMs, violations } = state;
process.stdout.write(
  `${kills} kills (${finished} harnesses were quicker), ${expired} faults waited for to their end; the last was gone ${latestGoneMs.toFixed(0)} ms after it; ${violations.length} violations; ${secondsGone().toFixed(0)} s\n`,
);
for (const [point, count] of Object.entries(byPoint))
  process.stdout.write(`  ${point}: ${count} (${((100 * count) / kills).toFixed(0)} %)\n`);
const gapsHit = FAILPOINTS.every((gap) => (byPoint[gap] ?? 0) >= SHARE_OF_EACH_GAP * kills);
const ok = kills >= target && gapsHit && violations.length === 0;
process.stdout.write(
  `${JSON.stringify({ bench: 'kill', target, ok, kills, finished, byPoint, byFault, expired, latestGoneMs: Math.round(latestGoneMs), violations: violations.length })}\n`,
);
process.exitCode = ok ? 0 : 1;
