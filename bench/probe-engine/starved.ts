import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { intervalsOf } from '../../src/analysis/intervals.ts';
import type { ProbeSeries } from '../../src/model/observation.ts';
import { seededRandom } from '../../src/model/seeded-random.ts';
import { probeInProcess, samplesOf, sleep, type Found } from './probing.ts';
import { Target, type Away } from './target.ts';

const LOAD = { rate: 200, everyMs: 10, timeoutMs: 300 } as const;
const HOGS = 6;

/** Down that was seen although nothing was down. */
const falseOutages = (found: Found): number =>
  found.series.flatMap((series) => intervalsOf(series)).filter(({ state }) => state === 'down').length;

/** How long, at most, an outage was said to be up: its overlap with what is surely up, whatever the edges are. */
function saidUpMs(series: ProbeSeries, { fromNs, toNs }: Away): number {
  const overlaps = intervalsOf(series)
    .filter(({ state }) => state === 'up')
    .map(({ start, end }) => Math.min(end.earliestNs, toNs) - Math.max(start.latestNs, fromNs));
  return Math.max(0, ...overlaps) / 1e6;
}

/** Busy processes that end by themselves. */
async function hogs(ms: number): Promise<void> {
  const program = `const end = Date.now() + ${ms}; while (Date.now() < end);`;
  const children = Array.from({ length: HOGS }, () =>
    spawn(process.execPath, ['-e', program], { stdio: 'ignore' }),
  );
  await Promise.all(children.map((child) => once(child, 'exit')));
}

export interface Starved {
  readonly tries: number;
  readonly falseOutages: number;
  readonly hogSeconds: number;
  readonly falseOutagesUnderHogs: number;
  readonly samples: number;
  readonly unknown: number;
  readonly hiddenOutages: number;
  /** Outages of which a part was reported as up. */
  readonly reportedUp: number;
  readonly worstSaidUpMs: number;
}

/** Stops the prober so often, for 20 to 800 ms, with the system up all the time. */
async function stopped(target: Target, tries: number, seed: string): Promise<Found> {
  const random = seededRandom(seed);
  return probeInProcess({ ...LOAD, url: target.url }, async (pid) => {
    for (let i = 0; i < tries; i++) {
      await sleep(50 + random.next() * 150);
      process.kill(pid, 'SIGSTOP');
      await sleep(20 * 40 ** random.next());
      process.kill(pid, 'SIGCONT');
    }
    await sleep(500);
  });
}

/** One second of real outage at a time, each inside a stretch in which the prober is stopped or the machine is full. */
async function hidden(target: Target, outages: number): Promise<{ found: Found; away: readonly Away[] }> {
  const away: Away[] = [];
  const found = await probeInProcess({ ...LOAD, url: target.url }, async (pid) => {
    for (let i = 0; i < outages; i++) {
      await sleep(500);
      if (i % 4 === 3) {
        const busy = hogs(2000);
        await sleep(300);
        away.push(await target.away(1000));
        await busy;
        continue;
      }
      process.kill(pid, 'SIGSTOP');
      // Now and then it wakes in the middle, or the outage outlasts the stretch.
      await sleep(200);
      const ending = target.away(1000);
      if (i % 4 === 1) await sleep(500);
      else away.push(await ending);
      process.kill(pid, 'SIGCONT');
      if (i % 4 === 1) away.push(await ending);
    }
    await sleep(1000);
  });
  return { found, away };
}

/** The prober starved on purpose: it may know less then, and must not know wrong. */
export async function starved(tries: number, outages: number, hogSeconds: number): Promise<Starved> {
  const target = await Target.start();
  const side = 4;
  try {
    const plain = await Promise.all(
      Array.from({ length: side }, (_, index) =>
        stopped(target, Math.ceil(tries / side), `starved-${index}`),
      ),
    );
    const full = await probeInProcess({ ...LOAD, url: target.url }, async () => {
      await sleep(500);
      await hogs(hogSeconds * 1000);
      await sleep(500);
    });
    const { found, away } = await hidden(target, outages);
    const said = away.map((one) => Math.max(...found.series.map((series) => saidUpMs(series, one))));
    const all = [...plain, full].flatMap((one) => samplesOf(one));
    return {
      tries: side * Math.ceil(tries / side),
      falseOutages: plain.reduce((sum, one) => sum + falseOutages(one), 0),
      hogSeconds,
      falseOutagesUnderHogs: falseOutages(full),
      samples: all.length,
      unknown: all.filter(({ outcome }) => outcome === 'unknown').length,
      hiddenOutages: away.length,
      reportedUp: said.filter((ms) => ms > 0).length,
      worstSaidUpMs: Math.max(0, ...said),
    };
  } finally {
    await target.stop();
  }
}
