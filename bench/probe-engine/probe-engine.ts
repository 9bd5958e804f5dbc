import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from '../samples-query/python.ts';
import { cleanRates, latenessAt, type CleanRates, type LatenessAt } from './against-k6.ts';
import { busyMainThread, type BusyMainThread } from './busy-main-thread.ts';
import { DEGRADED } from './probing.ts';
import { memory, type Memory } from './memory.ts';
import { starved, type Starved } from './starved.ts';

/**
 * What the prober can do, and that it does not lie when it cannot. `npx tsx bench/probe-engine/probe-engine.ts`, with
 * `--full` for the long form, `--only <part>` for one part, and `--fresh` to forget the parts that are done: a bench that
 * was cut short goes on with the part at which it was, as long as the code is the same. `--degrade closed-loop|wall-clock|verdict-time`
 * measures worse on purpose, to see that the bench notices.
 */
const FULL = process.argv.includes('--full');
const ONLY = process.argv[process.argv.indexOf('--only') + 1];
const FRESH = process.argv.includes('--fresh');

const RATE = 3000;
const FASTEST = 10_000;
const MOST_GROWN_MB = 16;

interface Part<T> {
  readonly name: string;
  readonly measure: () => Promise<T>;
  /** What is below its target; empty where nothing is. */
  readonly lacks: (found: T) => readonly string[];
  readonly tell: (found: T) => string;
}

const part = <T>(one: Part<T>): Part<unknown> => ({
  ...one,
  lacks: (found) => one.lacks(found as T),
  tell: (found) => one.tell(found as T),
});

const lack = (ok: boolean, says: string): readonly string[] => (ok ? [] : [says]);

const PARTS: readonly Part<unknown>[] = [
  part<CleanRates>({
    name: 'clean-rate',
    measure: () => cleanRates(FULL ? 10 : 3),
    lacks: ({ ours, k6 }) =>
      lack(ours > 0 && ours >= k6 / 2, `highest clean rate ${ours}/s, below half of k6's ${k6}/s`),
    tell: ({ ours, k6 }) => `highest clean open-loop rate: squall ${ours}/s, k6 ${k6}/s`,
  }),
  part<LatenessAt>({
    name: 'lateness',
    measure: () => latenessAt(RATE, FULL ? 5 : 3, FULL ? 10 : 3),
    lacks: ({ oursP99Ms, k6P99Ms }) =>
      lack(
        oursP99Ms <= 5 || oursP99Ms <= 1.5 * k6P99Ms,
        `p99 of lateness ${oursP99Ms} ms is neither 5 ms nor 1.5 times k6's ${k6P99Ms} ms`,
      ),
    tell: ({ rate, oursP50Ms, oursP99Ms, k6P99Ms }) =>
      `lateness at ${rate}/s: p50 ${oursP50Ms.toFixed(2)} ms, p99 ${oursP99Ms.toFixed(2)} ms; k6 p99 ${k6P99Ms.toFixed(2)} ms`,
  }),
  part<LatenessAt>({
    name: 'goal',
    measure: () => latenessAt(FASTEST, 1, FULL ? 10 : 3),
    // A goal and no target: it is told how far it got.
    lacks: () => [],
    tell: ({ rate, oursP99Ms, k6P99Ms }) =>
      `goal beyond, ${rate}/s at p99 of 2 ms: squall ${oursP99Ms.toFixed(2)} ms, k6 ${k6P99Ms.toFixed(2)} ms`,
  }),
  part<BusyMainThread>({
    name: 'busy-main-thread',
    measure: () => busyMainThread(FULL ? 7 : 3, FULL ? 10 : 4),
    lacks: ({ ratio, parsed }) =>
      lack(ratio <= 1.5 && parsed > 0, `${ratio.toFixed(2)} times as late while the main thread parses`),
    tell: ({ pods, parsed, idleP99Ms, busyP99Ms, ratio }) =>
      `main thread parses ${pods} pods (${parsed} times): p99 ${busyP99Ms.toFixed(2)} ms, idle ${idleP99Ms.toFixed(2)} ms, ratio ${ratio.toFixed(2)}`,
  }),
  part<Starved>({
    name: 'starved',
    measure: () => (FULL ? starved(1000, 40, 30) : starved(1000, 12, 5)),
    lacks: (found) => [
      ...lack(found.falseOutages === 0, `${found.falseOutages} false outages in ${found.tries} tries`),
      ...lack(found.falseOutagesUnderHogs === 0, `${found.falseOutagesUnderHogs} false outages under hogs`),
      ...lack(found.reportedUp === 0, `${found.reportedUp} real outages reported as up`),
      ...lack(found.hiddenOutages > 0 && found.samples > 1000, 'nothing was measured'),
    ],
    tell: (found) =>
      `starved: ${found.falseOutages} false outages in ${found.tries} stops, ${found.falseOutagesUnderHogs} in ${found.hogSeconds} s of hogs; ` +
      `${found.reportedUp} of ${found.hiddenOutages} hidden outages reported as up (worst ${found.worstSaidUpMs.toFixed(1)} ms); ${found.unknown} of ${found.samples} samples unknown`,
  }),
  part<Memory>({
    name: 'memory',
    measure: () => memory(FULL ? 3600 : 600),
    lacks: ({ grownMb }) => lack(grownMb <= MOST_GROWN_MB, `memory grew by ${grownMb.toFixed(1)} MB`),
    tell: ({ seconds, rate, beginMb, endMb, peakMb, grownMb }) =>
      `memory over ${seconds} s at ${rate}/s: ${beginMb.toFixed(1)} -> ${endMb.toFixed(1)} MB (peak ${peakMb.toFixed(1)}), grown by ${grownMb.toFixed(1)} MB`,
  }),
];

/** Results of the same code in the same form; anything else is measured anew. */
function openStore(): { readonly done: Record<string, unknown>; save(): void } {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' });
  const key = `${git('rev-parse', 'HEAD').trim()}${git('status', '--porcelain', 'src', 'bench').length}${FULL ? '-full' : ''}${DEGRADED ?? ''}`;
  const file = join(CACHE, 'probe-engine.json');
  let done: Record<string, unknown> = {};
  try {
    const stored = JSON.parse(readFileSync(file, 'utf8')) as { key: string; done: Record<string, unknown> };
    if (!FRESH && stored.key === key) ({ done } = stored);
  } catch {
    // Nothing is stored yet.
  }
  return {
    done,
    save() {
      mkdirSync(CACHE, { recursive: true });
      writeFileSync(file, JSON.stringify({ key, done }));
    },
  };
}

async function main(): Promise<boolean> {
  const store = openStore();
  const below: string[] = [];
  const results: Record<string, unknown> = {};
  for (const { name, measure, lacks, tell } of PARTS) {
    if (process.argv.includes('--only') && name !== ONLY) continue;
    const found = store.done[name] ?? (await measure());
    const lacking = lacks(found);
    // What was below its target is not worth keeping: the next call measures it again.
    if (lacking.length === 0) {
      store.done[name] = found;
      store.save();
    }
    below.push(...lacking);
    results[name] = found;
    process.stdout.write(`${tell(found)}\n`);
  }
  for (const one of below) process.stdout.write(`below target: ${one}\n`);
  const ok = below.length === 0 && Object.keys(results).length > 0;
  process.stdout.write(
    `${JSON.stringify({ bench: 'probe-engine', full: FULL, ...(DEGRADED ? { degraded: DEGRADED } : {}), ok, below, results })}\n`,
  );
  return ok;
}

process.exitCode = (await main()) ? 0 : 1;
