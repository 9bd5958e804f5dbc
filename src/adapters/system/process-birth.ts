import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { hasCode } from './has-code.ts';

/** A process as a lock or a journal names it. */
export interface NamedProcess {
  readonly host: string;
  readonly pid: number;
  readonly birth?: string;
}

/** Parts of a birth: the machine, its boot, the space of process ids, and when the process began in it. */
interface Birth {
  readonly machine: string;
  readonly boot: string;
  readonly space: string;
  readonly began: string;
}

/** What tells this very process from every other; undefined where the system does not say. */
export function birthOf(pid: number): string | undefined {
  const began = beginOf(pid);
  const here = place();
  if (began === undefined || here === undefined) return undefined;
  return [here.machine, here.boot, here.space, began].join('/');
}

/**
 * Whether a process is provably gone. Another machine's never is from here, nor one in another space of process ids (a container
 * of the same host sees other processes under the same numbers). Another boot of the same machine ended every process of the one
 * before. One that is there and does not let itself be looked at (another user's under `hidepid`, or nothing more can be opened
 * here) may well be the same.
 * @param begin when a process began; undefined where nobody can tell.
 */
export function isProvablyGone({ host, pid, birth }: NamedProcess, begin = beginOf): boolean {
  const known = birth === undefined ? undefined : parse(birth);
  const here = place();
  if (known === undefined || here === undefined) return host === hostname() && !exists(pid);
  if (known.machine !== here.machine) return false;
  if (known.boot !== here.boot) return true;
  if (known.space !== here.space) return false;
  if (!exists(pid)) return true;
  const began = begin(pid);
  return began !== undefined && began !== known.began;
}

function parse(birth: string): Birth | undefined {
  const [machine, boot, space, began] = birth.split('/');
  if (machine === undefined || boot === undefined || space === undefined || began === undefined)
    return undefined;
  return { machine, boot, space, began };
}

/** Which boot of this machine it is; undefined where the system does not say. */
export const bootId = (): string | undefined => readLine('/proc/sys/kernel/random/boot_id');

function place(): Omit<Birth, 'began'> | undefined {
  const boot = bootId();
  const space = link('/proc/self/ns/pid');
  if (boot === undefined || space === undefined) return undefined;
  // Images hand the same machine id to many machines, so the name belongs to it; one without an id is told by its boot alone.
  return { machine: `${hostname()}:${readLine('/etc/machine-id') ?? boot}`, boot, space };
}

/** In ticks since the boot: field 22 of `stat`, which begins anew after the last parenthesis of the name. A zombie has ended. */
function beginOf(pid: number): string | undefined {
  const stat = readLine(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' ? 'ended' : fields?.[19];
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

function readLine(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path).replace('/', ' ');
  } catch {
    return undefined;
  }
}
