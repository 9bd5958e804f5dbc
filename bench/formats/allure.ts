import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, call } from '../samples-query/python.ts';

/** Allure 3 asks nobody anything while it makes a report, and counts nobody. */
const QUIET = { ALLURE_NO_ANALYTICS: '1', CI: 'true' };

/** Its command line from the registry, installed once. */
function allureProgram(): string {
  const place = join(CACHE, 'allure');
  const program = join(place, 'node_modules', '.bin', 'allure');
  if (existsSync(program)) return program;
  mkdirSync(place, { recursive: true });
  call('npm', ['install', '--prefix', place, '--no-audit', '--no-fund', '--silent', 'allure@3']);
  return program;
}

/** What Allure 3 counts in the results, by status, in a report that it made of them. @param output a folder for that report. */
export function allureCounts(results: string, output: string): Readonly<Record<string, number>> {
  call(allureProgram(), ['awesome', results, '--output', output], QUIET);
  const summary = readdirSync(output, { recursive: true, encoding: 'utf8' }).find((file) =>
    /(^|\/)summary\.json$/.test(file),
  );
  if (summary === undefined) throw new Error('Allure made a report without a summary.');
  const { stats } = JSON.parse(readFileSync(join(output, summary), 'utf8')) as {
    stats: Readonly<Record<string, number>>;
  };
  return stats;
}
