import type { CaseDeclaration } from '../model/conformance.ts';
import { HarnessError } from '../model/errors.ts';
import type { EngineTest } from '../ports/suite-engine.ts';

export interface EngineChoice {
  /** A regular expression over the names of its tests. Absent: those that the selected cases of ours are labelled with. */
  readonly match?: string;
  /** The cases of ours that were selected. */
  readonly cases: readonly CaseDeclaration[];
}

export interface ChosenTest {
  readonly test: EngineTest;
  /** What our cases call it in their labels. */
  readonly covers: string;
}

export interface ChosenTests {
  readonly tests: readonly ChosenTest[];
  /** Labels that no test of this engine has any more. */
  readonly missing: readonly string[];
}

/** Upstream moves tests between classes and keeps their ids. */
const idOf = (name: string): string | undefined => /\[(id-[\w-]+)[\],]/.exec(name)?.[1];

/**
 * The tests to run: by their whole names, and where a name is gone by the id in it, as long as one test alone has it.
 * @throws SQ_SUITE when nothing is chosen, or `match` is no regular expression.
 */
export function chooseEngineTests(all: readonly EngineTest[], choice: EngineChoice): ChosenTests {
  const chosen = choice.match === undefined ? byLabels(all, choice.cases) : byPattern(all, choice.match);
  if (chosen.tests.length > 0 || chosen.missing.length > 0) return chosen;
  throw new HarnessError(
    'SQ_SUITE',
    choice.match === undefined
      ? 'None of the selected cases is labelled with a test of Tempest.'
      : `No test of Tempest matches "${choice.match}".`,
    {
      remedy:
        'Choose other cases, or Tempest’s own tests with `--match`; docs/generated/coverage.md has the labels.',
    },
  );
}

/** The labels of cases that name tests of Tempest, each once. */
export function labelsOf(cases: readonly CaseDeclaration[]): readonly string[] {
  return [...new Set(cases.flatMap(({ covers }) => covers.filter((name) => name.startsWith('tempest.'))))];
}

function byLabels(all: readonly EngineTest[], cases: readonly CaseDeclaration[]): ChosenTests {
  const byName = new Map(all.map((test) => [test.name, test]));
  const byId = new Map<string, readonly EngineTest[]>();
  for (const test of all) {
    const id = idOf(test.name) ?? '';
    byId.set(id, [...(byId.get(id) ?? []), test]);
  }
  const tests = new Map<string, ChosenTest>();
  const missing: string[] = [];
  for (const label of labelsOf(cases)) {
    const alike = byId.get(idOf(label) ?? 'none') ?? [];
    const test = byName.get(label) ?? (alike.length === 1 ? alike[0] : undefined);
    if (test === undefined) missing.push(label);
    else tests.set(test.id, { test, covers: label });
  }
  return { tests: [...tests.values()], missing };
}

function byPattern(all: readonly EngineTest[], match: string): ChosenTests {
  let pattern: RegExp;
  try {
    pattern = new RegExp(match);
  } catch (cause) {
    throw new HarnessError('SQ_SUITE', `"${match}" is not a regular expression.`, { cause });
  }
  const tests = all.filter(({ id }) => pattern.test(id)).map((test) => ({ test, covers: test.name }));
  return { tests, missing: [] };
}
