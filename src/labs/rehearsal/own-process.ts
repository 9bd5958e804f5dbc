import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface ProcessToStart {
  readonly name: string;
  readonly path: string;
  readonly execArgv: readonly string[];
  readonly arguments: readonly string[];
  readonly labFolder: string;
}

/** Starts it in a session of its own, so that no signal of the terminal reaches it. @returns its pid */
export function startOwnProcess({
  name,
  path,
  execArgv,
  arguments: given,
  labFolder,
}: ProcessToStart): number {
  const log = openSync(join(labFolder, 'logs', `${name}.log`), 'a', 0o600);
  try {
    const child = spawn(process.execPath, [...execArgv, path, ...given], {
      detached: true,
      stdio: ['ignore', log, log],
      // Whoever started us may remove the folder they are in; ours stays, and the loader of TypeScript is found from it.
      cwd: dirname(path),
    });
    // A failed start is told by the process that never answers; its log is named then.
    child.on('error', () => undefined);
    child.unref();
    return child.pid ?? 0;
  } finally {
    closeSync(log);
  }
}

/**
 * What a process of that lab does; `gone` also when its pid now belongs to somebody else, which its command line tells: it must
 * hold the folder of the lab.
 */
export function stateOfProcess(pid: number, labFolder: string): 'runs' | 'stopped' | 'gone' {
  if (pid <= 0) return 'gone';
  const { state, command } = process.platform === 'linux' ? askProc(pid) : askPs(pid);
  if (!command.includes(labFolder) || !/rehearsal-(node|address)/.test(command)) return 'gone';
  if (state.startsWith('Z') || state.startsWith('X')) return 'gone';
  return state.startsWith('T') ? 'stopped' : 'runs';
}

function askProc(pid: number): { state: string; command: string } {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return { state: stat.slice(stat.lastIndexOf(')') + 2), command };
  } catch {
    return { state: '', command: '' };
  }
}

function askPs(pid: number): { state: string; command: string } {
  try {
    const line = execFileSync('ps', ['-o', 'state=,command=', '-ww', '-p', String(pid)], {
      encoding: 'utf8',
    }).trim();
    return { state: line, command: line };
  } catch {
    return { state: '', command: '' };
  }
}

/** Does nothing when it is not that process any more. */
export function signalProcess(
  pid: number,
  labFolder: string,
  signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT',
): void {
  if (stateOfProcess(pid, labFolder) === 'gone') return;
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
