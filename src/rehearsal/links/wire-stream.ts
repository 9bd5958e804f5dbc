import { Duplex } from 'node:stream';

/** A connection that was reset, as the kernel would say it. */
export function resetError(): Error & { code: string } {
  return Object.assign(new Error('The connection was reset by the peer.'), { code: 'ECONNRESET' });
}

/** How a stream hands on what it has to say to the other end. */
export interface StreamSender {
  data(stream: WireStream, chunk: Buffer): void;
  end(stream: WireStream): void;
  /** The stream is over here; `reset` when the other end must be told that it broke. */
  gone(stream: WireStream, reset: boolean): void;
}

/** One connection between two processes of the lab; Node's HTTP server and client take it for a socket. */
export class WireStream extends Duplex {
  readonly id: string;
  readonly peer: string;
  /** Port number at the end that was connected to. */
  readonly port: number;
  readonly #sender: StreamSender;
  #endSent = false;
  #endReceived = false;
  #silenced = false;

  constructor(id: string, peer: string, port: number, sender: StreamSender) {
    super({ allowHalfOpen: true });
    this.id = id;
    this.peer = peer;
    this.port = port;
    this.#sender = sender;
    // A reset is told by 'close' and 'error'; whoever listens to neither must not bring the process down.
    this.on('error', () => undefined);
  }

  receive(chunk: Buffer): void {
    if (!this.destroyed && !this.#endReceived) this.push(chunk);
  }

  receiveEnd(): void {
    if (this.destroyed || this.#endReceived) return;
    this.#endReceived = true;
    this.push(null);
  }

  receiveReset(): void {
    this.#silenced = true;
    this.destroy(resetError());
  }

  /** Breaks the connection: the other end sees a reset. */
  reset(): void {
    this.destroy(resetError());
  }

  override _read(): void {}

  override _write(chunk: Buffer | string, encoding: BufferEncoding, callback: () => void): void {
    this.#sender.data(this, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
    callback();
  }

  override _final(callback: () => void): void {
    this.#endSent = true;
    this.#sender.end(this);
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#sender.gone(this, !this.#silenced && !(this.#endSent && this.#endReceived));
    callback(error);
  }

  // What Node's HTTP asks of a socket and what means nothing here.
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}
