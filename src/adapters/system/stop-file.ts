import { readFile, rm } from 'node:fs/promises';
import type { SharedState, StopOrder } from '../../ports/state-store.ts';
import { describeError } from '../../model/errors.ts';
import { hasCode } from './has-code.ts';
import { stateTrouble } from './state-trouble.ts';
import { writeWholeFile } from './write-whole-file.ts';
import { scalarText } from '../../model/scalar-text.ts';

/** The stop as a file: there or not, whole, and on the disk before anybody is told that it stands. */
export function createStopFile(path: string): Pick<SharedState, 'stop' | 'allow' | 'stopped'> {
  const stopped = async (): Promise<StopOrder | undefined> => {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      return unreadable(path, describeError(error));
    }
    return parse(text) ?? unreadable(path, 'it is damaged');
  };
  return {
    stopped,
    stop: (order) =>
      writeWholeFile(path, `${JSON.stringify(order)}\n`).catch((error: unknown) => {
        throw stateTrouble(path, error);
      }),
    async allow() {
      const before = await stopped();
      await rm(path, { force: true });
      return before;
    },
  };
}

function parse(text: string): StopOrder | undefined {
  try {
    const { by, why, since } = JSON.parse(text) as Partial<StopOrder>;
    return typeof by === 'string' ? { by, why: scalarText(why), since: scalarText(since) } : undefined;
  } catch {
    return undefined;
  }
}

/** Whoever wrote it wanted something to stop. */
const unreadable = (path: string, reason: string): StopOrder => ({
  by: 'somebody',
  why: `${path} cannot be read, which counts as a stop (${reason})`,
  since: '',
});
