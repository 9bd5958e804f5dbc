import type { Leftover } from '../model/conformance.ts';
import type { Reason } from '../model/verdict.ts';

/** One reason for each thing that stayed: what the cloud kept is its failure even when it was swept in the end. */
export function leakReasons(leftovers: readonly Leftover[]): readonly Reason[] {
  return leftovers
    .filter((leftover) => leftover.fault === 'cloud' || !leftover.swept)
    .map((leftover): Reason => {
      const whose = leftover.fault === 'cloud' ? 'The cloud kept' : 'Squall left behind';
      const { collection, name, createdBy } = leftover.entry;
      const says = `${whose} ${name} in ${collection}, created by ${createdBy}: ${leftover.says}.`;
      return {
        truth: 'fail',
        class: 'leak',
        says: says.replace(/\.+$/, '.'),
        evidence: [`leftovers.json#${name}`],
      };
    });
}

/** True when something that Squall itself should have removed is still there. */
export const leftOurs = (leftovers: readonly Leftover[]): boolean => {
  return leftovers.some((leftover) => leftover.fault === 'ours' && !leftover.swept);
};
