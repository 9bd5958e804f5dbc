import { spawnSync } from 'node:child_process';

/** `--help` and `list` take at most this many times as long as an empty Node, pair by pair in one run. */
const TARGET = 2.5;
const PAIRS = 20;

const COMMANDS = [['--help'], ['list', 'errors'], ['list', 'plans'], ['list', 'faults']];

/** Milliseconds from the start of the process to its end. */
function timed(args: readonly string[]): number {
  const begun = process.hrtime.bigint();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${String(status)}`);
  return Number(process.hrtime.bigint() - begun) / 1e6;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const results = COMMANDS.map((command) => {
  timed(['dist/cli/squall.mjs', ...command]);
  const pairs = Array.from({ length: PAIRS }, () => ({
    ours: timed(['dist/cli/squall.mjs', ...command]),
    empty: timed(['-e', '0']),
  }));
  const ratio = median(pairs.map(({ ours, empty }) => ours / empty));
  process.stdout.write(
    `squall ${command.join(' ')}: ${median(pairs.map(({ ours }) => ours)).toFixed(0)} ms, node -e 0: ${median(pairs.map(({ empty }) => empty)).toFixed(0)} ms, ratio ${ratio.toFixed(2)}\n`,
  );
  return { command: command.join(' '), ratio: Number(ratio.toFixed(3)) };
});
const ok = results.every(({ ratio }) => ratio <= TARGET);
process.stdout.write(`${JSON.stringify({ bench: 'start-up', target: TARGET, pairs: PAIRS, ok, results })}\n`);
process.exitCode = ok ? 0 : 1;
