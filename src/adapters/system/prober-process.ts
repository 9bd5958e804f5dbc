import { fork, type ChildProcess } from 'node:child_process';
import { describeError, ERROR_CATALOGUE, HarnessError, type ErrorCode } from '../../model/errors.ts';
import type { LiveProbe } from '../../model/observation.ts';
import type { ApiAccess } from '../../ports/api-client.ts';
import type { Clock } from '../../ports/clock.ts';
import {
  wireAccess,
  type FromProber,
  type Prober,
  type ProberConfiguration,
  type ProberLauncher,
  type ToProber,
  type WireConfiguration,
} from '../../ports/prober.ts';
import type { EntryName, EntryPath } from './entry-path.ts';

/** How long a prober may take to start. */
const START_WITHIN_MS = 20_000;

/** How long it may take to stop, beyond the longest time that a sample in flight may still need. */
const STOP_WITHIN_MS = 10_000;

/** A sample is given up at three times its timeout at the latest, even where the prober was blocked. */
const LONGEST_SAMPLE = 3;

export interface ProberProcessOptions {
  readonly entryPath: (name: EntryName) => EntryPath;
  readonly clock: Clock;
}

/**
 * Probers as processes of their own: whenever we start a program, the kernel holds the memory of our whole process, and a thread in
 * it would stand still meanwhile. One that dies is known by `lost`, and by `stop`, which then rejects; its probes turn stale and count
 * as unseen. It ends by itself when we do.
 */
export function createProberLauncher({ entryPath, clock }: ProberProcessOptions): ProberLauncher {
  return {
    async launch(configuration: ProberConfiguration): Promise<Prober> {
      const entry = entryPath('prober');
      const child = fork(entry.path, [], {
        // The secrets of the probes go over this way alone.
        detached: true,
        // Helpers of the collector run as anybody does, and a thread in real time would wait for them on a full machine.
        execArgv: ['--single-threaded-gc', ...entry.execArgv],
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      const prober = new ProberProcess(child, clock, stopLimitMs(configuration));
      child.send({ kind: 'start', configuration: toWire(configuration) }, () => undefined);
      await prober.started();
      return prober;
    },
  };
}

/** The configuration as plain data, with secrets revealed: for the prober only, never for a file. */
export function toWire(configuration: ProberConfiguration): WireConfiguration {
  return {
    ...configuration,
    probes: configuration.probes.map((probe) => ({ ...probe, access: wireAccess(probe.access) })),
  };
}

function stopLimitMs({ probes }: ProberConfiguration): number {
  return STOP_WITHIN_MS + LONGEST_SAMPLE * Math.max(0, ...probes.map(({ spec }) => spec.timeout.ms));
}

class ProberProcess implements Prober {
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #stopLimitMs: number;
  readonly #listeners: ((states: readonly LiveProbe[]) => void)[] = [];
  readonly #begun: Promise<void>;
  readonly #ended: Promise<void>;
  readonly #lost = new AbortController();
  #asked = false;
  #stopped = false;
  #broken: HarnessError | undefined;

  constructor(child: ChildProcess, clock: Clock, stopLimit: number) {
    this.#child = child;
    this.#clock = clock;
    this.#stopLimitMs = stopLimit;
    this.#begun = new Promise((resolve) => {
      child.on('message', (message: FromProber) => {
        if (message.kind === 'started') resolve();
        else this.#heard(message);
      });
    });
    child.on('error', (error) => {
      this.#broken ??= new HarnessError('SQ_INTERNAL', `The prober failed: ${describeError(error)}.`, {
        cause: error,
      });
      this.#lose();
    });
    this.#ended = new Promise((resolve) => {
      child.once('exit', () => {
        this.#lose();
        resolve();
      });
    });
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async started(): Promise<void> {
    const first = await this.#within(
      START_WITHIN_MS,
      this.#begun.then(() => 'begun' as const),
    );
    if (first === 'begun') return;
    await this.#end();
    throw this.#broken ?? new HarnessError('SQ_INTERNAL', `The prober did not start (${first}).`);
  }

  onLive(listener: (states: readonly LiveProbe[]) => void): void {
    this.#listeners.push(listener);
  }

  refresh(access: readonly { readonly probe: string; readonly access: ApiAccess }[]): void {
    this.#tell({
      kind: 'refresh',
      access: access.map((one) => ({ probe: one.probe, access: wireAccess(one.access) })),
    });
  }

  async stop(): Promise<void> {
    this.#asked = true;
    this.#tell({ kind: 'stop' });
    const how = await this.#within(this.#stopLimitMs);
    await this.#end();
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#stopped) return;
    const says = how === 'late' ? 'did not stop when it was asked to' : 'ended before it was asked to';
    throw new HarnessError('SQ_INTERNAL', `The prober ${says}; its last samples may be missing.`);
  }

  async #end(): Promise<void> {
    // It never started where it has no number.
    if (this.#child.pid === undefined) return;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #heard(message: FromProber): void {
    if (message.kind === 'live') for (const listener of this.#listeners) listener(message.states);
    else if (message.kind === 'stopped') this.#stopped = true;
    else if (message.kind === 'broken') {
      this.#broken = new HarnessError(knownCode(message.code), message.says);
      this.#lose();
    }
  }

  #lose(): void {
    if (this.#asked) return;
    this.#lost.abort(
      this.#broken ?? new HarnessError('SQ_INTERNAL', 'The prober ended before it was asked to.'),
    );
  }

  #tell(message: ToProber): void {
    // One that has ended hears nothing any more; `stop` says so.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** Whichever comes first: `other`, the end of the process, or the limit. */
  async #within<T extends string>(ms: number, other?: Promise<T>): Promise<T | 'ended' | 'late'> {
    let cancel = (): void => undefined;
    const late = new Promise<'late'>((resolve) => {
      cancel = this.#clock.after(ms, () => resolve('late'));
    });
    const ended = this.#ended.then(() => 'ended' as const);
    try {
      return await Promise.race(other === undefined ? [ended, late] : [other, ended, late]);
    } finally {
      cancel();
    }
  }
}

function knownCode(code: string): ErrorCode {
  return Object.hasOwn(ERROR_CATALOGUE, code) ? (code as ErrorCode) : 'SQ_INTERNAL';
}
