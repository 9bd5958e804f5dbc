import type { LiveProbe, Sample, SampleOutcome } from '../model/observation.ts';

/** The current state of one probe, from its samples as they are answered, in whatever order. */
export class LiveState {
  readonly #probe: string;
  readonly #partOf: string | undefined;
  readonly #startNs: number;
  readonly #periodNs: number;
  readonly #timeoutNs: number;
  readonly #flushNs: number;
  #outcome: SampleOutcome = 'unknown';
  #since = 0;
  #newest = -1;
  #inRow = 0;
  #tookNs = 0;

  constructor(options: {
    probe: string;
    partOf?: string;
    startNs: number;
    periodNs: number;
    timeoutNs: number;
    flushNs: number;
  }) {
    this.#probe = options.probe;
    this.#partOf = options.partOf;
    this.#startNs = options.startNs;
    this.#periodNs = options.periodNs;
    this.#timeoutNs = options.timeoutNs;
    this.#flushNs = options.flushNs;
  }

  accept({ n, outcome, sentNs, completedNs }: Sample): void {
    if (n > this.#newest) {
      if (outcome !== this.#outcome || this.#newest < 0) {
        this.#outcome = outcome;
        this.#since = n;
        this.#inRow = 0;
      }
      this.#newest = n;
      this.#inRow += 1;
      if (outcome === 'ok') this.#tookNs = completedNs - sentNs;
    } else if (outcome === this.#outcome) {
      if (n >= this.#since) this.#inRow += 1;
    } else if (n >= this.#since) {
      // An older sample that took longer than newer ones breaks the row behind it.
      this.#since = n + 1;
      this.#inRow = Math.min(this.#inRow, this.#newest - n);
    }
  }

  snapshot(): LiveProbe {
    const answerNs = this.#outcome === 'ok' ? 2 * this.#tookNs : 3 * this.#timeoutNs;
    return {
      probe: this.#probe,
      ...(this.#partOf === undefined ? {} : { partOf: this.#partOf }),
      outcome: this.#outcome,
      sinceNs: this.#startNs + this.#since * this.#periodNs,
      atNs: this.#startNs + Math.max(0, this.#newest) * this.#periodNs,
      inRow: this.#inRow,
      freshForNs: 3 * this.#periodNs + 3 * this.#flushNs + answerNs,
    };
  }
}
