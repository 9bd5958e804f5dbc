import { createSystemChance } from '../../src/adapters/system/system-chance.ts';
import { bundledSuites } from '../../src/entries/places.ts';
import { seconds } from '../../src/model/duration.ts';
import { abilitiesOf, type Lab, type LabConnection } from '../../src/ports/lab.ts';
import { runInProcess } from '../../test/suites/run-in-process.ts';

/** Runs some cases on a lab. @returns how each of them ended. */
export async function runCases(
  lab: Lab,
  connection: LabConnection,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const suites = [...new Set(ids.map((id) => id.split('/').slice(0, 2).join('/')))];
  const { testImage } = lab.abilities;
  const { results } = await runInProcess({
    run: `defect${createSystemChance().token(5)}`,
    selection: { suites, tags: [], grep: `^(${ids.join('|')})$` },
    files: bundledSuites(),
    connection,
    abilities: abilitiesOf(lab, connection),
    ...(testImage === undefined ? {} : { testImage }),
    lanes: suites.length,
    caseTimeout: seconds(60),
  });
  return new Map(results.map(({ id, outcome }) => [id, outcome]));
}
