import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { entryPath } from '../../src/adapters/system/entry-path.ts';
import { createProberLauncher } from '../../src/adapters/system/prober-process.ts';
import { RunFolderOnDisk } from '../../src/adapters/system/run-folder-on-disk.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { milliseconds } from '../../src/model/duration.ts';
import type { ProbeAssignment } from '../../src/ports/prober.ts';
import type { FromTargets, TargetsOrder, TrueOutage } from './targets.ts';

export const TARGETS = 8;

/** These many of the targets are asked over connections that stay open, the others over a new one each time. */
const REUSED = 6;

const PERIOD_MS = 10;
const TIMEOUT_MS = 1000;

export interface RoundOrder {
  readonly folder: string;
  readonly seed: string;
  readonly outagesEach: number;
  /** Requests in flight for one probe; 1 makes the loop a closed one. */
  readonly maxInFlight: number;
  /** Others that look at the same targets at the same time; resolves once they do. */
  readonly beside?: (ports: readonly number[]) => Promise<Beside>;
}

export interface Beside {
  /** The last outage is over: they end in their own way, and keep what they saw. */
  finish(): Promise<void>;
}

/** `truth.json` of a round: what each target did. */
export type Truth = readonly (readonly TrueOutage[])[];

/** One round: eight targets in a process of their own, the real prober in its thread. It leaves samples and truth in its folder. */
export async function measureRound({
  folder,
  seed,
  outagesEach,
  maxInFlight,
  beside,
}: RoundOrder): Promise<void> {
  const clock = createSystemClock();
  const order: TargetsOrder = { seed, targets: TARGETS, outagesEach };
  const compiled = import.meta.url.endsWith('.js');
  const child = fork(
    fileURLToPath(new URL(compiled ? './targets.js' : './targets.ts', import.meta.url)),
    [JSON.stringify(order)],
    { execArgv: compiled ? [] : ['--import', 'tsx'] },
  );
  const heard = <K extends FromTargets['kind']>(kind: K): Promise<Extract<FromTargets, { kind: K }>> =>
    new Promise((resolve, reject) => {
      child.on('message', (message: FromTargets) => {
        if (message.kind === kind) resolve(message as Extract<FromTargets, { kind: K }>);
      });
      child.once('exit', (code) => reject(new Error(`The targets ended with ${String(code)}.`)));
    });
  try {
    const { ports } = await heard('listening');
    const prober = await createProberLauncher({ entryPath, clock }).launch({
      folder: `${folder}/samples/host`,
      vantage: 'host',
      probes: ports.map(assignmentOf),
      maxInFlight,
      stallLimit: milliseconds(50),
      flushEvery: milliseconds(500),
    });
    const others = await beside?.(ports);
    try {
      const done = heard('done');
      done.catch(() => undefined);
      await clock.sleep(milliseconds(500));
      child.send('begin');
      const { truth } = await done;
      await clock.sleep(milliseconds(500));
      await prober.stop();
      await others?.finish();
      // Last: a round without it was cut short, and is measured anew.
      await new RunFolderOnDisk(folder).write('truth.json', truth);
    } catch (error) {
      await prober.stop().catch(() => undefined);
      await others?.finish().catch(() => undefined);
      throw error;
    }
  } finally {
    if (child.connected) child.send('end');
    await new Promise((resolve) => {
      if (child.exitCode !== null) resolve(undefined);
      else child.once('exit', resolve);
    });
  }
}

function assignmentOf(port: number, index: number): ProbeAssignment {
  return {
    spec: {
      name: `target-${index}`,
      probe: 'http',
      endpoint: `target-${index}`,
      every: milliseconds(PERIOD_MS),
      timeout: milliseconds(TIMEOUT_MS),
      connection: index < REUSED ? 'reused' : 'new',
      vantage: 'host',
      parameters: {},
    },
    question: { kind: 'http', ask: { method: 'GET', path: '/', headers: {}, expect: [200] } },
    access: { url: `http://127.0.0.1:${port}`, headers: {}, verify: true },
  };
}
