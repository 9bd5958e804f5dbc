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
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), PRIORITY);
    raiseOwnSession();
    return true;
  } catch {
    return false;
  }
}

/** Where the kernel shares time out by sessions first, priorities count inside one only; a session that is all ours may go first. */
function raiseOwnSession(): void {
  const behindName = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1) ?? '';
  if (Number(behindName.split(' ')[SESSION_FIELD]) !== process.pid) return;
  writeFileSync('/proc/self/autogroup', String(PRIORITY));
}
