import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';

export interface MarkedProcess {
  readonly pid: number;
  readonly program: string;
  readonly parent: number;
}

/**
 * Processes of this host whose environment holds `mark`, a `NAME=value`: children that go on working after whoever started them
 * was killed. Those whose program is in `except` are not meant.
 */
export async function markedProcesses(
  mark: string,
  except: readonly string[] = [],
): Promise<readonly MarkedProcess[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => Number.isInteger(pid));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      if (!environment.split('\0').includes(mark)) return [];
      const program = basename(await readlink(`/proc/${pid}/exe`).catch(() => ''));
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (program === '' || except.includes(program) || state === 'Z') return [];
      return [{ pid, program, parent: Number(parent) }];
    }),
  );
  return found.flat();
}
