import { createSystemChance } from '../../src/adapters/system/system-chance.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { runConformance } from '../../src/conformance/stage.ts';
import { bundledSuites } from '../../src/entries/places.ts';
import { seconds } from '../../src/model/duration.ts';
import { abilitiesOf, type Lab, type LabConnection } from '../../src/ports/lab.ts';
import { NO_FOLDER } from '../../test/suites/case-runner.ts';
import { inProcessLanes } from '../../test/suites/in-process-lanes.ts';

/** Runs some cases on a lab. @returns how each of them ended. */
export async function runCases(
  lab: Lab,
  connection: LabConnection,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const suites = [...new Set(ids.map((id) => id.split('/').slice(0, 2).join('/')))];
  const { testImage } = lab.abilities;
  const { results } = await runConformance(
    {
      stage: 'alone',
      run: `defect${createSystemChance().token(5)}`,
      selection: { suites, tags: [], grep: `^(${ids.join('|')})$` },
      files: bundledSuites(),
      connection,
      abilities: abilitiesOf(lab, connection),
      ...(testImage === undefined ? {} : { testImage }),
      lanes: suites.length,
      client: 'strict',
      caseTimeout: seconds(60),
    },
    {
      lanes: inProcessLanes(connection),
      folder: NO_FOLDER,
      clock: createSystemClock(),
      progress: { report: () => undefined },
      ledger: {
        creating: () => undefined,
        created: () => undefined,
        deleted: () => undefined,
        outstanding: () => [],
      },
    },
    new AbortController().signal,
  );
  return new Map(results.map(({ id, outcome }) => [id, outcome]));
}
