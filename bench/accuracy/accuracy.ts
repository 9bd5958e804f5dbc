import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { RunFolderOnDisk } from '../../src/adapters/system/run-folder-on-disk.ts';
import { readSeries } from '../../src/measure/read-series.ts';
import { compareTarget, type ComparedTarget, type Comparison } from './compare-with-truth.ts';
import { degrade, DEGRADATIONS, isDegradation, type Degradation } from './degrade.ts';
import { measureRound, TARGETS, type Truth } from './measure-round.ts';

/** What has to be reached over the time in which the prober was not held up. */
const TARGET = {
  unimpairedAtLeast: 0.98,
  missed: 0,
  outside: 0,
  invented: 0,
  medianErrorMs: 5,
  p99ErrorMs: 25,
  medianBracketMs: 35,
};

/** Longer than two periods: a shorter outage may fall between two samples. */
const NEVER_MISSED_MS = 20;

const OUTAGES_EACH = 25;
const PER_ROUND = TARGETS * OUTAGES_EACH;
const OUTAGES = 1000;
const OUTAGES_FULL = 5000;

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    outages: { type: 'string' },
    folder: { type: 'string' },
    seed: { type: 'string', default: 'accuracy' },
    degrade: { type: 'string' },
  },
});

function degradation(): Degradation | undefined {
  const { degrade: name } = values;
  if (name === undefined || isDegradation(name)) return name;
  throw new Error(`--degrade is one of ${Object.keys(DEGRADATIONS).join(', ')}, not ${name}.`);
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Rounds that are in the folder already are taken as they are: a bench that was cut short goes on where it was. */
async function measure(
  folder: string,
  rounds: number,
  how: Degradation | undefined,
): Promise<ComparedTarget[]> {
  const compared: ComparedTarget[] = [];
  for (let round = 0; round < rounds; round++) {
    const path = `${folder}/round-${round}`;
    const disk = new RunFolderOnDisk(path);
    let truth = await disk.readJson<Truth>('truth.json');
    const known = truth !== undefined;
    if (truth === undefined) {
      rmSync(path, { recursive: true, force: true });
      await measureRound({
        folder: path,
        seed: `${values.seed}/${round}`,
        outagesEach: OUTAGES_EACH,
        maxInFlight: how === 'closed-loop' ? 1 : 256,
      });
      truth = await disk.readJson<Truth>('truth.json');
    }
    const { series, stalls } = await readSeries(disk);
    for (const one of series) {
      const index = Number(one.probe.name.replace('target-', ''));
      compared.push(compareTarget(degrade(one, how), stalls, truth?.[index] ?? []));
    }
    say(`round ${round + 1} of ${rounds}: ${PER_ROUND} outages${known ? ', measured before' : ''}`);
  }
  return compared;
}

function quantile(numbers: readonly number[], ratio: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(ratio * sorted.length) - 1)] ?? Number.NaN;
}

const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

function figuresOf(compared: readonly ComparedTarget[]): Record<keyof typeof TARGET | 'outages', number> {
  const all = compared.flatMap(({ comparisons }) => comparisons);
  const clear = all.filter(({ impaired }) => !impaired);
  const found = clear.filter((one) => one.found === 'down');
  const sum = (of: (target: ComparedTarget) => number): number =>
    compared.reduce((total, target) => total + of(target), 0);
  return {
    outages: clear.length,
    unimpairedAtLeast: round(1 - sum(({ impairedNs }) => impairedNs) / sum(({ lengthNs }) => lengthNs), 4),
    missed: clear.filter((one) => one.found !== 'down' && one.trueMs >= NEVER_MISSED_MS).length,
    outside: found.filter(({ inside }) => !inside).length,
    invented: sum(({ invented }) => invented),
    medianErrorMs: round(
      quantile(
        found.map(({ errorMs }) => errorMs),
        0.5,
      ),
    ),
    p99ErrorMs: round(
      quantile(
        found.map(({ errorMs }) => errorMs),
        0.99,
      ),
    ),
    medianBracketMs: round(
      quantile(
        found.map(({ bracketMs }) => bracketMs),
        0.5,
      ),
    ),
  };
}

/** The same by how a target went away and how it was asked, for whoever wants to know where an error comes from. */
function breakDown(compared: readonly ComparedTarget[]): void {
  const all = compared.flatMap(({ comparisons }) => comparisons);
  for (const manner of ['black-hole', 'reset'] as const) {
    for (const connection of ['reused', 'new'] as const) {
      const some = all.filter(
        (one) => one.manner === manner && one.connection === connection && !one.impaired,
      );
      const found = some.filter((one) => one.found === 'down');
      const errors = found.map(({ errorMs }) => errorMs);
      say(
        `  ${manner}, ${connection} connections: ${some.length} outages, median error ${quantile(errors, 0.5).toFixed(1)} ms, p99 ${quantile(errors, 0.99).toFixed(1)} ms, ${found.filter(({ inside }) => !inside).length} outside, ${some.length - found.length} not found`,
      );
    }
  }
  const wrong = (one: Comparison): boolean => !one.impaired && (one.found !== 'down' || !one.inside);
  for (const one of all.filter(wrong).slice(0, 10)) {
    say(
      `  ${one.probe} (${one.connection}, ${one.manner}), true ${one.trueMs.toFixed(1)} ms: ${one.found}, outside by ${one.outsideMs.toFixed(2)} ms, truth known within ${one.truthWithinMs.toFixed(2)} ms`,
    );
  }
  const blurs = all.map(({ truthWithinMs }) => truthWithinMs);
  say(
    `the truth itself is known within ${quantile(blurs, 0.5).toFixed(3)} ms (median), ${quantile(blurs, 0.99).toFixed(2)} ms (p99), ${quantile(blurs, 1).toFixed(2)} ms (worst)`,
  );
}

const how = degradation();
const wanted = Number(values.outages ?? (values.full ? OUTAGES_FULL : OUTAGES));
const rounds = Math.max(1, Math.ceil(wanted / PER_ROUND));
const folder = values.folder ?? `reports/bench-accuracy${how === 'closed-loop' ? '-closed-loop' : ''}`;
if (values.fresh) rmSync(folder, { recursive: true, force: true });
say(
  `${rounds * PER_ROUND} outages on ${TARGETS} targets, in ${rounds} rounds of about 45 s, kept in ${folder}${values.full ? '' : ` (--full: ${OUTAGES_FULL})`}`,
);
if (how !== undefined) say(`measured worse on purpose: ${DEGRADATIONS[how]}`);
const compared = await measure(folder, rounds, how);
const figures = figuresOf(compared);
breakDown(compared);
const misses = (Object.keys(TARGET) as (keyof typeof TARGET)[]).filter((name) => {
  const value = figures[name];
  return !(name === 'unimpairedAtLeast' ? value >= TARGET[name] : value <= TARGET[name]);
});
for (const [name, value] of Object.entries(figures)) {
  const limit = name === 'outages' ? '' : `, target ${String(TARGET[name as keyof typeof TARGET])}`;
  say(`${name}: ${value}${limit}${misses.some((miss) => miss === name) ? ' MISSED' : ''}`);
}
const ok = misses.length === 0;
say(
  JSON.stringify({
    bench: 'accuracy',
    ...(how ? { degraded: how } : {}),
    ok,
    target: TARGET,
    figures,
    misses,
  }),
);
process.exitCode = ok ? 0 : 1;
