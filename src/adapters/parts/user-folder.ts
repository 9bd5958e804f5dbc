import { constants, copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { HarnessError } from '../../model/errors.ts';
import { findSum, sha256OfFile } from './checksums.ts';
import { contentKey, fill } from './lock.ts';
import type { Part, Platform } from './lock.ts';
import type { PartFolder } from './part-folder.ts';
import type { SourceTools } from './source.ts';
import { unpackInto } from './unpack.ts';

/** What a user's folder holds of one part. */
export interface GivenPart {
  /** The published archive, or one file a binary. */
  readonly files: readonly { readonly binary?: string; readonly path: string; readonly sum: string }[];
  /** Differs for other contents, so that what is given never mixes with what is downloaded or built. */
  readonly key: string;
}

/**
 * Looks for a part in the user's folder: the archive under its published name, or each binary under its own.
 * @returns undefined when it holds nothing of the part.
 * @throws SQ_PARTS when it holds only some binaries, or a file without a sum: neither pinned in the lock, nor named in
 * SHA256SUMS, nor with a `.sha256` or `.sha256sum` file beside it.
 */
export function lookInFolder(folder: string, part: Part, platform: Platform): GivenPart | undefined {
  const found = archiveIn(folder, part, platform) ?? binariesIn(folder, part);
  if (!found) return undefined;
  const files = found.map((file) => ({ ...file, sum: expectedSum(folder, file.path, part) }));
  return { files, key: contentKey(files.map(({ sum }) => sum)).slice(0, 8) };
}

function archiveIn(folder: string, part: Part, platform: Platform): { path: string }[] | undefined {
  if (part.release?.member === undefined) return undefined;
  const path = join(folder, basename(fill(part.release.url, part, platform)));
  return existsSync(path) ? [{ path }] : undefined;
}

function binariesIn(folder: string, part: Part): { binary: string; path: string }[] | undefined {
  const all = Object.keys(part.binaries).map((binary) => ({ binary, path: join(folder, binary) }));
  const lacks = all.filter(({ path }) => !existsSync(path));
  if (lacks.length === all.length) return undefined;
  if (lacks.length === 0) return all;
  throw new HarnessError(
    'SQ_PARTS',
    `${folder} has only some programs of ${part.name}; it lacks ${lacks.map(({ binary }) => binary).join(', ')}.`,
    { remedy: `Put them beside the others, or take ${part.name} out of the folder.` },
  );
}

function expectedSum(folder: string, path: string, part: Part): string {
  const name = basename(path);
  const pinned = part.release?.pinned[name];
  if (pinned !== undefined) return pinned;
  for (const sums of [join(folder, 'SHA256SUMS'), `${path}.sha256`, `${path}.sha256sum`]) {
    const sum = existsSync(sums) ? findSum(readFileSync(sums, 'latin1'), name) : undefined;
    if (sum !== undefined) return sum;
  }
  throw new HarnessError('SQ_PARTS', `${path} has no sha256 sum to check it against.`, {
    remedy: `Put the publisher's ${name}.sha256 beside it, or a SHA256SUMS file that names it.`,
  });
}

/**
 * Copies what was found into the cache, after checking it.
 * @throws SQ_PARTS when a sum is wrong or a program is of another version: what a user names is taken or refused, never
 * replaced in silence.
 */
export async function takeGiven(
  given: GivenPart,
  part: Part,
  folder: PartFolder,
  tools: SourceTools,
  signal: AbortSignal,
): Promise<void> {
  for (const { binary, path, sum } of given.files) {
    const copy = folder.temporary(binary ?? 'archive');
    try {
      // A clone where the file system has them.
      copyFileSync(path, copy, constants.COPYFILE_FICLONE);
      const found = await sha256OfFile(copy, signal);
      if (found !== sum) throw refuse(path, `has the sha256 sum ${found} instead of ${sum}`);
      const wrong =
        binary === undefined
          ? await unpackInto(copy, part, folder, 'folder', tools, signal)
          : await folder.settle(binary, copy, 'folder', signal);
      if (wrong !== undefined) throw refuse(path, `cannot be used: ${wrong}`);
    } finally {
      rmSync(copy, { force: true });
    }
  }
}

function refuse(path: string, says: string): HarnessError {
  return new HarnessError('SQ_PARTS', `${path} ${says}.`, { remedy: 'Download that file again.' });
}
