import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkCase } from './check-case.ts';

/**
 * `npx tsx bench/radius/radius.ts [--full] [--seconds 480] [--state file]`: generated topologies, plans and open faults against an
 * oracle that tries every set of nodes that may remain. The state file holds how far it came; with it, the next call goes on there.
 */
const CASES = 1_000_000;

/** A default that leaves room within ten minutes. */
const SECONDS = 480;

/** Of the steps that are asked for; a proof that refuses everything would be safe and useless. */
const LEAST_ACCEPTED = 0.15;

/** More failures than this say nothing new. */
const MOST_SHOWN = 20;

interface State {
  cases: number;
  asked: number;
  accepted: number;
  tooStrict: number;
  wrong: number;
  shown: string[];
}

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    seconds: { type: 'string', default: String(SECONDS) },
    state: { type: 'string' },
  },
});

function readState(file: string | undefined): State {
  const fresh = { cases: 0, asked: 0, accepted: 0, tooStrict: 0, wrong: 0, shown: [] };
  if (file === undefined) return fresh;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as State;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return fresh;
    throw error;
  }
}

function keep(file: string | undefined, state: State): void {
  if (file === undefined) return;
  writeFileSync(`${file}.new`, JSON.stringify(state));
  renameSync(`${file}.new`, file);
}

const state = readState(values.state);
const begun = process.hrtime.bigint();
const secondsSince = (): number => Number(process.hrtime.bigint() - begun) / 1e9;
const limit = values.full ? Number.POSITIVE_INFINITY : Number(values.seconds);
const first = state.cases;
while (state.cases < CASES && secondsSince() < limit) {
  const { asked, accepted, tooStrict, wrong } = await checkCase(state.cases);
  state.asked += asked;
  state.accepted += accepted;
  state.tooStrict += tooStrict;
  state.wrong += wrong.length;
  for (const says of wrong)
    if (state.shown.length < MOST_SHOWN) state.shown.push(`case ${state.cases}: ${says}`);
  state.cases += 1;
  if (state.cases % 5000 === 0) keep(values.state, state);
}
keep(values.state, state);

for (const says of state.shown) process.stdout.write(`${says}\n`);
const share = state.accepted / Math.max(1, state.asked);
const seconds = secondsSince();
process.stdout.write(
  `${state.cases} of ${CASES} cases (${state.cases - first} now, in ${seconds.toFixed(0)} s), ${state.asked} steps asked for, ` +
    `${(share * 100).toFixed(1)} % accepted, ${state.wrong} wrong, ${state.tooStrict} refused that nothing speaks against\n`,
);
const ok = state.wrong === 0 && state.cases > 0 && share >= LEAST_ACCEPTED;
const { shown: _shown, ...counts } = state;
process.stdout.write(
  `${JSON.stringify({ bench: 'radius', target: { wrong: 0, accepted: LEAST_ACCEPTED, cases: CASES }, ok, complete: state.cases >= CASES, accepted: Number(share.toFixed(4)), counts })}\n`,
);
process.exitCode = ok ? 0 : 1;
