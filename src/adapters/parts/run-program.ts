import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import type { Clock } from '../../ports/clock.ts';

/** How long a program that was asked to end may take to tidy up, before it is killed. */
const TIDY_MS = 10_000;

/** What is kept of the end of a program's output, for messages. */
const KEPT_LINES = 20;

export interface ProgramOptions {
  readonly cwd?: string;
  /** The whole environment; default is that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called for each line of either output, as it comes. */
  readonly onLine?: (line: string) => void;
  /** Lets other programs go first. Default false. */
  readonly background?: boolean;
  /**
   * What happens when the signal aborts or the limit passes. `kill`: it and its children are killed (default). `ask`: they get
   * SIGTERM and time to remove what they made, then are killed. `wait`: it is left to finish, because it would leave
   * something behind however it is ended.
   */
  readonly stop?: 'kill' | 'ask' | 'wait';
  /** How long it may take, from its start. Default: as long as it likes. */
  readonly limitMs?: number;
  readonly clock: Clock;
  /** File descriptor that takes standard output instead of the lines. */
  readonly stdout?: number;
}

export interface ProgramResult {
  /** 0 is success; undefined when it was ended by a signal or by its limit. */
  readonly code: number | undefined;
  /** The last lines of both outputs. */
  readonly lines: readonly string[];
}

/**
 * Runs a program in a session of its own, so that all that it starts can be ended with it.
 * @throws the error of `spawn` when it cannot be started (`ENOENT`: there is none); the signal's reason when it aborts, after
 * the program ended.
 */
export async function runProgram(
  file: string,
  argv: readonly string[],
  options: ProgramOptions,
  signal: AbortSignal,
): Promise<ProgramResult> {
  signal.throwIfAborted();
  const child = spawn(file, argv, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true,
    stdio: ['ignore', options.stdout ?? 'pipe', 'pipe'],
  });
  const timers: (() => void)[] = [];
  const end = (): void => {
    if (options.stop === 'wait') return;
    endGroup(child, options.stop === 'ask' ? 'SIGTERM' : 'SIGKILL');
    timers.push(options.clock.after(TIDY_MS, () => endGroup(child, 'SIGKILL')));
  };
  if (options.limitMs !== undefined) timers.push(options.clock.after(options.limitMs, end));
  signal.addEventListener('abort', end, { once: true });
  try {
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
        options.onLine?.(line);
      });
    }
    if (options.background === true) letOthersGoFirst(child);
    const code = await ended(child);
    signal.throwIfAborted();
    return { code, lines };
  } finally {
    for (const cancel of timers) cancel();
    signal.removeEventListener('abort', end);
  }
}

function ended(child: ChildProcess): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? undefined));
  });
}

function endGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended in this instant.
  }
}

function letOthersGoFirst(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It ended in this instant.
  }
}
