import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { nanosecondsOf } from '../model/duration.ts';
import { describeError, HarnessError } from '../model/errors.ts';
import type { LiveProbe, Sample } from '../model/observation.ts';
import { isControl } from '../model/plan.ts';
import type { Clock } from '../ports/clock.ts';
import type { WireAccess, WireAssignment, WireConfiguration, WireRefresh } from '../ports/prober.ts';
import { ControlWatch } from './control-watch.ts';
import { createAsker } from './create-asker.ts';
import { LiveState } from './live-state.ts';
import { BEAT_NS, LoopWatch } from './loop-watch.ts';
import { ProbeLine, type Asker } from './probe-line.ts';
import { SEGMENT_VERSION } from './segment-format.ts';
import { SegmentWriter } from './segment-writer.ts';

/** From the start to the first planned sample, so that all is set up by then: something for the thread, and for each probe. */
const LEAD_NS = 20e6;
const LEAD_PER_PROBE_NS = 2e6;

export interface ProberPorts {
  readonly clock: Clock;
  /** The first sample is planned for `atNs`. */
  readonly onStarted: (atNs: number) => void;
  /** The state of every probe, once for each batch. */
  readonly onLive: (states: readonly LiveProbe[]) => void;
  /** Hands over what is to be called with renewed credentials. */
  readonly onRefresh: (listener: (access: readonly WireRefresh[]) => void) => void;
  /** The port of a control target on this host, once it listens; absent or rejected: there is none. */
  readonly control?: Promise<number>;
}

/**
 * Probes until the signal aborts, then waits for what is in flight, closes its segments and resolves. Probes of one period are
 * spread over it, so that they do not all send at one moment. It shares its thread with nothing else.
 * @throws SQ_RUN_FOLDER when the samples cannot be kept.
 */
export async function runProber(
  configuration: WireConfiguration,
  ports: ProberPorts,
  signal: AbortSignal,
): Promise<void> {
  const engine = new ProberEngine(configuration, ports);
  try {
    await engine.open();
    await engine.run(signal);
  } finally {
    await engine.close();
  }
}

interface Lane {
  readonly assignment: WireAssignment;
  readonly asker: Asker<WireAccess>;
  readonly line: ProbeLine;
  readonly live: LiveState;
  readonly writer: SegmentWriter;
  /** Answered since the last batch. */
  batch: Sample[];
}

class ProberEngine {
  readonly #configuration: WireConfiguration;
  readonly #ports: ProberPorts;
  readonly #lanes: readonly Lane[];
  readonly #watch: LoopWatch;
  readonly #control: ControlWatch;
  #writingStalls: Promise<void> = Promise.resolve();
  #trouble: unknown;
  #endNs = Number.POSITIVE_INFINITY;
  #expiring = false;
  #cancels = new Map<string, () => void>();

  constructor(configuration: WireConfiguration, ports: ProberPorts) {
    this.#configuration = configuration;
    this.#ports = ports;
    const { probes, stallLimit } = configuration;
    const startNs = this.#now() + LEAD_NS + LEAD_PER_PROBE_NS * probes.length;
    const watching = {
      clock: ports.clock.id,
      stallLimitNs: nanosecondsOf(stallLimit),
      keepNs: 4 * Math.max(1e9, ...probes.map(({ spec }) => nanosecondsOf(spec.timeout))),
    };
    this.#watch = new LoopWatch({ ...watching, startNs: this.#now() });
    this.#control = new ControlWatch({ ...watching, now: () => this.#now() });
    this.#lanes = probes.map((assignment, index) => {
      const share = Math.round((nanosecondsOf(assignment.spec.every) * index) / probes.length);
      return this.#createLane(assignment, startNs + share);
    });
  }

  async open(): Promise<void> {
    const { folder } = this.#configuration;
    this.#beat();
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      throw cannotWrite(folder, error);
    }
    for (const lane of this.#lanes) await lane.writer.open();
    this.#ports.control?.then(
      (port) => this.#control.open(port),
      () => undefined,
    );
    this.#ports.onRefresh((renewed) => {
      for (const { probe, access } of renewed) {
        this.#lanes.find(({ assignment }) => assignment.spec.name === probe)?.asker.refresh(access);
      }
    });
    this.#ports.onStarted(Math.min(...this.#lanes.map(({ line }) => line.dueNs())));
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#flushAndGoOn();
    const ended = new Promise<void>((resolve) => {
      const visit = (): void => {
        this.#visit();
        if (signal.aborted && this.#lanes.every(({ line }) => line.inFlight === 0)) resolve();
        else this.#again('visit', this.#untilDueMs(), visit);
      };
      const end = (): void => {
        this.#endNs = this.#now();
        for (const { line } of this.#lanes) line.end(this.#endNs);
        visit();
      };
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
      visit();
    });
    await ended;
  }

  async close(): Promise<void> {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
    this.#flush();
    this.#control.close();
    await this.#writingStalls;
    const endNs = Math.min(this.#endNs, this.#now());
    const results = await Promise.allSettled(
      this.#lanes.flatMap(({ writer, asker }) => [writer.close(endNs), asker.close()]),
    );
    const refused = results.find((result) => result.status === 'rejected');
    if (refused !== undefined) throw refused.reason;
    if (this.#trouble !== undefined) throw cannotWrite(this.#configuration.folder, this.#trouble);
  }

  #createLane(assignment: WireAssignment, startNs: number): Lane {
    const { spec } = assignment;
    const [periodNs, timeoutNs] = [nanosecondsOf(spec.every), nanosecondsOf(spec.timeout)];
    const { folder, vantage, maxInFlight, flushEvery } = this.#configuration;
    const { clock } = this.#ports;
    const asker = createAsker(assignment, clock);
    const live = new LiveState({
      probe: spec.name,
      // Its controls say what became of our own pods, and speak for nobody.
      ...(spec.part === undefined || isControl(spec.part) ? {} : { partOf: spec.part.of }),
      startNs,
      periodNs,
      timeoutNs,
      flushNs: nanosecondsOf(flushEvery),
    });
    const lane: Lane = {
      assignment,
      asker,
      live,
      batch: [],
      writer: new SegmentWriter(folder, {
        version: SEGMENT_VERSION,
        probe: spec,
        vantage: spec.part?.from ?? vantage,
        clock: clock.id,
        startNs,
        periodNs,
      }),
      line: new ProbeLine({
        startNs,
        periodNs,
        timeoutNs,
        maxInFlight,
        asker,
        now: () => this.#now(),
        lostBetween: (fromNs, toNs) => this.#lostBetween(fromNs, toNs),
        record: (sample) => {
          lane.batch.push(sample);
          live.accept(sample);
        },
      }),
    };
    return lane;
  }

  #visit(): void {
    for (const { line } of this.#lanes) line.sendDue();
    const nowNs = this.#now();
    if (this.#expiring || !this.#lanes.some(({ line }) => line.hasOverdue(nowNs))) return;
    this.#expiring = true;
    // Behind the poll of the event loop: an answer that waits in a socket is heard before its sample is given up.
    setImmediate(() => {
      this.#expiring = false;
      for (const { line } of this.#lanes) line.expire();
    });
  }

  #untilDueMs(): number {
    const dueNs = Math.min(...this.#lanes.map(({ line }) => line.dueNs()));
    return Math.max(1, Math.min(1000, Math.ceil((dueNs - this.#now()) / 1e6)));
  }

  #beat(): void {
    this.#watch.beat(this.#now());
    this.#control.ask();
    this.#again('beat', BEAT_NS / 1e6, () => this.#beat());
  }

  #flushAndGoOn(): void {
    this.#flush();
    this.#ports.onLive(this.#lanes.map(({ live }) => live.snapshot()));
    this.#again('flush', this.#configuration.flushEvery.ms, () => this.#flushAndGoOn());
  }

  #flush(): void {
    // A stall that this very moment ends must be known before its samples are written.
    this.#watch.beat(this.#now());
    this.#writeStalls();
    for (const lane of this.#lanes) {
      if (lane.batch.length === 0) continue;
      const { batch } = lane;
      lane.batch = [];
      lane.writer.write(batch.map((sample) => this.#marked(sample)));
    }
  }

  #marked(sample: Sample): Sample {
    const { plannedNs, completedNs } = sample;
    const stalled =
      this.#watch.stalledBetween(plannedNs, completedNs) ||
      (this.#control.watch?.stalledBetween(plannedNs, completedNs) ?? false);
    return stalled ? { ...sample, impaired: true } : sample;
  }

  /** What this thread lost, or what the control target lost, whichever was more: both may be one and the same time. */
  #lostBetween(fromNs: number, toNs: number): number {
    return Math.max(
      this.#watch.lostBetween(fromNs, toNs),
      this.#control.watch?.lostBetween(fromNs, toNs) ?? 0,
    );
  }

  #writeStalls(): void {
    const stalls = [...this.#watch.takeStalls(), ...(this.#control.watch?.takeStalls() ?? [])];
    if (stalls.length === 0) return;
    const lines = stalls.map((stall) => `${JSON.stringify(stall)}\n`).join('');
    this.#writingStalls = this.#writingStalls
      .then(() => appendFile(join(this.#configuration.folder, 'stalls.ndjson'), lines))
      .catch((error: unknown) => {
        this.#trouble ??= error;
      });
  }

  #again(name: string, ms: number, act: () => void): void {
    this.#cancels.get(name)?.();
    this.#cancels.set(name, this.#ports.clock.after(ms, act));
  }

  #now(): number {
    return this.#ports.clock.now().ns;
  }
}

function cannotWrite(folder: string, error: unknown): HarnessError {
  return new HarnessError(
    'SQ_RUN_FOLDER',
    `Samples cannot be written to ${folder}: ${describeError(error)}.`,
    {
      cause: error,
    },
  );
}
