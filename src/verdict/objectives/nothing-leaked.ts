import { leakReasons } from '../leaks.ts';
import { concludeOne, type Objective } from '../objective.ts';

/** Nothing that the run created is left. */
export const nothingLeaked: Objective = {
  name: 'nothing-leaked',
  summary:
    'Nothing that suites and probes created is left, and the cloud deleted what it was asked to delete.',
  parameters: {},
  judge(evidence) {
    const reasons = leakReasons(evidence.leftovers);
    const facts = { about: 'Left behind', expected: 'nothing', evidence: ['leftovers.json'] };
    if (reasons.length > 0) {
      const found = `${reasons.length} thing${reasons.length === 1 ? '' : 's'}`;
      return { truth: 'fail', expected: 'nothing', found, reasons };
    }
    // A run that broke may not have come as far as looking.
    if (evidence.end.reason === 'broken')
      return concludeOne('unknown', { ...facts, found: 'nobody who looked' });
    return concludeOne('pass', { ...facts, found: 'nothing' });
  },
};
