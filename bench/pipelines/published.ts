import { readdirSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { allureCounts } from '../formats/allure.ts';
import type { Ended } from './system.ts';

/** What lies below a folder and fits a pattern with `*` within a name and `**` over names, as CI systems read it. */
export function matching(folder: string, pattern: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const escaped = pattern
    .split(/(\*\*|\*)/)
    .map((part) =>
      part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('');
  const fits = new RegExp(`^${escaped}$`);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => fits.test(name))
    .map((name) => join(folder, name));
}

const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;

/**
 * What is wrong with what a system shows of a run: JUnit must have cases and say how it ended, and Allure must be able to make a
 * report of as many results as there are.
 * @param folder for the report that Allure makes; taken away again.
 */
export function wrongWithPublished(
  { junit, allure }: Ended,
  code: number,
  folder: string,
): readonly string[] {
  const [xml, ...moreXml] = junit.map((file) => readFileSync(file, 'utf8'));
  const [results, ...moreResults] = allure;
  if (xml === undefined || results === undefined || moreXml.length > 0 || moreResults.length > 0)
    return [
      `it publishes ${junit.length} JUnit files and ${allure.length} folders of Allure results instead of one`,
    ];
  const written = readdirSync(results).filter((name) => name.endsWith('-result.json')).length;
  let shown = 0;
  try {
    shown = Object.entries(allureCounts(results, folder))
      .filter(([name]) => name === 'total')
      .reduce((sum, [, each]) => sum + each, 0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const bad = count(xml, /<(failure|error)[ >/]/g);
  return [
    ...(count(xml, /<testcase /g) > 0 ? [] : ['its JUnit file has no case']),
    ...(bad > 0 === (code !== 0)
      ? []
      : [`it ended with ${code}, and its JUnit file has ${bad} failures and errors`]),
    ...(written > 0 && shown === written ? [] : [`of ${written} Allure results, ${shown} are shown`]),
  ];
}
