import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, call, pythonWith } from '../samples-query/python.ts';

const PARSERS = {
  jsonschema: 'jsonschema',
  xmlschema: 'xmlschema',
  'prometheus-client': 'prometheus_client',
};

/** `junit-10.xsd` of Jenkins' xUnit plugin (jenkinsci/xunit-plugin on GitHub), which is not ours to ship. */
export const JUNIT_SCHEMA = join(CACHE, 'junit-10.xsd');

/**
 * What parsers of others say of the reports of runs.
 * @param runs a folder of run folders.
 * @throws where the schema of Jenkins is missing.
 */
export function checkFormats(
  runs: string,
  schema = JUNIT_SCHEMA,
): { readonly faults: readonly string[]; readonly counts: Readonly<Record<string, number>> } {
  if (!existsSync(schema))
    throw new Error(`There is no ${schema}: name Jenkins' schema with --junit-schema.`);
  const says = call(pythonWith('formats', PARSERS), [
    'bench/formats/check.py',
    'schema/report.schema.json',
    schema,
    runs,
  ]);
  const { faults, ...counts } = JSON.parse(says) as { faults: string[] } & Record<string, number>;
  return { faults, counts };
}
