import { z } from 'zod';
import type { Ended } from './agreement.ts';

// Only what is read; Ginkgo writes much more, also about the thousands of tests that were not chosen.
const Spec = z.object({
  ContainerHierarchyTexts: z.array(z.string()).nullish(),
  LeafNodeType: z.string(),
  LeafNodeText: z.string(),
  State: z.string(),
  Failure: z.object({ Message: z.string().default('') }).nullish(),
});
const Report = z.array(z.object({ SpecReports: z.array(Spec).nullish() })).min(1);

const FAILED = /^(failed|timedout|panicked)$/;

/** What an exact name is chosen by; Ginkgo looks for it anywhere in the name of the suite and the test. */
export const focusOn = (check: string): string => `${check.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$`;

/**
 * How one check ended, by the JSON report of `e2e.test`. What it does before all tests is no check: when that fails, nothing
 * is known.
 * @throws when the text is no such report.
 */
export function endedBy(report: string, check: string): { readonly ended: Ended; readonly why?: string } {
  const specs = Report.parse(JSON.parse(report)).flatMap(({ SpecReports }) => SpecReports ?? []);
  const before = specs.find(({ LeafNodeType, State }) => /Suite$/.test(LeafNodeType) && FAILED.test(State));
  const found = specs.filter(
    ({ ContainerHierarchyTexts, LeafNodeType, LeafNodeText }) =>
      LeafNodeType === 'It' && [...(ContainerHierarchyTexts ?? []), LeafNodeText].join(' ') === check,
  );
  const [spec] = found;
  if (spec === undefined) return { ended: 'unknown', why: 'e2e.test has no such test' };
  if (spec.State === 'passed') return { ended: 'passed' };
  const says = firstLine(spec.Failure?.Message ?? before?.Failure?.Message ?? '');
  if (FAILED.test(spec.State)) return { ended: 'failed', why: `${spec.State}: ${says}` };
  return { ended: 'unknown', why: `${spec.State}: ${says}` };
}

const firstLine = (text: string): string => (text.trim().split('\n')[0] ?? '').slice(0, 200);
