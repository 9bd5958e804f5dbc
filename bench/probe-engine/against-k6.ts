import { runK6, type K6Result } from './k6.ts';
import { latenessMs, median, probeInThread, quantile, samplesOf, sleep, type Found } from './probing.ts';
import { Target } from './target.ts';

const RATES = [500, 1000, 2000, 3000, 4500, 6000, 8000, 10_000, 13_000];

/** A rate is clean when nothing failed, so much of what was planned was sent, and p99 of lateness stayed below. */
const CLEAN_SHARE = 0.995;
const CLEAN_LATE_MS = 50;

interface Rung {
  readonly rate: number;
  readonly share: number;
  readonly failed: number;
  readonly lateP50Ms: number;
  readonly lateP99Ms: number;
}

const isClean = ({ share, failed, lateP99Ms }: Rung): boolean =>
  share >= CLEAN_SHARE && failed === 0 && lateP99Ms <= CLEAN_LATE_MS;

const show = (who: string, rung: Rung): void =>
  void process.stdout.write(
    `  ${who} ${rung.rate}/s: ${(100 * rung.share).toFixed(1)} % sent, ${rung.failed} failed, late p50 ${rung.lateP50Ms.toFixed(2)} ms, p99 ${rung.lateP99Ms.toFixed(2)} ms\n`,
  );

function rungOf(rate: number, found: Found): Rung {
  const samples = samplesOf(found);
  const late = latenessMs(samples);
  return {
    rate,
    share: samples.filter(({ outcome }) => outcome === 'ok').length / samples.length,
    failed: samples.filter(({ outcome }) => outcome === 'failed').length,
    lateP50Ms: median(late),
    lateP99Ms: quantile(late, 0.99),
  };
}

async function ours(url: string, rate: number, seconds: number): Promise<Rung> {
  // Neither is given a priority that the other has not.
  const load = { url, rate, everyMs: 10, priority: 'usual' } as const;
  return rungOf(rate, await probeInThread(load, () => sleep(seconds * 1000)));
}

const theirs = async (url: string, rate: number, seconds: number): Promise<Rung> => {
  const { sent, dropped, failed, lateP50Ms, lateP99Ms }: K6Result = await runK6(url, rate, seconds);
  return { rate, share: sent / Math.max(1, sent + dropped), failed, lateP50Ms, lateP99Ms };
};

/** Climbs until two rungs in a row are not clean. @returns the highest clean rate. */
async function climb(who: string, at: (rate: number) => Promise<Rung>): Promise<number> {
  let highest = 0;
  let refused = 0;
  for (const rate of RATES) {
    const rung = await at(rate);
    show(who, rung);
    if (isClean(rung)) [highest, refused] = [rate, 0];
    else if ((refused += 1) === 2) break;
  }
  return highest;
}

export interface CleanRates {
  readonly ours: number;
  readonly k6: number;
}

/** The highest clean open-loop rate of the prober and of k6, against one target. */
export async function cleanRates(seconds: number): Promise<CleanRates> {
  const target = await Target.start();
  try {
    return {
      ours: await climb('squall', (rate) => ours(target.url, rate, seconds)),
      k6: await climb('k6', (rate) => theirs(target.url, rate, seconds)),
    };
  } finally {
    await target.stop();
  }
}

export interface LatenessAt {
  readonly rate: number;
  readonly oursP50Ms: number;
  readonly oursP99Ms: number;
  readonly k6P99Ms: number;
}

/** Lateness of both at one rate, in turns, so that the machine's mood hits both; of the rounds the median counts. */
export async function latenessAt(rate: number, rounds: number, seconds: number): Promise<LatenessAt> {
  const target = await Target.start();
  const [mine, others]: [Rung[], Rung[]] = [[], []];
  try {
    for (let round = 0; round < rounds; round++) {
      mine.push(await ours(target.url, rate, seconds));
      others.push(await theirs(target.url, rate, seconds));
      show('squall', mine.at(-1) as Rung);
      show('k6', others.at(-1) as Rung);
    }
  } finally {
    await target.stop();
  }
  return {
    rate,
    oursP50Ms: median(mine.map(({ lateP50Ms }) => lateP50Ms)),
    oursP99Ms: median(mine.map(({ lateP99Ms }) => lateP99Ms)),
    k6P99Ms: median(others.map(({ lateP99Ms }) => lateP99Ms)),
  };
}
