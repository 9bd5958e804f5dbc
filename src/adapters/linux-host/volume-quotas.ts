import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Where the kernel shows the file systems of that kind. */
const SHOWN = '/sys/fs/btrfs';

/** Whether the btrfs that is mounted on a folder counts what each of its volumes holds, so that each may have a limit. */
export function hasQuotas(folder: string): boolean {
  const device = deviceOf(folder);
  if (device === undefined || !existsSync(SHOWN)) return false;
  return readdirSync(SHOWN).some(
    (id) =>
      existsSync(join(SHOWN, id, 'devices', basename(device))) && existsSync(join(SHOWN, id, 'qgroups')),
  );
}

function deviceOf(folder: string): string | undefined {
  const lines = existsSync('/proc/self/mounts') ? readFileSync('/proc/self/mounts', 'utf8').split('\n') : [];
  return lines
    .map((line) => line.split(' '))
    .findLast(([, on = '']) => on.replaceAll('\\040', ' ') === folder)?.[0];
}
