import { closest, distance } from 'fastest-levenshtein';

/** Longer names than this are nobody's slip of the finger, and the distance costs the product of both lengths. */
const LONGEST = 64;

/** The known name that was probably meant, as the end of a sentence; otherwise the known names. */
export function didYouMean(written: string, known: readonly string[]): string {
  if (known.length === 0) return 'none are known';
  if (written.length <= LONGEST) {
    const lower = written.toLowerCase();
    const sorted = [...known].sort();
    const nearest = sorted.find((name) => lettersOf(name) === lettersOf(lower)) ?? closest(lower, sorted);
    const swapped = lettersOf(nearest) === lettersOf(lower);
    const far = distance(lower, nearest.toLowerCase());
    const begins = lower.length >= 3 && nearest.toLowerCase().startsWith(lower);
    if (far <= Math.max(1, Math.floor(nearest.length / 3)) || swapped || begins)
      return `did you mean "${nearest}"?`;
  }
  return `known are ${[...known].sort().join(', ')}`;
}

/** The same for two words of the same letters, such as `run` and `rnu`. */
const lettersOf = (word: string): string => [...word.toLowerCase()].sort().join('');
