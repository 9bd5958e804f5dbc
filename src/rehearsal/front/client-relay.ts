import type { Socket } from 'node:net';
import type { WireStream } from '../links/wire-stream.ts';
import { pipeBoth } from './pipe.ts';

/** When a client's kernel sends its opening again while nobody answers it: Linux begins with a second and doubles. */
const OPENING_AGAIN_MS = [1000, 2000, 4000, 8000];

/**
 * Brings one client to whoever holds the address. While nobody answers there the client waits, and its opening is sent again as
 * its kernel would; once it is through, it stays with that machine, hears nothing more when the machine is gone, and is reset once the address is elsewhere.
 */
export class ClientRelay {
  readonly #client: Socket;
  readonly #connect: () => { readonly node: string; readonly stream: WireStream } | undefined;
  #node: string | undefined;
  #stream: WireStream | undefined;
  #timer: NodeJS.Timeout | undefined;
  #silent = false;
  /** The client has said something that is not answered yet, so its kernel sends it again and again. */
  #awaiting = false;

  constructor(
    client: Socket,
    connect: () => { readonly node: string; readonly stream: WireStream } | undefined,
  ) {
    this.#client = client;
    this.#connect = connect;
    client.pause();
    client.on('error', () => undefined);
    client.once('close', () => {
      clearTimeout(this.#timer);
      this.#stream?.destroy();
    });
    this.#open(0);
  }

  get node(): string | undefined {
    return this.#node;
  }

  /** From now on nothing passes, and neither end is told. */
  silence(): void {
    this.#silent = true;
    this.#client.pause();
    this.#client.removeAllListeners('data');
    const stream = this.#stream;
    this.#stream = undefined;
    // What the other end still says goes nowhere.
    stream?.removeAllListeners();
    stream?.on('error', () => undefined);
    stream?.resume();
    // A client that gives up is noticed only when it is listened to.
    this.#client.resume();
    this.#client.once('end', () => this.#client.destroy());
  }

  /**
   * The address has moved away from the machine that this connection was made to. Where it is now nobody knows the connection,
   * and says so to the first packet that arrives.
   */
  orphan(): void {
    if (!this.#silent) return;
    if (this.#awaiting) this.#client.resetAndDestroy();
    else this.#client.once('data', () => this.#client.resetAndDestroy());
  }

  #open(turn: number): void {
    if (this.#client.destroyed) return;
    const found = this.#connect();
    const againMs = OPENING_AGAIN_MS[turn];
    if (againMs !== undefined) this.#timer = setTimeout(() => this.#again(turn + 1), againMs);
    if (found === undefined) return;
    const { node, stream } = found;
    this.#stream = stream;
    stream.once('close', () => {
      // Refused: nobody listens there.
      if (this.#stream === stream && this.#node === undefined) this.#client.resetAndDestroy();
    });
    stream.once('connect', () => {
      if (this.#stream !== stream || this.#silent) return;
      clearTimeout(this.#timer);
      this.#node = node;
      pipeBoth(this.#client, stream);
      this.#client.on('data', () => (this.#awaiting = true));
      stream.on('data', () => (this.#awaiting = false));
      this.#client.resume();
    });
  }

  #again(turn: number): void {
    const before = this.#stream;
    this.#stream = undefined;
    before?.destroy();
    this.#open(turn);
  }
}
