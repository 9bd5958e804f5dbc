import type { CaseDeclaration, SuiteFile } from '../model/conformance.ts';
import { HarnessError } from '../model/errors.ts';
import type { SuiteSelection } from '../model/plan.ts';
import { loadSuite } from './load-suite.ts';
import { selectCases, selectFiles } from './selection.ts';
import { defineSuite } from './suite-definition.ts';

export interface ListedSuite {
  readonly file: SuiteFile;
  readonly title: string;
  readonly cases: readonly CaseDeclaration[];
}

/**
 * What a selection would run, for `squall test --list`: loads the files in this process, and touches no system. Suites without
 * a selected case are left out.
 * @throws SQ_SUITE when a file cannot be loaded or nothing matches.
 */
export async function listCases(
  files: readonly SuiteFile[],
  selection: SuiteSelection,
): Promise<readonly ListedSuite[]> {
  const listed: ListedSuite[] = [];
  for (const file of selectFiles(files, selection)) {
    const { title, cases } = defineSuite(await loadSuite(file));
    const selected = selectCases(
      cases.map(({ declaration }) => declaration),
      selection,
    );
    if (selected.length > 0) listed.push({ file, title, cases: selected });
  }
  if (listed.length === 0) throw nothingMatches(selection);
  return listed;
}

export function nothingMatches(selection: SuiteSelection): HarnessError {
  const by = [
    ...selection.suites.map((name) => `suite ${name}`),
    ...selection.tags.map((tag) => `tag ${tag}`),
    ...(selection.grep === undefined ? [] : [`pattern "${selection.grep}"`]),
  ];
  return new HarnessError(
    'SQ_SUITE',
    by.length === 0 ? 'There is no case to run.' : `No case matches ${by.join(', ')}.`,
  );
}
