import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunFolderOnDisk } from '../../src/adapters/system/run-folder-on-disk.ts';
import { exportParquet } from '../../src/measure/export-parquet.ts';
import { readSeries } from '../../src/measure/read-series.ts';
import { SEGMENT_VERSION } from '../../src/measure/segment-format.ts';
import { SegmentWriter } from '../../src/measure/segment-writer.ts';
import { milliseconds } from '../../src/model/duration.ts';
import type { Sample } from '../../src/model/observation.ts';
import { call, pythonWithQueries } from './python.ts';

/**
 * Outages are planted in segments, the segments are exported as Parquet, and DuckDB and pandas are asked for the outages: both
 * must find every one, at the very nanosecond, and nothing else. Where Python is missing this fails; it is never skipped.
 */
const EVERY_NS = 10e6;
const SAMPLES = 6000;
const START_NS = 9_007_199_254_740;
const PROBES = ['keystone', 'nova/api'];

/** First and last bad sample of each planted outage, other for each probe. */
const outagesOf = (probe: number): readonly (readonly [number, number])[] =>
  Array.from(
    { length: 20 },
    (_, index) => [200 + index * 280 + probe, 200 + index * 280 + 2 * index] as const,
  );

function sampleOf(n: number, probe: number): Sample {
  const plannedNs = START_NS + n * EVERY_NS;
  const sentNs = plannedNs + ((n * 7919) % 900_000);
  const bad = outagesOf(probe).some(([first, last]) => n >= first && n <= last);
  const common = { n, plannedNs, sentNs, completedNs: sentNs + 1_234_567, impaired: false, status: 200 };
  // A sample without an outcome in the middle of an outage must not split it.
  if (n % 97 === 0) return { ...common, outcome: 'unknown', phase: 'harness', cause: 'no-room', status: 0 };
  return bad ? { ...common, outcome: 'failed', phase: 'status', status: 503 } : { ...common, outcome: 'ok' };
}

type Row = readonly [string, number, number, number];

function expected(): readonly Row[] {
  const rows: Row[] = [];
  for (const [probe, name] of PROBES.entries()) {
    let before = 0;
    let open: { failures: number; fromNs: number; toNs: number } | undefined;
    for (let n = 0; n < SAMPLES; n++) {
      const { outcome, sentNs } = sampleOf(n, probe);
      if (outcome === 'unknown') continue;
      if (outcome === 'failed') {
        open ??= { failures: 0, fromNs: before, toNs: sentNs };
        open = { ...open, failures: open.failures + 1, toNs: sentNs };
      } else if (open !== undefined) {
        rows.push([name, open.failures, open.fromNs, open.toNs]);
        open = undefined;
      }
      before = sentNs;
    }
  }
  return rows;
}

async function plant(folder: string): Promise<void> {
  for (const [probe, name] of PROBES.entries()) {
    const writer = new SegmentWriter(join(folder, 'samples', 'host'), {
      version: SEGMENT_VERSION,
      probe: {
        name,
        probe: 'http',
        endpoint: name,
        every: milliseconds(EVERY_NS / 1e6),
        timeout: milliseconds(1000),
        connection: 'reused',
        vantage: 'host',
        parameters: {},
      },
      vantage: 'host',
      clock: 'host:bench',
      startNs: START_NS,
      periodNs: EVERY_NS,
    });
    await writer.open();
    writer.write(Array.from({ length: SAMPLES }, (_, n) => sampleOf(n, probe)));
    await writer.close(START_NS + SAMPLES * EVERY_NS);
  }
}

async function main(): Promise<boolean> {
  const path = await mkdtemp(join(tmpdir(), 'squall-query-'));
  try {
    const folder = new RunFolderOnDisk(path);
    await folder.write('samples/host/stalls.ndjson', '');
    await plant(path);
    await exportParquet(folder, (await readSeries(folder)).series);
    const script = 'bench/samples-query/outages.py';
    const answers = JSON.parse(
      call(pythonWithQueries(), [script, join(path, 'parquet', '*.parquet')]),
    ) as Readonly<Record<string, readonly Row[]>>;
    const truth = JSON.stringify(expected());
    const results = ['duckdb', 'pandas'].map((engine) => ({
      engine,
      outages: answers[engine]?.length ?? 0,
      right: JSON.stringify(answers[engine]) === truth,
    }));
    for (const { engine, outages, right } of results) {
      process.stdout.write(
        `${engine}: ${outages} outages of ${expected().length}, ${right ? 'all as planted' : 'NOT as planted'}\n`,
      );
    }
    const ok = results.every(({ right }) => right) && expected().length > 0;
    process.stdout.write(
      `${JSON.stringify({ bench: 'samples-query', planted: expected().length, ok, results })}\n`,
    );
    return ok;
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

process.exitCode = (await main()) ? 0 : 1;
