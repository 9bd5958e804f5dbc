import { expect } from 'chai';
import { parquetReadObjects } from 'hyparquet';
import { describe, it } from 'mocha';
import { exportParquet } from '../../src/measure/export-parquet.ts';
import { sample, seriesOf } from './sample-series.ts';

async function exported(...series: Parameters<typeof seriesOf>[]): Promise<ReadonlyMap<string, ArrayBuffer>> {
  const files = new Map<string, ArrayBuffer>();
  const names = await exportParquet(
    {
      write: async (name, content) => {
        if (!(content instanceof Uint8Array)) throw new Error('Parquet is bytes');
        files.set(name, content.slice().buffer);
      },
    },
    series.map((one) => seriesOf(...one)),
  );
  expect(names).to.deep.equal([...files.keys()]);
  return files;
}

describe('samples as Parquet', () => {
  it('holds every sample with every time to the nanosecond', async () => {
    const late = 123_456_789_012_345;
    const files = await exported([
      [
        sample(0),
        { ...sample(1, { outcome: 'failed', phase: 'status', status: 503, impaired: true }), sentNs: late },
        sample(2, { outcome: 'unknown', phase: 'harness', cause: 'no-room', status: 0 }),
      ],
      30,
    ]);
    const [file] = files.values();
    if (file === undefined) throw new Error('nothing was written');
    const rows = await parquetReadObjects({ file });
    expect(rows).to.have.length(3);
    expect(rows[1]).to.deep.equal({
      probe: 'keystone',
      endpoint: 'keystone',
      vantage: 'host',
      clock: 'host:test',
      n: 1n,
      planned_ns: 10_000_000n,
      sent_ns: BigInt(late),
      completed_ns: 11_000_000n,
      outcome: 'failed',
      impaired: true,
      status: 503,
      phase: 'status',
      cause: null,
    });
    expect(rows[2]).to.include({ outcome: 'unknown', phase: 'harness', cause: 'no-room' });
    expect(rows[0]).to.include({ outcome: 'ok', phase: null });
  });

  it('writes a file for each probe, whatever its name', async () => {
    const files = await exported([[sample(0)], 10], [[sample(0)], 10, { name: '../a/b', vantage: 'node 1' }]);
    expect([...files.keys()]).to.deep.equal([
      'parquet/host-keystone.parquet',
      'parquet/node%201-..%2Fa%2Fb.parquet',
    ]);
  });

  it('takes a probe that has no sample', async () => {
    const [file] = (await exported([[], 10])).values();
    if (file === undefined) throw new Error('nothing was written');
    expect(await parquetReadObjects({ file })).to.deep.equal([]);
  });
});
