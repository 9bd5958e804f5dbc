import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** High enough to come before what builds and tests on the same machine, and still behind what a host cannot do without. */
const PRIORITY = -10;

/** Place of the session's id in what stands behind a process's name, as proc(5) counts. */
const SESSION_FIELD = 3;

/**
 * Lets this process run before others, so that a busy machine delays it less: all of its threads, and those that it starts later, for
 * one that comes first still waits for a lock that another holds.
 * @returns false where that is not allowed or not known: then nothing has changed.
 */
export function raiseOwnPriority(): boolean {
  try {
    if (runsInRealTime()) return true;
    // To Linux a thread is a process of its own in this respect.
    for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), PRIORITY);
    raiseOwnSession();
    return true;
  } catch {
    return false;
  }
}

/**
 * What is in real time is run the moment that it has something to do; others wait for the end of somebody's turn, which is
 * milliseconds. The lowest of such priorities is enough, and the kernel leaves the others their share whatever we do.
 */
function runsInRealTime(): boolean {
  const { status } = spawnSync('chrt', ['--all-tasks', '--rr', '--pid', '1', String(process.pid)], {
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
