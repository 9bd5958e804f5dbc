import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Files of the project by their names from its root: those that git knows and that are there, and new ones that it does not ignore. */
export function trackedFiles(pattern: RegExp): readonly string[] {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
    .split('\n')
    .filter((file) => pattern.test(file) && existsSync(file));
}
