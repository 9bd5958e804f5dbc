import { fork, type ChildProcess } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kindOf, LONGEST_MS, type Kind } from './fuzz-case.ts';
import type { FuzzMessage } from './fuzz-worker.ts';

export interface FuzzSummary {
  cases: number;
  slowestMs: number;
  /** Which one that was. */
  slowestCase: number;
  mostMiB: number;
  /** By kind and code of the error. */
  readonly outcomes: Record<string, number>;
  readonly wrong: { readonly number: number; readonly kind: Kind; readonly says: string }[];
}

/** Far above the limit of a case, which the worker measures itself: only what never comes back gets here. */
const WATCH_MS = LONGEST_MS * 15;

/** Without a limit the collector lets the garbage of a thousand cases lie; with it, what is really needed decides. */
const HEAP = '--max-old-space-size=96';

const WORKER = fileURLToPath(new URL(`./fuzz-worker${extname(import.meta.url)}`, import.meta.url));

export const emptySummary = (): FuzzSummary => ({
  cases: 0,
  slowestMs: 0,
  slowestCase: -1,
  mostMiB: 0,
  outcomes: {},
  wrong: [],
});

/**
 * Runs the cases from `from` up to `to` in a process of their own. One that dies or hangs is a finding, and the next process goes
 * on behind it.
 */
export async function runBatch(from: number, to: number, summary: FuzzSummary): Promise<void> {
  let next = from;
  while (next < to) next = await runUntilItEnds(next, to, summary);
}

/** @returns the case to go on with. */
async function runUntilItEnds(from: number, to: number, summary: FuzzSummary): Promise<number> {
  const child = fork(WORKER, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [...process.execArgv, HEAP],
  });
  let at = from - 1;
  let done = false;
  let complaint = '';
  const find = (number: number, says: string): void => {
    summary.wrong.push({ number, kind: kindOf(number), says });
  };
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString('utf8')}`.slice(-600);
  });
  let watch = watchOver(child, () => find(at, `it never came back`));
  child.on('message', (message: FuzzMessage) => {
    clearTimeout(watch);
    if ('done' in message) {
      done = true;
      summary.mostMiB = Math.max(summary.mostMiB, message.mostMiB);
      return;
    }
    watch = watchOver(child, () => find(at, `it never came back`));
    if ('begun' in message) {
      at = message.begun;
      return;
    }
    const { kind, outcome, ms, wrong } = message.result;
    summary.cases += 1;
    if (ms > summary.slowestMs) [summary.slowestMs, summary.slowestCase] = [ms, message.number];
    const key = `${kind} ${outcome}`;
    summary.outcomes[key] = (summary.outcomes[key] ?? 0) + 1;
    for (const says of [...wrong, ...message.stray]) find(message.number, says);
  });
  child.send({ from, to });
  const ended = await new Promise<string>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? String(code))),
  );
  clearTimeout(watch);
  if (done) return to;
  if (at < from) throw new Error(`The worker did not start (${ended}): ${complaint}`);
  find(at, `the process ended with ${ended}: ${complaint}`);
  return at + 1;
}

function watchOver(child: ChildProcess, hung: () => void): NodeJS.Timeout {
  return setTimeout(() => {
    hung();
    child.kill('SIGKILL');
  }, WATCH_MS);
}
