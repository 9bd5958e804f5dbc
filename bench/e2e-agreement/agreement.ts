import type { Trial } from './trials.ts';

/** How a check ended. `unknown`: it was not run, was skipped, or what should run it failed itself. */
export type Ended = 'passed' | 'failed' | 'unknown';

/** What was found for one check while one defect stood. */
export interface Row {
  /** Upstream's name. */
  readonly check: string;
  /** Ids of our cases that are labelled with it. */
  readonly cases: readonly string[];
  readonly expected: Ended;
  readonly theirs: Ended;
  readonly ours: Ended;
  /** Why theirs is not `passed`: one line. */
  readonly why?: string;
}

/** Our cases by the upstream names that they are labelled with. */
export type Labels = ReadonlyMap<string, readonly string[]>;

/** @param cases as suites declare them. */
export function labelsOf(
  cases: readonly { readonly id: string; readonly covers: readonly string[] }[],
): Labels {
  const labels = new Map<string, string[]>();
  for (const { id, covers } of cases)
    for (const name of covers) labels.set(name, [...(labels.get(name) ?? []), id]);
  return labels;
}

/** A check is ours where all of our cases for it passed; one that failed makes it fail. */
export function oursFor(
  check: string,
  labels: Labels,
  outcomes: ReadonlyMap<string, string>,
): { readonly cases: readonly string[]; readonly ended: Ended } {
  const cases = labels.get(check) ?? [];
  const ends = cases.map((id) => outcomes.get(id));
  if (ends.includes('failed')) return { cases, ended: 'failed' };
  return { cases, ended: ends.length > 0 && ends.every((end) => end === 'passed') ? 'passed' : 'unknown' };
}

/** Lays both beside each other, in the order of the trial. */
export function rowsOf(
  { fails, passes }: Trial,
  labels: Labels,
  ours: ReadonlyMap<string, string>,
  theirs: ReadonlyMap<string, { readonly ended: Ended; readonly why?: string }>,
): readonly Row[] {
  const row = (check: string, expected: Ended): Row => {
    const { cases, ended } = oursFor(check, labels, ours);
    const { ended: their = 'unknown', why } = theirs.get(check) ?? { why: 'was not run' };
    return { check, cases, expected, theirs: their, ours: ended, ...(why === undefined ? {} : { why }) };
  };
  return [...fails.map((name) => row(name, 'failed')), ...passes.map((name) => row(name, 'passed'))];
}

/** Both know how it ended, and it ended alike. */
export const agrees = ({ theirs, ours }: Row): boolean => theirs !== 'unknown' && theirs === ours;

/** Both agree on every check, and each ended as the defect wants it: an agreement about checks that see nothing is none. */
export const isAsItShouldBe = (rows: readonly Row[]): boolean =>
  rows.length > 0 && rows.every((row) => agrees(row) && row.theirs === row.expected);
