import { expect } from 'chai';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { RunFolderOnDisk } from '../../src/adapters/system/run-folder-on-disk.ts';
import { readSeries } from '../../src/measure/read-series.ts';
import type { SegmentHeader } from '../../src/measure/segment-format.ts';
import { SegmentWriter } from '../../src/measure/segment-writer.ts';
import { sample, spec } from './sample-series.ts';

const header: SegmentHeader = {
  version: 1,
  probe: spec(),
  vantage: 'host',
  clock: 'host:test',
  startNs: 0,
  periodNs: 10e6,
};
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => sample(from + index));

describe('segments on the disk', () => {
  let run: RunFolderOnDisk;
  let samples: string;

  beforeEach(async () => {
    run = new RunFolderOnDisk(await mkdtemp(join(tmpdir(), 'squall-segments-')));
    samples = join(run.path, 'samples');
    await run.write('samples/.keep', '');
  });

  afterEach(() => rm(run.path, { recursive: true, force: true }));

  it('roll into further ones, and are read back as one series', async () => {
    const writer = new SegmentWriter(samples, header, 1000);
    await writer.open();
    for (let at = 0; at < 200; at += 20) {
      writer.write(numbers(at, at + 20));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writer.close(1990e6);
    expect((await run.list('samples/keystone-')).length).to.be.above(1);
    const { series } = await readSeries(run);
    expect(series).to.deep.equal([
      { probe: header.probe, clock: 'host:test', startNs: 0, endNs: 1990e6, samples: numbers(0, 200) },
    ]);
  });

  it('of a prober that died end where any of its probes was last heard', async () => {
    const torn = new SegmentWriter(samples, header);
    await torn.open();
    torn.write(numbers(0, 10));
    await torn.close(90e6);
    const path = join(samples, 'keystone-0.seg');
    // Without its end, and without a part of its only batch.
    await truncate(path, ((await run.read('samples/keystone-0.seg'))?.length ?? 0) - 25);
    const other = new SegmentWriter(samples, { ...header, probe: spec({ name: 'nova' }) });
    await other.open();
    other.write(numbers(0, 30));
    await other.close(300e6);
    const { series } = await readSeries(run);
    const keystone = series.find(({ probe }) => probe.name === 'keystone');
    expect(keystone?.samples).to.deep.equal([]);
    expect(keystone?.endNs).to.equal(300e6);
  });

  it('never replace those of an earlier prober', async () => {
    const writer = new SegmentWriter(samples, header);
    await writer.open();
    await writer.close(0);
    let refused: unknown;
    await new SegmentWriter(samples, header).open().catch((error: unknown) => {
      refused = error;
    });
    expect(refused).to.include({ code: 'SQ_RUN_FOLDER' });
  });

  it('name the file that cannot be read', async () => {
    await writeFile(join(samples, 'keystone-0.seg'), 'no segment at all');
    let refused: unknown;
    await readSeries(run).catch((error: unknown) => {
      refused = error;
    });
    expect(refused).to.include({ code: 'SQ_RUN_UNREADABLE' });
    expect(String(refused)).to.include('samples/keystone-0.seg');
  });

  it('come with the stalls of the prober', async () => {
    run.append('samples/host/stalls.ndjson', { clock: 'host:test', fromNs: 1, toNs: 2 });
    await run.flush();
    expect((await readSeries(run)).stalls).to.deep.equal([{ clock: 'host:test', fromNs: 1, toNs: 2 }]);
  });

  it('of a run that was gone on with are one series, with a hole between the two probers', async () => {
    await run.write('samples/host-2/.keep', '');
    const first = new SegmentWriter(samples, header);
    await first.open();
    first.write(numbers(0, 20));
    // Killed: no end.
    const later = { ...header, startNs: 5000e6 };
    const second = new SegmentWriter(join(samples, 'host-2'), later);
    await second.open();
    const moved = numbers(0, 10).map((one) => ({
      ...one,
      plannedNs: one.plannedNs + 5000e6,
      sentNs: one.sentNs + 5000e6,
      completedNs: one.completedNs + 5000e6,
    }));
    second.write(moved);
    await second.close(5100e6);
    await first.close(0).catch(() => undefined);
    const { series } = await readSeries(run);
    expect(series).to.have.length(1);
    expect(series[0]).to.deep.include({ startNs: 0, endNs: 5100e6 });
    expect(series[0]?.samples).to.have.length(30);
    expect(series[0]?.samples.map(({ n }) => n)).to.deep.equal(Array.from({ length: 30 }, (_, n) => n));
  });
});
