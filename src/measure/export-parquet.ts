import type { ProbeSeries, Sample } from '../model/observation.ts';
import type { RunFolder } from '../ports/run-folder.ts';

/**
 * Writes all samples of a run as Parquet, for data frames and query engines: `parquet/<probe>.parquet` for each probe, a row for
 * each sample. Files that are there already are replaced. The columns are listed in docs/prober.md.
 * @returns the names of the files.
 */
export async function exportParquet(
  folder: Pick<RunFolder, 'write'>,
  series: readonly ProbeSeries[],
): Promise<readonly string[]> {
  // Loaded only where it is asked for.
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const names: string[] = [];
  for (const one of series) {
    const { vantage, name: probe } = one.probe;
    const name = `parquet/${encodeURIComponent(vantage)}-${encodeURIComponent(probe)}.parquet`;
    const bytes = parquetWriteBuffer({ columnData: columnsOf(one), createdBy: 'Squall' });
    await folder.write(name, new Uint8Array(bytes));
    names.push(name);
  }
  return names;
}

type Column = { readonly name: string; readonly nullable: boolean } & (
  | { readonly type: 'STRING'; readonly data: (string | null)[] }
  | { readonly type: 'INT32'; readonly data: number[] }
  | { readonly type: 'INT64'; readonly data: bigint[] }
  | { readonly type: 'BOOLEAN'; readonly data: boolean[] }
);

function columnsOf({ probe, clock, samples }: ProbeSeries): Column[] {
  const all = (value: string): string[] => samples.map(() => value);
  const whole = (pick: (sample: Sample) => number): bigint[] =>
    samples.map((sample) => BigInt(Math.round(pick(sample))));
  const text = (name: string, data: (string | null)[], nullable = false): Column => ({
    name,
    type: 'STRING',
    data,
    nullable,
  });
  return [
    text('probe', all(probe.name)),
    text('endpoint', all(probe.endpoint)),
    text('vantage', all(probe.vantage)),
    text('clock', all(clock)),
    { name: 'n', type: 'INT64', data: whole(({ n }) => n), nullable: false },
    { name: 'planned_ns', type: 'INT64', data: whole(({ plannedNs }) => plannedNs), nullable: false },
    { name: 'sent_ns', type: 'INT64', data: whole(({ sentNs }) => sentNs), nullable: false },
    { name: 'completed_ns', type: 'INT64', data: whole(({ completedNs }) => completedNs), nullable: false },
    text(
      'outcome',
      samples.map(({ outcome }) => outcome),
    ),
    { name: 'impaired', type: 'BOOLEAN', data: samples.map(({ impaired }) => impaired), nullable: false },
    { name: 'status', type: 'INT32', data: samples.map(({ status }) => status), nullable: false },
    text(
      'phase',
      samples.map(({ phase }) => phase ?? null),
      true,
    ),
    text(
      'cause',
      samples.map(({ cause }) => cause ?? null),
      true,
    ),
  ];
}
