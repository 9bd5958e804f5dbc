import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { packageFolder } from '../../src/entries/places.ts';
import { isShort } from './the-lab.ts';

/**
 * A plan of the package as it is; where time is short, with only the smoke cases in stages whose cases the lab is asked elsewhere.
 * @returns what `squall run` takes: the name, or a file in `folder`.
 */
export async function planInTime(
  name: string,
  folder: string,
  stages: readonly ('before' | 'after')[],
): Promise<string> {
  if (!isShort) return name;
  const plan = parseDocument(await readFile(join(packageFolder(), 'chaos-plans', `${name}.yaml`), 'utf8'));
  for (const stage of stages) plan.setIn(['conformance', stage, 'tags'], ['smoke']);
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, plan.toString());
  return file;
}
