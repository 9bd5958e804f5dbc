import { closest, distance } from 'fastest-levenshtein';

/** Longer names than this are nobody's slip of the finger, and the distance costs the product of both lengths. */
const LONGEST = 64;

/** The known name that was probably meant, as the end of a sentence; otherwise the known names. */
export function didYouMean(written: string, known: readonly string[]): string {
  if (known.length === 0) return 'none are known';
  const meant = probablyMeant(written, known);
  return meant === undefined ? `known are ${[...known].sort().join(', ')}` : `did you mean "${meant}"?`;
}

/** The known name that was probably meant; undefined where none is near enough. */
export function probablyMeant(written: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || written.length > LONGEST) return undefined;
  const lower = written.toLowerCase();
  const sorted = [...known].sort();
  const nearest = sorted.find((name) => lettersOf(name) === lettersOf(lower)) ?? closest(lower, sorted);
  const swapped = lettersOf(nearest) === lettersOf(lower);
  const far = distance(lower, nearest.toLowerCase());
  const begins = lower.length >= 3 && nearest.toLowerCase().startsWith(lower);
  return far <= Math.max(1, Math.floor(nearest.length / 3)) || swapped || begins ? nearest : undefined;
}

/** The same for two words of the same letters, such as `run` and `rnu`. */
const lettersOf = (word: string): string => [...word.toLowerCase()].sort().join('');
