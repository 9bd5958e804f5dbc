import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Manner } from './outage-schedule.ts';

/**
 * The instant of a switch. What had arrived by `earliestNs` was still handled as before, and what came after `latestNs` as
 * afterwards: between them lies one pass of the server's event loop.
 */
export interface Switch {
  readonly earliestNs: number;
  readonly latestNs: number;
}

const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok');
const END_OF_REQUEST = '\r\n\r\n';

export const now = (): number => Number(process.hrtime.bigint());

/** A small HTTP server that answers every GET at once, or goes away in a manner. It knows exactly when. */
export class TargetServer {
  #manner: Manner | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => this.#sockets.delete(socket));
      let unread = '';
      socket.on('data', (bytes) => {
        if (this.#manner === 'reset') socket.resetAndDestroy();
        if (this.#manner !== undefined) return;
        unread += bytes.toString('latin1');
        if (!unread.endsWith(END_OF_REQUEST)) return;
        unread = '';
        socket.write(ANSWER);
      });
      if (this.#manner === 'reset') socket.resetAndDestroy();
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', 1024, resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  /** Goes away, or comes back when `manner` is undefined. To be called from a timer: see `Switch`. */
  switchTo(manner: Manner | undefined): Promise<Switch> {
    const earliestNs = now();
    return new Promise((resolve) => {
      // Timers run before the loop polls its sockets and this right after: what had arrived by then is dealt with.
      setImmediate(() => {
        this.#manner = manner;
        const latestNs = now();
        if (manner === 'reset') for (const socket of this.#sockets) socket.resetAndDestroy();
        resolve({ earliestNs, latestNs });
      });
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
