import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** The sha256 sum of a file, in lower-case hexadecimal. @throws the errors of reading; the signal's reason. */
export async function sha256OfFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, { signal });
  return hash.digest('hex');
}

/**
 * Finds the sum of a file in what publishers put beside their files: lines of `sha256sum`, or one bare sum.
 * @param file name without folder; the folders in the text do not count.
 * @returns undefined when the text names other files only, or is no list of sums.
 */
export function findSum(text: string, file: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  for (const line of lines) {
    const [, sum, name] = /^([0-9a-fA-F]{64})(?:\s+\*?(\S.*))?$/.exec(line.trim()) ?? [];
    if (sum === undefined) continue;
    if (name === undefined ? lines.length === 1 : basename(name.trim()) === file) return sum.toLowerCase();
  }
  return undefined;
}
