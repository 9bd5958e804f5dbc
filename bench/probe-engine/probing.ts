import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { entryPath } from '../../src/adapters/system/entry-path.ts';
import { createProberLauncher, toWire } from '../../src/adapters/system/prober-process.ts';
import { RunFolderOnDisk } from '../../src/adapters/system/run-folder-on-disk.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { degrade, DEGRADATIONS, isDegradation, type Degradation } from '../accuracy/degrade.ts';
import { readSeries } from '../../src/measure/read-series.ts';
import { milliseconds } from '../../src/model/duration.ts';
import type { ProbeSeries, Sample, Stall } from '../../src/model/observation.ts';
import type { ProberConfiguration } from '../../src/ports/prober.ts';

/** A closed loop is one probe that asks as fast as it is answered; the others change what the analysis gets to see. */
const AT = process.argv.indexOf('--degrade');
const NAMED = AT < 0 ? undefined : (process.argv[AT + 1] ?? '');
if (NAMED !== undefined && !isDegradation(NAMED))
  throw new Error(`--degrade is one of ${Object.keys(DEGRADATIONS).join(', ')}.`);
export const DEGRADED: Degradation | undefined = NAMED;

export const clock = createSystemClock();
export const sleep = (ms: number): Promise<void> => clock.sleep(milliseconds(ms));

export interface Load {
  readonly url: string;
  /** Requests a second, over all probes. */
  readonly rate: number;
  /** Of each probe. */
  readonly everyMs: number;
  readonly timeoutMs?: number;
  readonly priority?: 'raised' | 'usual';
}

export interface Found {
  readonly series: readonly ProbeSeries[];
  readonly stalls: readonly Stall[];
}

/** As in a run: so many HTTP probes of one period as the rate needs, on kept connections. */
function configurationOf(
  { url, rate, everyMs: usual, timeoutMs, priority }: Load,
  folder: string,
): ProberConfiguration {
  const closed = DEGRADED === 'closed-loop';
  const everyMs = closed ? 1000 / rate : usual;
  const probes = Math.max(1, Math.round((rate * everyMs) / 1000));
  return {
    folder: join(folder, 'samples', 'host'),
    vantage: 'host',
    maxInFlight: closed ? 1 : 256,
    stallLimit: milliseconds(50),
    flushEvery: milliseconds(100),
    priority: priority ?? 'raised',
    endAfter: milliseconds(20 * 60_000),
    probes: Array.from({ length: probes }, (_, index) => ({
      spec: {
        name: `probe-${index}`,
        probe: 'http',
        endpoint: 'target',
        every: milliseconds(everyMs),
        timeout: milliseconds(timeoutMs ?? 1000),
        connection: 'reused',
        vantage: 'host',
        parameters: {},
      },
      question: { kind: 'http', ask: { method: 'GET', path: '/', headers: {}, expect: [200] } },
      access: { url, headers: {}, verify: true },
    })),
  };
}

async function read(folder: string): Promise<Found> {
  const { series, stalls } = await readSeries(new RunFolderOnDisk(folder));
  return { series: series.map((one) => degrade(one, DEGRADED)), stalls };
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'squall-probe-engine-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The prober in its thread, as in a run, while `work` is done. */
export function probeInThread(load: Load, work: () => Promise<void>): Promise<Found> {
  return inFolder(async (folder) => {
    const prober = await createProberLauncher({ entryPath, clock }).launch(configurationOf(load, folder));
    await work();
    await prober.stop();
    return read(folder);
  });
}

/** The prober as a program of its own while `work` is done. */
export function probeInProcess(load: Load, work: (pid: number) => Promise<void>): Promise<Found> {
  return inFolder(async (folder) => {
    const file = join(folder, 'prober.json');
    await writeFile(file, JSON.stringify(toWire(configurationOf(load, folder))), { mode: 0o600 });
    const { path, execArgv } = entryPath('prober');
    const child = spawn(process.execPath, [...execArgv, path, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    try {
      await work(await begun(child));
      child.kill('SIGTERM');
      await ended;
    } finally {
      child.kill('SIGCONT');
      if (child.exitCode === null) child.kill('SIGKILL');
    }
    return read(folder);
  });
}

async function begun(child: ChildProcess): Promise<number> {
  if (child.stdout === null || child.pid === undefined) throw new Error('the prober did not start');
  const { pid } = child;
  await new Promise<void>((resolve, reject) => {
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    lines.on('line', (line) => {
      if (line.includes('"started"')) resolve();
    });
    child.once('exit', () => reject(new Error('the prober ended before its first sample')));
  });
  return pid;
}

export const samplesOf = ({ series }: Found): readonly Sample[] => series.flatMap(({ samples }) => samples);

export const latenessMs = (samples: readonly Sample[]): readonly number[] =>
  samples.map(({ plannedNs, sentNs }) => Math.max(0, sentNs - plannedNs) / 1e6);

export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
