import { selectFiles } from '../conformance/selection.ts';
import type { SuiteFile } from '../model/conformance.ts';
import type { Plan, Step, SuiteSelection } from '../model/plan.ts';

/**
 * Looks before anything is hurt whether every suite that a plan names is there: one that is misspelled would otherwise be found out
 * amid the faults, or after them.
 * @throws SQ_SUITE
 */
export function refuseSuites(
  { conformance, method }: Pick<Plan, 'conformance' | 'method'>,
  files: readonly SuiteFile[],
): void {
  const { before, during, after } = conformance;
  for (const selection of [before, during, after, ...selectionsIn(method)])
    if (selection !== undefined) selectFiles(files, selection);
}

const selectionsIn = (steps: readonly Step[]): readonly SuiteSelection[] =>
  steps.flatMap((step) => {
    if (step.kind === 'suites') return [step.selection];
    return step.kind === 'parallel' || step.kind === 'repeat' ? selectionsIn(step.steps) : [];
  });
