import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';

/** High enough to come before what builds and tests on the same machine, and still behind what a host cannot do without. */
const PRIORITY = -10;

/** Place of the session's id in what stands behind a process's name, as proc(5) counts. */
const SESSION_FIELD = 3;

/**
 * Lets the calling thread run before others, so that a busy machine delays it less. Threads that it starts later do so too.
 * @returns false where that is not allowed or not known: then nothing has changed.
 */
export function raiseThreadPriority(): boolean {
  try {
    // To Linux a thread is a process of its own in this respect; synchronous calls are carried out by the thread itself.
    const thread = basename(readlinkSync('/proc/thread-self'));
    if (runsInRealTime(thread)) return true;
    setPriority(Number(thread), PRIORITY);
    raiseOwnSession();
    return true;
  } catch {
    return false;
  }
}

/**
 * A thread in real time is run the moment that it has something to do; others wait for the end of somebody's turn, which is
 * milliseconds. The lowest of such priorities is enough, and the kernel leaves the others their share whatever the thread does.
 */
function runsInRealTime(thread: string): boolean {
  const { status } = spawnSync('chrt', ['--reset-on-fork', '--rr', '--pid', '1', thread], {
    stdio: 'ignore',
    timeout: 2000,
  });
  return status === 0;
}

/** Where the kernel shares time out by sessions first, priorities count inside one only; a session that is all ours may go first. */
function raiseOwnSession(): void {
  const behindName = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1) ?? '';
  if (Number(behindName.split(' ')[SESSION_FIELD]) !== process.pid) return;
  writeFileSync('/proc/self/autogroup', String(PRIORITY));
}
