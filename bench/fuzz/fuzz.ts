import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { emptySummary, runBatch, type FuzzSummary } from './fuzz-pool.ts';
import { runCommands } from './real-commands.ts';

/**
 * `node dist/bench/fuzz/fuzz.js [--full] [--seconds 420] [--state file]`: plans, kubeconfigs, clouds.yaml and answers of APIs that
 * are wrong in every way. The state file holds how far it came; with it, the next call goes on there. Some of the cases are given
 * to the real command line as well, which must be built (`npm run build`).
 */
const CASES = 100_000;
const SECONDS = 420;
const BATCH = 1000;
const MOST_MIB = 256;
const COMMANDS_A_BATCH = 2;
const MOST_SHOWN = 40;

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    seconds: { type: 'string', default: String(SECONDS) },
    state: { type: 'string' },
  },
});

function readState(file: string | undefined): FuzzSummary & { commands: number } {
  const fresh = { ...emptySummary(), commands: 0 };
  if (file === undefined) return fresh;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as typeof fresh;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return fresh;
    throw error;
  }
}

const state = readState(values.state);
const begun = process.hrtime.bigint();
const secondsSince = (): number => Number(process.hrtime.bigint() - begun) / 1e9;
const limit = values.full ? Number.POSITIVE_INFINITY : Number(values.seconds);
const keep = (): void => {
  if (values.state === undefined) return;
  writeFileSync(`${values.state}.new`, JSON.stringify(state));
  renameSync(`${values.state}.new`, values.state);
};

let next = Math.floor(state.cases / BATCH) * BATCH;
while (next < CASES && secondsSince() < limit) {
  await runBatch(next, Math.min(CASES, next + BATCH), state);
  await runCommands(next, COMMANDS_A_BATCH, state);
  state.commands += COMMANDS_A_BATCH;
  next += BATCH;
  state.cases = next;
  keep();
}

for (const { number, kind, says } of state.wrong.slice(0, MOST_SHOWN))
  process.stdout.write(`case ${number} (${kind}): ${says}\n`);
for (const [outcome, count] of Object.entries(state.outcomes).sort())
  process.stdout.write(`${outcome}: ${count}\n`);
process.stdout.write(
  `${state.cases} of ${CASES} cases and ${state.commands} commands in ${secondsSince().toFixed(0)} s, slowest ${state.slowestMs.toFixed(0)} ms (case ${state.slowestCase}), ` +
    `at most ${state.mostMiB.toFixed(0)} MiB, ${state.wrong.length} wrong\n`,
);
const ok = state.wrong.length === 0 && state.cases > 0 && state.mostMiB < MOST_MIB;
const { cases, commands, slowestMs, mostMiB, wrong } = state;
process.stdout.write(
  `${JSON.stringify({ bench: 'fuzz', target: { wrong: 0, mostMiB: MOST_MIB, cases: CASES }, ok, complete: cases >= CASES, cases, commands, slowestMs: Math.round(slowestMs), mostMiB: Math.round(mostMiB), wrong: wrong.length })}\n`,
);
process.exitCode = ok ? 0 : 1;
