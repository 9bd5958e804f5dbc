import { writeFile } from 'node:fs/promises';
import { EXIT } from '../../model/exit-code.ts';
import { describeError, HarnessError } from '../../model/errors.ts';
import { starterPlan } from '../../plan/index.ts';
import type { SharedArguments } from '../shared-arguments.ts';

export async function initCommand({ file }: SharedArguments & { readonly file?: string }): Promise<number> {
  if (file === undefined) {
    process.stdout.write(starterPlan());
    return EXIT.pass;
  }
  try {
    // Never over a file that is there already.
    await writeFile(file, starterPlan(), { flag: 'wx' });
  } catch (error) {
    throw new HarnessError('SQ_USAGE', `The plan ${file} cannot be written: ${describeError(error)}.`, {
      cause: error,
      remedy:
        'Name a file that is not there yet, in a folder that you may write; without a name it goes to stdout.',
    });
  }
  process.stderr.write(`squall: wrote ${file}; look at what it would do with \`squall plan ${file}\`\n`);
  return EXIT.pass;
}
