import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { contentKey } from './lock.ts';

/** Names the contents of a folder, with the names and the executable bits of its files. */
export function sourceKey(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .sort();
  return contentKey(
    files.flatMap((path) => [
      relative(folder, path),
      (statSync(path).mode & 0o100) === 0 ? 'plain' : 'executable',
      readFileSync(path, 'utf8'),
    ]),
  );
}
