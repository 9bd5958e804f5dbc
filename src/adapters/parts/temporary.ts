import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A name in the folder for what is not whole yet. The folder is made when it is missing, and what processes that ended left
 * under such names is removed.
 */
export function temporaryIn(folder: string, name: string): string {
  mkdirSync(folder, { recursive: true });
  for (const entry of readdirSync(folder)) {
    const [, pid] = /^\..*\.(\d+)\.part$/.exec(entry) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) {
      rmSync(join(folder, entry), { recursive: true, force: true });
    }
  }
  return join(folder, `.${name}.${process.pid}.part`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
