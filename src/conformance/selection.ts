import type { CaseDeclaration, SuiteFile } from '../model/conformance.ts';
import { HarnessError } from '../model/errors.ts';
import type { SuiteSelection } from '../model/plan.ts';

/**
 * The files whose suite is selected: by its name (`kubernetes/configmaps`) or its service (`kubernetes`).
 * @throws SQ_SUITE when a name matches no file: a misspelled name must not look like a pass.
 */
export function selectFiles(files: readonly SuiteFile[], selection: SuiteSelection): readonly SuiteFile[] {
  if (selection.suites.length === 0) return files;
  const isNamed = (file: SuiteFile, wanted: string): boolean =>
    file.name === wanted || file.name.startsWith(`${wanted}/`);
  const missing = selection.suites.filter((wanted) => !files.some((file) => isNamed(file, wanted)));
  if (missing.length > 0) {
    throw new HarnessError(
      'SQ_SUITE',
      `There is no suite ${missing.map((name) => `"${name}"`).join(' and no suite ')}.`,
      {
        facts: { missing, suites: files.map((file) => file.name) },
      },
    );
  }
  return files.filter((file) => selection.suites.some((wanted) => isNamed(file, wanted)));
}

/**
 * The cases that carry one of the tags and whose id or title matches `grep`, a regular expression without regard to case.
 * @throws SQ_SUITE when `grep` is no regular expression.
 */
export function selectCases(
  cases: readonly CaseDeclaration[],
  selection: SuiteSelection,
): readonly CaseDeclaration[] {
  const grep = selection.grep === undefined ? undefined : patternOf(selection.grep);
  return cases.filter(
    (one) =>
      (isEveryTag(selection.tags) || one.tags.some((tag) => selection.tags.includes(tag))) &&
      (grep === undefined || grep.test(one.id) || grep.test(one.title)),
  );
}

/** `all` is for plans whose tags come from a parameter. */
const isEveryTag = (tags: readonly string[]): boolean => tags.length === 0 || tags.includes('all');

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, 'i');
  } catch (cause) {
    throw new HarnessError(
      'SQ_SUITE',
      `"${text}" is not a regular expression that cases could be matched with.`,
      { cause },
    );
  }
}
