import type { Stall } from '../model/observation.ts';

/** The thread shows that it runs this often. */
export const BEAT_NS = 10e6;

/** Lateness of a beat that is only the grain of timers. */
const GRAIN_NS = 2e6;

interface Loss {
  readonly fromNs: number;
  readonly toNs: number;
  readonly lostNs: number;
}

/**
 * The prober's own event loop, watched: each beat that comes late is time in which the thread could neither send nor hear. Where
 * in a late stretch the thread was blocked is not known, so the whole stretch counts as a stall.
 */
export class LoopWatch {
  readonly #stallLimitNs: number;
  readonly #keepNs: number;
  #lastBeatNs: number;
  #losses: Loss[] = [];
  #stalls: Stall[] = [];
  #fresh: Stall[] = [];
  readonly #clock: string;
  readonly #by: 'loop' | 'control';

  /**
   * @param keepNs how far back it is asked: what was before that is forgotten.
   * @param by whose beats these are, for the record; default `loop`.
   */
  constructor(options: {
    clock: string;
    startNs: number;
    stallLimitNs: number;
    keepNs: number;
    by?: 'loop' | 'control';
  }) {
    this.#clock = options.clock;
    this.#by = options.by ?? 'loop';
    this.#stallLimitNs = options.stallLimitNs;
    this.#keepNs = options.keepNs;
    this.#lastBeatNs = options.startNs;
  }

  /** The thread runs now; called at least every `BEAT_NS` as long as nothing blocks it. */
  beat(nowNs: number): void {
    const lostNs = nowNs - this.#lastBeatNs - BEAT_NS;
    if (lostNs > GRAIN_NS) {
      this.#losses.push({ fromNs: this.#lastBeatNs, toNs: nowNs, lostNs });
      const oldest = nowNs - this.#keepNs;
      if ((this.#losses[0]?.toNs ?? nowNs) < oldest)
        this.#losses = this.#losses.filter(({ toNs }) => toNs >= oldest);
    }
    if (lostNs > this.#stallLimitNs) {
      const stall = { clock: this.#clock, fromNs: this.#lastBeatNs, toNs: nowNs, by: this.#by };
      this.#fresh.push(stall);
      this.#stalls.push(stall);
      const oldest = nowNs - this.#keepNs;
      if ((this.#stalls[0]?.toNs ?? nowNs) < oldest)
        this.#stalls = this.#stalls.filter(({ toNs }) => toNs >= oldest);
    }
    this.#lastBeatNs = Math.max(this.#lastBeatNs, nowNs);
  }

  /** The most time that the thread may have lost in the stretch, whether or not it was enough to be a stall. */
  lostBetween(fromNs: number, toNs: number): number {
    const runningNs = toNs - this.#lastBeatNs - BEAT_NS;
    let lost = runningNs > GRAIN_NS ? Math.min(runningNs, toNs - Math.max(fromNs, this.#lastBeatNs)) : 0;
    for (let i = this.#losses.length - 1; i >= 0; i--) {
      const loss = this.#losses[i];
      if (loss === undefined || loss.toNs < fromNs) break;
      lost += Math.min(loss.lostNs, Math.max(0, Math.min(toNs, loss.toNs) - Math.max(fromNs, loss.fromNs)));
    }
    return lost;
  }

  /** True when a stall that was noticed by now overlaps the stretch. */
  stalledBetween(fromNs: number, toNs: number): boolean {
    for (let i = this.#stalls.length - 1; i >= 0; i--) {
      const stall = this.#stalls[i];
      if (stall === undefined || stall.toNs < fromNs) return false;
      if (stall.fromNs <= toNs) return true;
    }
    return false;
  }

  /** Stalls that were noticed since it was last asked. */
  takeStalls(): readonly Stall[] {
    const taken = this.#fresh;
    this.#fresh = [];
    return taken;
  }
}
