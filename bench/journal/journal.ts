import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { TROUBLES, type Trouble } from './faulty-disk.ts';
import { tryPoint } from './try-point.ts';

/** A journal on a disk that breaks: no act without its entry, and every journal readable, at every operation of the disk. */
const POINTS = { short: 10_000, full: 100_000 };

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    state: { type: 'string', default: 'bench/.state/journal.json' },
    fresh: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '540' },
  },
});

interface State {
  full: boolean;
  points: number;
  method: number;
  died: number;
  acts: number;
  byKind: Partial<Record<Trouble, number>>;
  violations: string[];
}

const fresh: State = {
  full: values.full,
  points: 0,
  method: 0,
  died: 0,
  acts: 0,
  byKind: {},
  violations: [],
};

function readState(): State {
  if (values.fresh) return fresh;
  try {
    const state = JSON.parse(readFileSync(values.state, 'utf8')) as State;
    // One that came to its end, or of another length, begins anew.
    return state.full === values.full && state.points < target ? state : fresh;
  } catch {
    return fresh;
  }
}

/** All points of one method: each kind of trouble at each operation, as many as the same method has without any. */
async function tryMethod(state: State): Promise<void> {
  const seed = `journal/${state.method}`;
  const { operations } = await tryPoint({ seed, kind: 'kill', at: Infinity });
  for (const kind of TROUBLES) {
    for (let at = 0; at < operations; at++) {
      const result = await tryPoint({ seed, kind, at });
      state.points += 1;
      state.died += result.died ? 1 : 0;
      state.acts += result.acts;
      state.byKind[kind] = (state.byKind[kind] ?? 0) + 1;
      state.violations.push(...result.violations.map((says) => `${seed}, ${kind} at ${at}: ${says}`));
    }
  }
  state.method += 1;
}

const target = values.full ? POINTS.full : POINTS.short;
const begun = process.hrtime.bigint();
const secondsGone = (): number => Number(process.hrtime.bigint() - begun) / 1e9;
const state = readState();
mkdirSync(dirname(values.state), { recursive: true });
while (state.points < target && (values.full || secondsGone() < Number(values.seconds))) {
  await tryMethod(state);
  writeFileSync(values.state, JSON.stringify(state));
}
for (const violation of state.violations.slice(0, 20)) process.stdout.write(`${violation}\n`);
const { points, method, died, acts, byKind, violations } = state;
process.stdout.write(
  `${points} points in ${method} methods, ${died} of them deaths; ${acts} acts, ${violations.length} broken promises; ${secondsGone().toFixed(0)} s\n`,
);
const ok = points >= target && violations.length === 0 && acts > 0;
process.stdout.write(
  `${JSON.stringify({ bench: 'journal', target, ok, points, methods: method, died, acts, byKind, violations: violations.length })}\n`,
);
process.exitCode = ok ? 0 : 1;
