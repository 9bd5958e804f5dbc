import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { PROCESSES, readJson, wireFile, writeWhole } from '../lab-layout.ts';
import type { LabLayout } from '../lab-layout.ts';
import type { LinkRules } from '../links/link-rules.ts';
import type { WireStream } from '../links/wire-stream.ts';
import { Peer } from './peer.ts';
import type { MessageListener } from './peer.ts';
import type { LaneTime } from './lane.ts';

const REDIAL_MS = 100;

export interface WireOptions {
  readonly layout: LabLayout;
  readonly self: string;
  readonly rules: LinkRules;
  readonly time: LaneTime;
}

/** Answers whether there is somebody at that name; one that is not taken is refused. */
export type OpenListener = (name: string, stream: WireStream) => boolean;

/**
 * The network card of one process: a cable to each other process, over which all connections and messages pass and where the
 * rules of links act. A machine that died says nothing more, as behind a real switch: only its return tells that a
 * connection is gone.
 */
export class Wire {
  readonly #options: WireOptions;
  readonly #peers = new Map<string, Peer>();
  readonly #listeners = new Map<string, MessageListener>();
  #server: Server | undefined;
  #closed = false;
  onOpen: OpenListener = () => false;
  /** Called when the other process is there, and when it is gone. */
  onPeer: (peer: string, there: boolean) => void = () => undefined;

  constructor(options: WireOptions) {
    this.#options = options;
    for (const peer of PROCESSES) {
      const { rules, time } = options;
      this.#peers.set(
        peer,
        new Peer(peer, {
          time,
          treatment: (port) => rules.treatment(peer, port),
          open: (name, stream) => this.onOpen(name, stream),
          message: (channel, body) => this.#listeners.get(channel)?.(peer, body),
        }),
      );
    }
    this.#peers.get(options.self)?.loop();
  }

  /** Takes the port that it had before, or another one if somebody has that now. */
  async start(): Promise<void> {
    const { layout, self } = this.#options;
    const file = wireFile(layout.folder, self);
    const server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    this.#server = server;
    await listen(server, readJson<number>(file) ?? 0).catch(() => listen(server, 0));
    writeWhole(file, String((server.address() as AddressInfo).port));
    const own = PROCESSES.indexOf(self);
    for (const peer of PROCESSES.slice(own + 1)) this.#dial(peer);
  }

  close(): void {
    this.#closed = true;
    this.#server?.close();
    for (const peer of this.#peers.values()) peer.unplug();
  }

  /** A connection to what listens at `name` on that machine; `port` is the number that rules of links go by. */
  connect(peer: string, name: string, port: number): WireStream {
    return this.#peer(peer).connect(name, port);
  }

  /**
   * Tells it without an answer. What meets a cut is gone; what meets loss is late when it is a `message`, as over TCP, and gone
   * when it is a `datagram`.
   */
  send(
    peer: string,
    channel: string,
    port: number,
    body: unknown,
    kind: 'message' | 'datagram' = 'message',
  ): void {
    this.#peer(peer).send(channel, port, body, kind);
  }

  /** One listener for each channel. */
  onMessage(channel: string, listener: MessageListener | undefined): void {
    if (listener === undefined) this.#listeners.delete(channel);
    else this.#listeners.set(channel, listener);
  }

  #peer(name: string): Peer {
    const peer = this.#peers.get(name);
    if (peer === undefined) throw new Error(`There is no process ${name}.`);
    return peer;
  }

  #dial(peer: string): void {
    if (this.#closed) return;
    const { layout, self } = this.#options;
    const port = readJson<number>(wireFile(layout.folder, peer));
    const again = (): void => void setTimeout(() => this.#dial(peer), REDIAL_MS);
    if (port === undefined) return again();
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.once('error', () => undefined);
    socket.once('close', again);
    socket.once('connect', () => {
      socket.write(`FROM ${self} ${layout.controlToken} TO ${peer}\n`);
    });
    // Whoever has that port now may not be the one that is meant.
    this.#greeting(socket, (line, rest) => {
      if (line === `HERE ${peer}`) this.#plug(peer, socket, rest);
      else socket.destroy();
    });
  }

  #accept(socket: Socket): void {
    socket.once('error', () => undefined);
    this.#greeting(socket, (line, rest) => {
      const { layout, self } = this.#options;
      const [, from, token, , to] = line.split(' ');
      if (token !== layout.controlToken || to !== self || from === undefined || !this.#peers.has(from))
        return void socket.destroy();
      socket.write(`HERE ${self}\n`);
      this.#plug(from, socket, rest);
    });
  }

  #greeting(socket: Socket, onLine: (line: string, rest: Buffer) => void): void {
    let seen = Buffer.alloc(0);
    const read = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk]);
      const end = seen.indexOf('\n');
      if (end < 0 && seen.length > 1000) return void socket.destroy();
      if (end < 0) return;
      socket.off('data', read);
      onLine(seen.toString('latin1', 0, end), seen.subarray(end + 1));
    };
    socket.on('data', read);
  }

  #plug(peer: string, socket: Socket, rest: Buffer): void {
    socket.on('error', () => undefined);
    const here = this.#peer(peer);
    here.plug(socket, rest);
    this.onPeer(peer, true);
    socket.once('close', () => {
      if (here.unplug(socket)) this.onPeer(peer, false);
    });
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
