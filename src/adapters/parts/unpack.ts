import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../../model/errors.ts';
import { fill } from './lock.ts';
import type { Part } from './lock.ts';
import type { Origin, PartFolder } from './part-folder.ts';
import { runProgram } from './run-program.ts';
import type { SourceTools } from './source.ts';

/**
 * Takes the missing binaries out of a published archive whose sum is right.
 * @returns why some are still missing; undefined when none is.
 */
export async function unpackInto(
  archive: string,
  part: Part,
  folder: PartFolder,
  origin: Origin,
  tools: SourceTools,
  signal: AbortSignal,
): Promise<string | undefined> {
  const missing = folder.missing();
  const members = missing.map((name) => fill(part.release?.member ?? '{binary}', part, tools.platform, name));
  const out = folder.temporary('unpacked');
  try {
    mkdirSync(out);
    const { code, lines } = await runProgram(
      'tar',
      ['-xf', archive, '-C', out, ...members],
      { clock: tools.clock },
      signal,
    );
    if (code !== 0) return `the archive of ${part.name} cannot be unpacked: ${lines[0] ?? 'tar was ended'}`;
    for (const [index, binary] of missing.entries()) {
      const file = join(out, members[index] ?? binary);
      if (!existsSync(file)) return `the archive of ${part.name} has no ${binary}`;
      const alone = folder.temporary(binary);
      renameSync(file, alone);
      const wrong = await folder.settle(binary, alone, origin, signal);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return `the archive of ${part.name} cannot be unpacked: ${describeError(error)}`;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
