import type { FailurePhase, HarnessCause, Sample } from '../model/observation.ts';
import { BEAT_NS } from './loop-watch.ts';

/** A question that was asked and has no answer yet. */
export interface Asking {
  /** Stops waiting, and says how far it had come. */
  giveUp(): FailurePhase;
}

/** Asks the question of one probe once, without retrying, and calls `finish` of the attempt exactly when the answer is there. */
export interface Asker<Access> {
  ask(attempt: Attempt): Asking;
  /** Renewed credentials for all that is asked from now on. */
  refresh(access: Access): void;
  /** What a silence, or an answer that comes too late, says. Absent: that what was asked failed. */
  readonly silence?: 'vantage';
  /** Ends all that is open, and tidies up what failed samples may have left. */
  close(): Promise<void>;
}

/** One sample under way. */
export interface Attempt {
  readonly n: number;
  /** The body of the last answer, before `finish`; only of an asker that was told to keep it. */
  heard?(body: Buffer): void;
  /** In place of `finish`: who was to ask for us was not there. Absent: it is `finish` with trouble of ours. */
  away?(): void;
  /** @param failure absent: the answer was good. @param status HTTP status, or 0 where there was none. */
  finish(failure: FailurePhase | undefined, status: number): void;
}

export interface ProbeLineOptions {
  readonly startNs: number;
  readonly periodNs: number;
  readonly timeoutNs: number;
  readonly maxInFlight: number;
  readonly asker: Pick<Asker<never>, 'ask' | 'silence'>;
  /** Now, on the clock of `startNs`. */
  readonly now: () => number;
  /** How much of a stretch the harness's own thread may have lost. */
  readonly lostBetween: (fromNs: number, toNs: number) => number;
  readonly record: (sample: Sample) => void;
}

/** Late samples that leave at one visit, so that catching up after a stall is no flood. */
const CATCH_UP = 4;

/** Samples too late to be sent that are written off at one visit. */
const WRITE_OFF = 10_000;

/** Phases in which a failure can come after a good answer that nobody read. */
const LATER_NEWS: ReadonlySet<FailurePhase> = new Set(['tls', 'send', 'wait', 'body']);

/** A thread that was blocked has read all that lies there within so long: two beats, for the one that tells of it may be late too. */
const READ_WITHIN_NS = 2 * BEAT_NS;

/** A visit at most this often, which is what timers can do. */
const VISIT_NS = 1e6;

/**
 * The open loop of one probe. Sample n is planned at `startNs + n x period`, whatever became of the samples before it.
 *
 * - A sample that is late is still sent, and recorded with the time at which it was; at most `CATCH_UP` leave at one visit.
 * - A sample that is later than its own timeout is not sent, and neither is one for which there is no room in flight: both are
 *   `unknown` in the phase `harness`.
 * - The timeout counts from the planned instant. What the harness itself lost since then (lateness, blocked thread) is given
 *   back before a silence is called a failure; a good answer within that grace is `unknown`, for it may have come in time.
 * - A connection that broke while the harness did not listen is `unknown` too: the answer may have been there before.
 */
export class ProbeLine {
  readonly #options: ProbeLineOptions;
  readonly #inFlight = new Set<Flight>();
  readonly #burst: number;
  #next = 0;
  /** How long good answers take: the longest, forgotten little by little. */
  #usualNs = 0;
  #endNs = Number.POSITIVE_INFINITY;

  constructor(options: ProbeLineOptions) {
    this.#options = options;
    this.#burst = Math.ceil(CATCH_UP * Math.max(1, VISIT_NS / options.periodNs));
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** When it wants to be visited next: a sample is due, or the oldest in flight is out of time. */
  dueNs(): number {
    const planned = this.#plannedNs(this.#next);
    const [oldest] = this.#inFlight;
    const sending = planned > this.#endNs ? Number.POSITIVE_INFINITY : planned;
    return Math.min(
      sending,
      oldest === undefined ? Number.POSITIVE_INFINITY : oldest.plannedNs + this.#options.timeoutNs,
    );
  }

  /** Plans nothing after `endNs`. */
  end(endNs: number): void {
    this.#endNs = Math.min(this.#endNs, endNs);
  }

  /** Sends what is due. */
  sendDue(): void {
    const { now, asker, timeoutNs, maxInFlight } = this.#options;
    let sent = 0;
    for (let visited = 0; visited < WRITE_OFF && sent < this.#burst; visited++) {
      const plannedNs = this.#plannedNs(this.#next);
      const nowNs = now();
      if (plannedNs > nowNs || plannedNs > this.#endNs) return;
      const flight = new Flight(this, this.#next, plannedNs, nowNs);
      this.#next += 1;
      if (nowNs - plannedNs > timeoutNs || this.#inFlight.size >= maxInFlight) {
        this.#recordOurs(flight, nowNs, nowNs - plannedNs > timeoutNs ? 'too-late' : 'no-room', 0);
        continue;
      }
      sent += 1;
      this.#inFlight.add(flight);
      flight.asking = asker.ask(flight);
    }
  }

  /** True when some sample is past its timeout, so that `expire` is worth a call. */
  hasOverdue(nowNs: number): boolean {
    const [oldest] = this.#inFlight;
    return oldest !== undefined && oldest.plannedNs + this.#options.timeoutNs <= nowNs;
  }

  /**
   * Gives up what is out of time. To be called after the event loop has polled its sockets, so that an answer that was there
   * already is heard first.
   */
  expire(): void {
    const { timeoutNs } = this.#options;
    const nowNs = this.#options.now();
    for (const flight of this.#inFlight) {
      const deadlineNs = flight.plannedNs + timeoutNs;
      if (deadlineNs > nowNs) return;
      if (nowNs < deadlineNs + this.#graceNs(flight, nowNs)) {
        if (nowNs < deadlineNs + 2 * timeoutNs) continue;
        // The harness has lost more time than three samples take: nothing can be said any more.
        this.#giveUp(flight);
        this.#recordOurs(flight, nowNs, 'lost', 0);
      } else {
        this.#recordSilence(flight, nowNs, this.#giveUp(flight), 0);
      }
    }
  }

  /** For `Flight` only: an answer is there. */
  answered(flight: Flight, failure: FailurePhase | undefined, status: number): void {
    if (!this.#inFlight.has(flight)) return;
    const nowNs = this.#options.now();
    const overNs = nowNs - flight.plannedNs - this.#options.timeoutNs;
    this.#inFlight.delete(flight);
    if (failure === 'harness') this.#recordOurs(flight, nowNs, 'resources', status);
    else if (failure !== undefined && this.#mayHaveMissedIt(flight, failure, nowNs))
      this.#recordOurs(flight, nowNs, 'heard-late', status);
    else if (failure !== undefined) this.#recordFailed(flight, nowNs, failure, status);
    else if (overNs <= 0) this.#recordGood(flight, nowNs, status);
    else if (overNs <= this.#graceNs(flight, nowNs)) this.#recordOurs(flight, nowNs, 'heard-late', status);
    else this.#recordSilence(flight, nowNs, 'wait', status);
  }

  /** For `Flight` only: who was to ask was not there. */
  unheard(flight: Flight): void {
    if (!this.#inFlight.delete(flight)) return;
    this.#recordOurs(flight, this.#options.now(), 'vantage', 0);
  }

  /**
   * A connection that is reset takes an answer along that arrived before and was not read yet. Where we were not there to read
   * just before, and else for no longer than answers take, the failure may be later news than the answer.
   */
  #mayHaveMissedIt({ sentNs }: Flight, failure: FailurePhase, nowNs: number): boolean {
    if (!LATER_NEWS.has(failure)) return false;
    const { lostBetween } = this.#options;
    // What lies there when a blocked thread goes on is read at once: a loss long before the failure hid nothing from us.
    if (lostBetween(Math.max(sentNs, nowNs - READ_WITHIN_NS), nowNs) === 0) return false;
    // Where in a late beat the thread was blocked is not known, so a beat may be lost beside what surely was.
    return nowNs - sentNs - lostBetween(sentNs, nowNs) < 2 * this.#usualNs + BEAT_NS;
  }

  #plannedNs(n: number): number {
    return this.#options.startNs + n * this.#options.periodNs;
  }

  #graceNs(flight: Flight, nowNs: number): number {
    return flight.sentNs - flight.plannedNs + this.#options.lostBetween(flight.sentNs, nowNs);
  }

  #giveUp(flight: Flight): FailurePhase {
    // Taken out first: giving up makes the transport report an error, which must not be a second result.
    this.#inFlight.delete(flight);
    return flight.asking?.giveUp() ?? 'connect';
  }

  #recordGood({ n, plannedNs, sentNs }: Flight, completedNs: number, status: number): void {
    this.#usualNs = Math.max(completedNs - sentNs, this.#usualNs * 0.98);
    this.#options.record({ n, plannedNs, sentNs, completedNs, outcome: 'ok', impaired: false, status });
  }

  #recordSilence(flight: Flight, nowNs: number, reached: FailurePhase, status: number): void {
    if (this.#options.asker.silence === 'vantage') this.#recordOurs(flight, nowNs, 'vantage', status);
    else this.#recordFailed(flight, nowNs, reached, status);
  }

  #recordFailed(flight: Flight, completedNs: number, phase: FailurePhase, status: number): void {
    const { n, plannedNs, sentNs } = flight;
    this.#options.record({
      n,
      plannedNs,
      sentNs,
      completedNs,
      outcome: 'failed',
      impaired: false,
      status,
      phase,
    });
  }

  #recordOurs(flight: Flight, completedNs: number, cause: HarnessCause, status: number): void {
    const { n, plannedNs, sentNs } = flight;
    const outcome = 'unknown';
    this.#options.record({
      n,
      plannedNs,
      sentNs,
      completedNs,
      outcome,
      impaired: false,
      status,
      phase: 'harness',
      cause,
    });
  }
}

class Flight implements Attempt {
  readonly n: number;
  readonly plannedNs: number;
  readonly sentNs: number;
  asking: Asking | undefined;
  readonly #line: ProbeLine;

  constructor(line: ProbeLine, n: number, plannedNs: number, sentNs: number) {
    this.#line = line;
    this.n = n;
    this.plannedNs = plannedNs;
    this.sentNs = sentNs;
  }

  away(): void {
    this.#line.unheard(this);
  }

  finish(failure: FailurePhase | undefined, status: number): void {
    this.#line.answered(this, failure, status);
  }
}
