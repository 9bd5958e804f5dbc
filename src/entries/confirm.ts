import { HarnessError } from '../model/errors.ts';
import type { Settings } from './settings.ts';

/** @throws SQ_USAGE when the user says no, or when there is nobody to ask and `--yes` was not given. */
export async function confirm(question: string, settings: Settings): Promise<void> {
  if (settings.yes) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new HarnessError('SQ_USAGE', `${question} There is no terminal to ask on.`, {
      remedy: 'Say --yes.',
    });
  }
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim()))
      throw new HarnessError('SQ_USAGE', 'Nothing was done.', { remedy: 'Answer y to go on.' });
  } finally {
    terminal.close();
  }
}
