import type { Reason } from '../model/verdict.ts';

/** Fewer than this are told one by one, for their names may matter. */
const LEAST_ALIKE = 4;

/** A reason, with how many more there are that differ from it by a name only. */
export interface AlikeReasons {
  readonly reason: Reason;
  readonly more: number;
}

/** A word with a digit and a letter in it, such as the name of a pod, or of what a run created. */
const isName = (word: string): boolean => /\d/.test(word) && /[a-z]/i.test(word);

const kindOf = ({ truth, class: whose, says }: Reason): string => {
  const words = says.split(/\s/).map((word) => (isName(word) ? '#' : word));
  return [truth, whose, ...words].join(' ');
};

/** A hundred leftovers of one kind are one thing to read. In the order of the first of each kind. Pure. */
export function alikeReasons(reasons: readonly Reason[]): readonly AlikeReasons[] {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(kindOf(reason), (counts.get(kindOf(reason)) ?? 0) + 1);
  const told = new Set<string>();
  return reasons.flatMap((reason) => {
    const kind = kindOf(reason);
    const count = counts.get(kind) ?? 1;
    if (count < LEAST_ALIKE) return [{ reason, more: 0 }];
    if (told.has(kind)) return [];
    told.add(kind);
    return [{ reason, more: count - 1 }];
  });
}
