import { spawn } from 'node:child_process';
import type { CommandOrder, CommandResult, RunCommand } from '../../ports/run-command.ts';

const DEFAULT_TIMEOUT_MS = 60_000;

/** More than that of one output is not kept: its end is what tells why something failed. */
const MOST_BYTES = 8 * 1024 * 1024;

/** Given between the request to end and the end by force. */
const POLITE_MS = 2000;

/** `environment` is added to that of every child, so that whose they are can be told later, also by another process. */
export function createRunCommand(environment: Readonly<Record<string, string>> = {}): RunCommand {
  return (order, signal) => runCommand(order, environment, signal);
}

function runCommand(
  order: CommandOrder,
  environment: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const child = spawn(order.program, [...order.arguments], {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment, ...order.environment },
    });
    const end = (kind: NodeJS.Signals): void => {
      try {
        // Its own session is its own group: what it started ends with it.
        if (child.pid !== undefined) process.kill(-child.pid, kind);
      } catch {
        // It has ended already.
      }
    };
    let force: NodeJS.Timeout | undefined;
    let timedOut = false;
    const stop = (): void => {
      end('SIGTERM');
      force ??= setTimeout(() => end('SIGKILL'), POLITE_MS);
    };
    const timer = setTimeout(() => {
      timedOut = true;
      stop();
    }, order.timeout?.ms ?? DEFAULT_TIMEOUT_MS);
    signal?.addEventListener('abort', stop, { once: true });
    const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => collect(stream, order.onLine));
    const settle = (code: number, says = ''): void => {
      clearTimeout(timer);
      clearTimeout(force);
      signal?.removeEventListener('abort', stop);
      if (signal?.aborted) reject(signal.reason as Error);
      else
        resolve({
          code: timedOut ? 124 : code,
          stdout: stdout?.() ?? '',
          stderr: `${stderr?.() ?? ''}${says}`,
        });
    };
    child.once('error', (error) => settle(127, error.message));
    child.once('close', (code, name) => settle(code ?? 128 + (name === 'SIGKILL' ? 9 : 15)));
    child.stdin.on('error', () => undefined);
    child.stdin.end(order.input ?? '');
  });
}

function collect(stream: NodeJS.ReadableStream, onLine?: (line: string) => void): () => string {
  let text = '';
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (part: string) => {
    text = (text + part).slice(-MOST_BYTES);
    if (onLine === undefined) return;
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  return () => text;
}
