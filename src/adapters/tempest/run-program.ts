import { spawn } from 'node:child_process';
import type { Clock } from '../../ports/clock.ts';

/**
 * Runs the `tempest` command inside its workspace. Its standard input is a lifeline: it ends when Squall is gone, however that
 * went, and then the credentials are removed and everything that was started here is ended.
 */
const GUARD = `
import os, shutil, signal, sys, threading

def watch(workspace=os.getcwd()):
    while os.read(0, 1):
        pass
    shutil.rmtree(workspace, ignore_errors=True)
    os.killpg(os.getpgrp(), signal.SIGKILL)

threading.Thread(target=watch, daemon=True).start()
if not os.path.isdir('.stestr'):
    from stestr.repository import util
    util.get_repo_initialise()
from tempest.cmd import main
code = main.main(sys.argv[1:])
sys.stdout.flush()
os._exit(code or 0)
`;

/** The end of what it says beside its results. */
const LAST_WORDS = 8000;

/** Given between the request to end and the end by force. */
const POLITE_MS = 3000;

/** Of the user's variables, those that would speak to Tempest, stestr or Python, and those that hold credentials. */
const NOT_HANDED_ON = /^(OS_|TEMPEST|STESTR|PYTHON|VIRTUAL_ENV)/;

export interface ProgramOrder {
  readonly python: string;
  readonly workspace: string;
  readonly arguments: readonly string[];
  readonly clock: Pick<Clock, 'after'>;
  /** Of this process; what concerns Tempest is left out. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Seconds that one test may take. */
  readonly testTimeoutSeconds?: number;
  readonly onBytes: (bytes: Uint8Array) => void;
}

export interface ProgramEnd {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** What it said last, with whatever it knows in it: not for any output as it is. */
  readonly says: string;
}

/** Runs it to its end; never throws. Ends it, and all that it started, when the signal aborts. */
export function runProgram(order: ProgramOrder, signal: AbortSignal): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const child = spawn(order.python, ['-c', GUARD, ...order.arguments], {
      cwd: order.workspace,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: environmentOf(order),
    });
    const end = (kind: NodeJS.Signals): void => {
      try {
        // A session of its own is a group of its own: its workers end with it.
        if (child.pid !== undefined) process.kill(-child.pid, kind);
      } catch {
        // It has ended already.
      }
    };
    let cancel = (): void => undefined;
    const stop = (): void => {
      end('SIGTERM');
      cancel = order.clock.after(POLITE_MS, () => end('SIGKILL'));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    let says = '';
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', order.onBytes);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      says = (says + text).slice(-LAST_WORDS);
    });
    const settle = (code: number | null, name: string | null): void => {
      cancel();
      signal.removeEventListener('abort', stop);
      resolve({ code, signal: name, says });
    };
    // Workers that outlive the program would hold its output open for ever.
    child.once('exit', () => end('SIGKILL'));
    child.once('error', (error) => {
      says += error.message;
      settle(127, null);
    });
    child.once('close', settle);
  });
}

function environmentOf({ environment, testTimeoutSeconds }: ProgramOrder): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !NOT_HANDED_ON.test(name));
  return {
    ...Object.fromEntries(kept),
    ...(testTimeoutSeconds === undefined ? {} : { OS_TEST_TIMEOUT: String(testTimeoutSeconds) }),
  };
}
