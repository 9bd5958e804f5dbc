import type { Leftover } from '../model/conformance.ts';
import type { Reason } from '../model/verdict.ts';

/** One reason for each thing that stayed: what the cloud kept is its failure even when it was swept in the end. */
export function leakReasons(leftovers: readonly Leftover[]): readonly Reason[] {
  return leftovers
    .filter((leftover) => leftover.fault === 'cloud' || !leftover.swept)
    .map((leftover): Reason => {
      const { name } = leftover.entry;
      const says = `${sentenceOf(leftover)}.`;
      return {
        truth: 'fail',
        class: 'leak',
        says: says.replace(/\.+$/, '.'),
        evidence: [`leftovers.json#${name}`],
      };
    });
}

/** What the sweep says names what it is about; of what somebody else said it must be told. */
function sentenceOf({ entry: { collection, name, createdBy }, fault, says }: Leftover): string {
  if (says.includes(name)) return fault === 'cloud' ? says : `Squall’s own ${says}`;
  const whose = fault === 'cloud' ? 'The cloud kept' : 'Squall left behind';
  return `${whose} ${name} in ${collection}, created by ${createdBy}: ${says}`;
}

/** Something that Squall itself should have removed, and that is still there. */
export const isOurs = ({ fault, swept }: Leftover): boolean => fault === 'ours' && !swept;

/** True when something that Squall itself should have removed is still there. */
export const leftOurs = (leftovers: readonly Leftover[]): boolean => leftovers.some(isOurs);
