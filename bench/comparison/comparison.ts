import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { RunFolderOnDisk } from '../../src/adapters/system/run-folder-on-disk.ts';
import { readSeries } from '../../src/measure/read-series.ts';
import type { ProbeSeries } from '../../src/model/observation.ts';
import { compareTarget, type Comparison } from '../accuracy/compare-with-truth.ts';
import { degrade, DEGRADATIONS, isDegradation } from '../accuracy/degrade.ts';
import { measureRound, TARGETS, type Beside, type Truth } from '../accuracy/measure-round.ts';
import { planOutages } from '../accuracy/outage-schedule.ts';
import { chaosVersion, startChaosToolkit } from './chaos-toolkit.ts';
import { readFavourably, type ReadOutage } from './read-favourably.ts';
import type { SeenByRivals } from './rivals.ts';
import type { Noted } from './sampler-loops.ts';

/**
 * The prober beside the loops of others, on the same targets at the same time. `npx tsx bench/comparison/comparison.ts`, with
 * `--full` for 1,000 outages, `--fresh` to begin anew, and `--degrade closed-loop|wall-clock|verdict-time` to measure worse.
 */
const TARGET = { timesBetterThanBest: 50, timesBetterAtEqualRate: 2 };
const OUTAGES_EACH = 25;

/** By how much a report of a loop that stamps its verdicts may be away and still count: as late as its timeout. */
const LATE_NS = { 'sampler-1s': 0, krkn: 3e9, 'krkn-at-our-rate': 1e9, 'chaos-toolkit': 0 } as const;

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    folder: { type: 'string' },
    degrade: { type: 'string' },
  },
});
const how = values.degrade === undefined || isDegradation(values.degrade) ? values.degrade : undefined;
if (how !== values.degrade) throw new Error(`--degrade is one of ${Object.keys(DEGRADATIONS).join(', ')}.`);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

type Seen = SeenByRivals & { readonly 'chaos-toolkit': readonly (readonly Noted[])[] };

/** All the others at once; what they saw is in `others.json`. */
async function others(folder: string, seed: string, ports: readonly number[]): Promise<Beside> {
  const lengths = ports.map((_, index) =>
    planOutages(`${seed}/${index}`, OUTAGES_EACH).reduce(
      (sum, { afterMs, lengthMs }) => sum + afterMs + lengthMs,
      0,
    ),
  );
  const toolkit = await startChaosToolkit(
    ports,
    join(resolve(folder), 'chaos-toolkit'),
    Math.ceil(Math.max(...lengths) / 1000) + 15,
  );
  const child = fork(fileURLToPath(new URL('./rivals.ts', import.meta.url)), [JSON.stringify(ports)], {
    execArgv: ['--import', 'tsx'],
  });
  await once(child, 'message');
  return {
    async finish() {
      const told = once(child, 'message');
      child.send('stop');
      const [loops] = (await told) as [SeenByRivals];
      const seen: Seen = { ...loops, 'chaos-toolkit': await toolkit.finish() };
      await new RunFolderOnDisk(folder).write('others.json', seen);
    },
  };
}

interface Round {
  readonly truth: Truth;
  readonly seen: Seen;
  readonly ours: readonly (readonly Comparison[])[];
  /** Whether our prober was held up around each outage, which is no matter of how its samples are read. */
  readonly impaired: readonly (readonly boolean[])[];
  /** Our samples at the rate of the sampler: every hundredth. */
  readonly thinned: readonly (readonly Noted[])[];
}

async function roundOf(index: number, base: string): Promise<Round> {
  const folder = `${base}/round-${index}`;
  const disk = new RunFolderOnDisk(folder);
  const seed = `comparison/${index}`;
  if ((await disk.readJson('truth.json')) === undefined) {
    rmSync(folder, { recursive: true, force: true });
    await measureRound({
      folder,
      seed,
      outagesEach: OUTAGES_EACH,
      maxInFlight: how === 'closed-loop' ? 1 : 256,
      beside: (ports) => others(folder, seed, ports),
    });
  }
  const truth = (await disk.readJson<Truth>('truth.json')) ?? [];
  const seen = await disk.readJson<Seen>('others.json');
  if (seen === undefined) throw new Error(`${folder} has no others.json; begin anew with --fresh.`);
  const { series, stalls } = await readSeries(disk);
  const asSeen = Array.from(
    { length: TARGETS },
    (_, at) => series.find(({ probe }) => probe.name === `target-${at}`) as ProbeSeries,
  );
  const byTarget = asSeen.map((one) => degrade(one, how));
  const compared = (all: readonly ProbeSeries[]): readonly (readonly Comparison[])[] =>
    all.map((one, at) => compareTarget(one, stalls, truth[at] ?? []).comparisons);
  return {
    truth,
    seen,
    ours: compared(byTarget),
    impaired: compared(asSeen).map((some) => some.map(({ impaired }) => impaired)),
    thinned: byTarget.map((one) =>
      one.samples
        .filter(({ n, outcome }) => n % 100 === 0 && outcome !== 'unknown')
        .map(({ sentNs, outcome }) => ({ atNs: sentNs, ok: outcome === 'ok' })),
    ),
  };
}

const quantile = (numbers: readonly number[], share: number): number =>
  [...numbers].sort((a, b) => a - b)[Math.max(0, Math.ceil(share * numbers.length) - 1)] ?? Number.NaN;
const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;

interface Row {
  readonly who: string;
  readonly outages: number;
  readonly missed: number;
  readonly medianErrorMs: number;
  readonly meanErrorMs: number;
  readonly p99ErrorMs: number;
  /** Of the outages that it found itself. */
  readonly foundMedianErrorMs: number;
}

function rowOf(who: string, read: readonly ReadOutage[]): Row {
  const errors = read.map(({ errorMs }) => errorMs);
  const [medianErrorMs, p99ErrorMs, meanErrorMs] = [
    quantile(errors, 0.5),
    quantile(errors, 0.99),
    mean(errors),
  ].map((ms) => Number(ms.toFixed(2))) as [number, number, number];
  const missed = read.filter((one) => one.missed).length;
  const found = read.filter((one) => !one.missed).map(({ errorMs }) => errorMs);
  const foundMedianErrorMs = Number(quantile(found, 0.5).toFixed(2));
  say(
    `${who.padEnd(34)} ${String(read.length).padStart(5)} outages, ${String(missed).padStart(4)} missed, error median ${medianErrorMs} ms, mean ${meanErrorMs} ms, p99 ${p99ErrorMs} ms; of those it found, median ${foundMedianErrorMs} ms`,
  );
  return { who, outages: read.length, missed, medianErrorMs, meanErrorMs, p99ErrorMs, foundMedianErrorMs };
}

/** The same outages for all: those around which our prober was not held up. */
function rowsOf(rounds: readonly Round[]): Readonly<Record<string, Row>> {
  const clear = (
    read: (round: Round, at: number) => readonly ReadOutage[] | undefined,
  ): readonly ReadOutage[] =>
    rounds.flatMap((round) =>
      round.impaired.flatMap((impaired, at) =>
        (read(round, at) ?? []).filter((_, index) => impaired[index] === false),
      ),
    );
  const oursAt = ({ ours }: Round, at: number): readonly ReadOutage[] =>
    (ours[at] ?? []).map(({ found, errorMs }) => ({ missed: found !== 'down', errorMs }));
  const theirs =
    (who: keyof Seen) =>
    (round: Round, at: number): readonly ReadOutage[] | undefined => {
      const noted = round.seen[who][at];
      return noted === undefined ? undefined : readFavourably(noted, round.truth[at] ?? [], LATE_NS[who]);
    };
  const equal = rounds[0]?.seen['krkn-at-our-rate'].length ?? 0;
  return {
    squall: rowOf('squall, 10 ms', clear(oursAt)),
    sampler: rowOf('1 s sampler (OpenShift timing)', clear(theirs('sampler-1s'))),
    krkn: rowOf("krkn's loop", clear(theirs('krkn'))),
    chaosToolkit: rowOf('Chaos Toolkit, every 1 s', clear(theirs('chaos-toolkit'))),
    equalSquall: rowOf(
      'squall, 10 ms, where krkn is',
      clear((round, at) => (at < equal ? oursAt(round, at) : undefined)),
    ),
    equalKrkn: rowOf("krkn's loop at 10 ms", clear(theirs('krkn-at-our-rate'))),
    thinned: rowOf(
      'squall, every hundredth sample',
      clear((round, at) => readFavourably(round.thinned[at] ?? [], round.truth[at] ?? [], 0)),
    ),
  };
}

const version = chaosVersion();
const base = values.folder ?? `reports/bench-comparison${how === 'closed-loop' ? '-closed-loop' : ''}`;
if (values.fresh) rmSync(base, { recursive: true, force: true });
const count = values.full ? 5 : 2;
say(`${count * TARGETS * OUTAGES_EACH} outages, ${version} beside; kept in ${base}`);
if (how !== undefined) say(`measured worse on purpose: ${DEGRADATIONS[how]}`);
const rounds: Round[] = [];
for (let index = 0; index < count; index++) rounds.push(await roundOf(index, base));
const rows = rowsOf(rounds);
const error = (who: string): number => rows[who]?.medianErrorMs ?? Number.NaN;
const best = Math.min(error('sampler'), error('krkn'), error('chaosToolkit'));
const found = {
  timesBetterThanBest: Number((best / error('squall')).toFixed(1)),
  timesBetterAtEqualRate: Number((error('equalKrkn') / error('equalSquall')).toFixed(1)),
};
const ok =
  found.timesBetterThanBest >= TARGET.timesBetterThanBest &&
  found.timesBetterAtEqualRate >= TARGET.timesBetterAtEqualRate;
say(
  `${found.timesBetterThanBest} times more accurate than the best of them (at least ${TARGET.timesBetterThanBest}), ${found.timesBetterAtEqualRate} times at equal rate (at least ${TARGET.timesBetterAtEqualRate})`,
);
say(
  JSON.stringify({
    bench: 'comparison',
    ok,
    ...(how ? { degraded: how } : {}),
    target: TARGET,
    found,
    rows,
    version,
  }),
);
process.exitCode = ok ? 0 : 1;
