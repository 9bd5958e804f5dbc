import { compareRuns } from '../analysis/index.ts';
import type { ComparedGroup, Comparison, ComparisonVerdict, RunSummary } from '../model/comparison.ts';
import { HarnessError } from '../model/errors.ts';
import type { Subject } from '../model/evidence.ts';
import type { RunFolder } from '../ports/run-folder.ts';
import { judgeComparison } from '../verdict/index.ts';
import { subjectDifferences } from './subject-differences.ts';
import { NO_SUBJECT, summariseRun } from './summarise-run.ts';

export interface CompareOrder {
  readonly folders: readonly RunFolder[];
  /** Of them, those that are the baseline. Absent: those of the subject that was tested first. */
  readonly baseline?: readonly RunFolder[];
  /** The slowdown that must be found, as a factor above 1. */
  readonly slowdown: number;
}

interface Read {
  readonly folder: RunFolder;
  readonly summary: RunSummary;
}

/**
 * Sets stored runs of one plan side by side: those of the baseline and those of the changed subject.
 * @throws SQ_RUN_UNREADABLE for what is no run; SQ_USAGE where the runs cannot be compared.
 */
export async function compare(
  order: CompareOrder,
): Promise<{ readonly comparison: Comparison; readonly verdict: ComparisonVerdict }> {
  const runs = await readRuns(order.folders);
  const named = order.baseline === undefined ? undefined : await readRuns(order.baseline);
  const first = refuseUnlike([...(named ?? []), ...runs]);
  const { before, after } = named === undefined ? groupBySubject(runs) : splitBy(named, runs);
  const [baseline, changed] = [groupOf(before), groupOf(after)];
  const comparison = compareRuns({
    plan: first.summary.plan,
    lab: first.summary.lab,
    baseline: baseline.group,
    changed: changed.group,
    baselineRuns: baseline.telling,
    changedRuns: changed.telling,
    differences: await differencesOf(before, after),
    slowdown: order.slowdown,
    notes: notesOf(baseline.telling, changed.telling),
  });
  return { comparison, verdict: judgeComparison(comparison) };
}

async function readRuns(folders: readonly RunFolder[]): Promise<readonly Read[]> {
  const seen = new Map<string, Read>();
  for (const folder of folders) {
    const summary = await summariseRun(folder);
    seen.set(summary.id, { folder, summary });
  }
  return [...seen.values()].sort((a, b) => (a.summary.id < b.summary.id ? -1 : 1));
}

/** Runs of two plans, or on two labs, differ by more than their subject. */
function refuseUnlike(runs: readonly Read[]): Read {
  const [first] = runs;
  if (first === undefined) throw new HarnessError('SQ_USAGE', 'There are no runs to compare.');
  for (const { summary } of runs) {
    const { plan, lab, planKey } = first.summary;
    if (summary.planKey !== planKey) {
      const says =
        summary.plan === plan
          ? `Runs ${first.summary.id} and ${summary.id} ran the plan ${plan} in two versions, or with two sets of parameters.`
          : `Run ${first.summary.id} ran the plan ${plan}, and run ${summary.id} the plan ${summary.plan}.`;
      throw new HarnessError('SQ_USAGE', says, { remedy: 'Compare runs of one plan.' });
    }
    if (summary.lab !== lab)
      throw new HarnessError(
        'SQ_USAGE',
        `Run ${first.summary.id} was on the lab ${lab}, and run ${summary.id} on ${summary.lab}.`,
      );
  }
  return first;
}

interface Groups {
  readonly before: readonly Read[];
  readonly after: readonly Read[];
}

function groupBySubject(runs: readonly Read[]): Groups {
  const subjects = [
    ...new Set(runs.map(({ summary }) => summary.subjectKey).filter((key) => key !== NO_SUBJECT)),
  ];
  if (subjects.length > 2) {
    throw new HarnessError(
      'SQ_USAGE',
      `The runs tested ${subjects.length} subjects, and two can be compared.`,
      {
        remedy: 'Name the runs of the baseline with --baseline.',
      },
    );
  }
  const [baseline] = subjects;
  // A run that never found its subject cannot be of the baseline, which was tested before.
  return {
    before: runs.filter(({ summary }) => summary.subjectKey === baseline),
    after: runs.filter(({ summary }) => summary.subjectKey !== baseline),
  };
}

function splitBy(named: readonly Read[], runs: readonly Read[]): Groups {
  const ids = new Set(named.map(({ summary }) => summary.id));
  return { before: named, after: runs.filter(({ summary }) => !ids.has(summary.id)) };
}

function groupOf(runs: readonly Read[]): {
  readonly group: ComparedGroup;
  readonly telling: readonly RunSummary[];
} {
  const summaries = runs.map(({ summary }) => summary);
  const telling = summaries.filter(({ end }) => end === 'complete');
  const left = summaries
    .filter(({ end }) => end !== 'complete')
    .map(({ id, end }) => ({ run: id, says: `it ended early (${end})` }));
  return {
    group: { subjectKey: summaries[0]?.subjectKey ?? NO_SUBJECT, runs: telling.map(({ id }) => id), left },
    telling,
  };
}

/** What a reader should hold against the result. */
function notesOf(before: readonly RunSummary[], after: readonly RunSummary[]): readonly string[] {
  const one = (pick: (summary: RunSummary) => string, runs: readonly RunSummary[]): string | undefined => {
    const found = [...new Set(runs.map(pick))];
    return found.length === 1 ? found[0] : undefined;
  };
  const notes: string[] = [];
  if (after.length === 0)
    notes.push('All runs tested one subject, so nothing is compared; this is their spread.');
  const hosts = new Set([...before, ...after].map(({ host }) => host));
  if (hosts.size > 1) notes.push(`The runs were made on ${hosts.size} hosts, which differ too.`);
  const versions = new Set([...before, ...after].map(({ squall }) => squall));
  if (versions.size > 1)
    notes.push(
      `The runs were made by ${versions.size} versions of Squall: ${[...versions].sort().join(', ')}.`,
    );
  const seeds = [one(({ seed }) => seed, before), one(({ seed }) => seed, after)];
  if (
    before.length > 1 &&
    after.length > 1 &&
    seeds[0] !== undefined &&
    seeds[1] !== undefined &&
    seeds[0] !== seeds[1]
  )
    notes.push(
      'Each group has one seed of its own, so the two may have hurt different targets; let each run draw its own.',
    );
  const last = before.at(-1);
  const first = after[0];
  if (last !== undefined && first !== undefined && last.id < first.id && before.length > 1)
    notes.push(
      'All runs of the baseline were made before the others: what changed on the host in between counts as the change.',
    );
  return notes;
}

async function differencesOf(before: readonly Read[], after: readonly Read[]): Promise<readonly string[]> {
  const [a, b] = await Promise.all(
    [before[0], after[0]].map(async (read) => read?.folder.readJson<Subject>('subject.json')),
  );
  if (a === undefined || b === undefined) return [];
  return subjectDifferences(a, b);
}
