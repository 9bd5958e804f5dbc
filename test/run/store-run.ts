import { join } from 'node:path';
import { RunFolderOnDisk } from '../../src/adapters/system/run-folder-on-disk.ts';
import type { Analysis } from '../../src/model/analysis.ts';
import type { RunEnd, RunRecord, Subject } from '../../src/model/evidence.ts';
import type { Plan } from '../../src/model/plan.ts';

const EXAMPLE = new RunFolderOnDisk('reports/example');

export interface Change {
  readonly commit?: string;
  readonly slower?: number;
  readonly plan?: string;
  readonly seed?: string;
  readonly end?: RunEnd['reason'];
}

/** A file of the example that is there. */
export const must = async <T>(name: string): Promise<T> => {
  const value = await EXAMPLE.readJson<T>(name);
  if (value === undefined) throw new Error(`The example has ${name}.`);
  return value;
};

/** The example again, as another run below `reports`. */
export async function storeRun(
  reports: string,
  n: number,
  { commit, slower = 1, plan, seed, end }: Change,
): Promise<RunFolderOnDisk> {
  const id = `20261121-1200${String(n).padStart(2, '0')}-abcd`;
  const folder = new RunFolderOnDisk(join(reports, id));
  const analysis = await must<Analysis>('analysis.json');
  const wobble = slower * (1 + n / 1000);
  const times = <T extends { min: number; max: number }>(figure: T): T => ({
    ...figure,
    min: figure.min * wobble,
    max: figure.max * wobble,
  });
  await folder.write('run.json', { ...(await must<RunRecord>('run.json')), id, seed: seed ?? `seed-${n}` });
  await folder.write('plan.json', {
    ...(await must<Plan>('plan.json')),
    ...(plan === undefined ? {} : { name: plan }),
    seed: `s${n}`,
  });
  await folder.write('subject.json', {
    ...(await must<Subject>('subject.json')),
    ...(commit === undefined ? {} : { commit }),
  });
  await folder.write('end.json', {
    ...(await must<RunEnd>('end.json')),
    ...(end === undefined ? {} : { reason: end }),
  });
  await folder.write('analysis.json', {
    ...analysis,
    recoveries: analysis.recoveries.map((one) => ({
      ...one,
      outage: times(one.outage),
      ...(one.serviceBack === undefined ? {} : { serviceBack: times(one.serviceBack) }),
    })),
  });
  return folder;
}
