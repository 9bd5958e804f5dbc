import type { Leftover } from '../model/conformance.ts';
import type { Reason } from '../model/verdict.ts';

/** One reason for each thing that stayed: what the cloud kept is its failure even when it was swept in the end. */
export function leakReasons(leftovers: readonly Leftover[]): readonly Reason[] {
  return leftovers
    .filter((leftover) => leftover.fault === 'cloud' || !leftover.swept)
    .map((leftover): Reason => {
      const { name } = leftover.entry;
      const says = `${leftover.says.includes(name) ? leftover.says : sentenceOf(leftover)}.`;
      return {
        truth: 'fail',
        class: 'leak',
        says: says.replace(/\.+$/, '.'),
        evidence: [`leftovers.json#${name}`],
      };
    });
}

/** What the sweep says stands by itself; of a word that somebody else said it must be told what it is about. */
function sentenceOf({ entry: { collection, name, createdBy }, fault, says }: Leftover): string {
  const whose = fault === 'cloud' ? 'The cloud kept' : 'Squall left behind';
  return `${whose} ${name} in ${collection}, created by ${createdBy}: ${says}`;
}

/** True when something that Squall itself should have removed is still there. */
export const leftOurs = (leftovers: readonly Leftover[]): boolean => {
  return leftovers.some((leftover) => leftover.fault === 'ours' && !leftover.swept);
};
