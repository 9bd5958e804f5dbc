import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeBoth } from './streams.ts';

/** When a client's kernel first sends its opening again while nobody answers it, doubled each time: as on Linux. */
const OPENING_AGAIN_MS = 1000;

/** Opens the way to whoever has it now. */
type Connect = () => { readonly node: string; readonly stream: Duplex } | undefined;

/**
 * Brings one client to whoever holds the address. While nobody answers there the client waits, and its opening is sent again as
 * its kernel would; once it is through, it stays with that machine, hears nothing more when the machine is gone, and is reset
 * once the address is elsewhere.
 */
export class ClientRelay {
  readonly #client: Socket;
  readonly #connect: Connect;
  #stream: Duplex | undefined;
  #timeout: NodeJS.Timeout | undefined;
  #isSilent = false;
  /** The client has said something that is not answered yet, so its kernel sends it again and again. */
  #awaits = false;
  /** The machine that it came through to. */
  node: string | undefined;

  constructor(client: Socket, connect: Connect) {
    this.#client = client;
    this.#connect = connect;
    client.on('error', () => undefined);
    client.once('close', () => {
      clearTimeout(this.#timeout);
      this.#stream?.destroy();
    });
    this.#open(OPENING_AGAIN_MS);
  }

  /** From now on nothing passes, and neither end is told. */
  silence(): void {
    this.#isSilent = true;
    const [client, stream] = [this.#client, this.#stream];
    this.#stream = undefined;
    for (const end of [client, stream]) end?.unpipe().removeAllListeners('data').removeAllListeners('end');
    stream?.removeAllListeners('close').resume();
    // A client that gives up is noticed only when it is listened to.
    client.resume().once('end', () => client.destroy());
  }

  /**
   * The address has moved away from the machine that this connection was made to. Where it is now nobody knows the connection,
   * and says so to the first packet that arrives.
   */
  orphan(): void {
    if (!this.#isSilent) return;
    if (this.#awaits) this.reset();
    else this.#client.once('data', () => this.reset());
  }

  reset(): void {
    this.#client.resetAndDestroy();
  }

  #open(againMs: number): void {
    this.#stream?.removeAllListeners('close').destroy();
    this.#timeout = setTimeout(() => this.#open(againMs * 2), againMs);
    const found = this.#connect();
    this.#stream = found?.stream;
    // Refused: nobody listens there.
    found?.stream.once('close', () => this.node === undefined && this.reset());
    found?.stream.once('connect', () => {
      clearTimeout(this.#timeout);
      this.node = found.node;
      pipeBoth(this.#client, found.stream);
      this.#client.on('data', () => (this.#awaits = true));
      found.stream.on('data', () => (this.#awaits = false));
    });
  }
}
