import { connect, type Socket } from 'node:net';
import { LoopWatch } from './loop-watch.ts';

export interface ControlWatchOptions {
  readonly clock: string;
  readonly now: () => number;
  readonly stallLimitNs: number;
  readonly keepNs: number;
}

/**
 * The control target, watched: a server in another thread of this program that has nothing to do but to send back each byte. What
 * it does not answer at once is trouble of this machine (no processor, no memory, a broken loopback), not of the system, although
 * the prober's own thread may have run all the while. Without a control target nothing is known, and nothing is claimed.
 */
export class ControlWatch {
  readonly #options: ControlWatchOptions;
  #socket: Socket | undefined;
  #watch: LoopWatch | undefined;
  #asked = false;
  #closed = false;

  constructor(options: ControlWatchOptions) {
    this.#options = options;
  }

  /** What was seen, as long as there is a control target. */
  get watch(): LoopWatch | undefined {
    return this.#watch;
  }

  /** @param port of the control target on this host's loopback. */
  open(port: number): void {
    if (this.#closed) return;
    const { clock, now, stallLimitNs, keepNs } = this.#options;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket = socket;
    socket.once('connect', () => {
      this.#watch = new LoopWatch({ clock, startNs: now(), stallLimitNs, keepNs, by: 'control' });
      this.ask();
    });
    socket.on('data', () => {
      this.#asked = false;
      this.#watch?.beat(now());
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#watch = undefined;
    });
  }

  /** Asks once more, unless it still owes an answer; called at every beat. */
  ask(): void {
    if (this.#asked || this.#watch === undefined) return;
    this.#asked = true;
    this.#socket?.write('?');
  }

  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
  }
}
