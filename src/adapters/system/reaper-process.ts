import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { HarnessError } from '../../model/errors.ts';
import type { Reaper, ReaperLauncher } from '../../ports/reaper.ts';
import type { EntryPath } from './entry-path.ts';

export interface ReaperLauncherOptions {
  readonly entryPath: (name: 'reaper') => EntryPath;
  /** Default: our own. */
  readonly environment?: NodeJS.ProcessEnv;
  /** How long it may take to say that it is ready, in milliseconds. Default 15 s. */
  readonly patienceMs?: number;
}

/**
 * Starts reapers as processes in a session of their own: no signal of the terminal reaches them, and they go on when we are
 * killed. Once one is ready, nothing of ours is kept open for it.
 */
export function createReaperLauncher({
  entryPath,
  environment,
  patienceMs = 15_000,
}: ReaperLauncherOptions): ReaperLauncher {
  const launched: ChildProcess[] = [];
  return {
    async launch({ run, lab, connection }): Promise<Reaper> {
      const entry = entryPath('reaper');
      const given = [
        ...['--run', run, '--lab', lab, '--harness', String(process.pid)],
        ...(connection?.kubeconfig === undefined ? [] : ['--kubeconfig', connection.kubeconfig]),
        ...(connection?.context === undefined ? [] : ['--context', connection.context]),
      ];
      const child = fork(entry.path, given, {
        detached: true,
        execArgv: [...entry.execArgv],
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        ...(environment === undefined ? {} : { env: environment }),
      });
      await untilReady(child, patienceMs);
      launched.push(child);
      if (child.connected) child.disconnect();
      child.unref();
      return reaperOver(child);
    },
    async left(patience): Promise<boolean> {
      const over = new AbortController();
      // Holds this process too, which the children do not.
      const timer = setTimeout(() => over.abort(), patience.ms);
      const { signal } = over;
      await Promise.all(
        launched.filter(isRunning).map((child) => once(child, 'exit', { signal }).catch(() => undefined)),
      );
      clearTimeout(timer);
      return !launched.some(isRunning);
    },
  };
}

function reaperOver(child: ChildProcess): Reaper {
  return { pid: child.pid ?? 0, alive: () => isRunning(child) };
}

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode === null && signalCode === null;

/** @throws SQ_INJECT_FAILED with what the reaper said */
async function untilReady(child: ChildProcess, patienceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string): void => {
        reject(new HarnessError('SQ_INJECT_FAILED', `The reaper did not start: ${why}.`));
      };
      timer = setTimeout(() => fail(`it said nothing for ${patienceMs} ms`), patienceMs);
      child.once('error', (error) => fail(error.message));
      child.once('exit', (code, signal) => fail(`it ended with ${signal ?? `code ${code ?? '?'}`}`));
      child.on('message', (message) => {
        if (isSaying(message, 'ready')) resolve();
        else if (isSaying(message, 'failed')) fail(String((message as { says?: unknown }).says));
      });
    });
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
    child.removeAllListeners('message');
  }
}

function isSaying(message: unknown, kind: string): boolean {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === kind;
}
