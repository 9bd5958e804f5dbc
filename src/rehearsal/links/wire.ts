import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HostTime } from '../host-time.ts';
import { PROCESSES, readJson, wireFile, writeWhole } from '../lab-layout.ts';
import type { LabLayout } from '../lab-layout.ts';
import { Cable, encodeFrame, frameReader, jsonIn } from './cable.ts';
import type { LinkRules } from './link-rules.ts';

const REDIAL_MS = 100;
/** How long it is waited for the word that something told was heard. */
const TELL_MS = 1000;
/** Bytes that wait for a process that reads nothing, after which the rest is lost. */
const MOST_WAITING = 16 * 1024 * 1024;

export interface WireOptions {
  readonly layout: LabLayout;
  readonly self: string;
  readonly rules: LinkRules;
  readonly time: HostTime;
}

/** The network card of one process: a cable to each other process, and to itself. The rules of links act on what it sends. */
export class Wire {
  readonly #options: WireOptions;
  readonly #cables = new Map<string, Cable>();
  readonly #answers = new Map<string, (body: unknown, from: string) => unknown>();
  /** Whether there is somebody at that name, who then has the connection. */
  onOpen: (name: string, stream: Duplex) => boolean = () => false;
  /** Called when the other process is there, and when it is gone. */
  onPeer: (peer: string, there: boolean) => void = () => undefined;

  constructor(options: WireOptions) {
    this.#options = options;
    const { self } = options;
    for (const peer of PROCESSES)
      this.#cables.set(peer, this.#cable(peer, PROCESSES.indexOf(self) < PROCESSES.indexOf(peer) ? 1 : 0));
    const other = this.#cable(self, 1);
    const own = this.#to(self);
    const toOwn = frameReader((frame) => own.receive(frame));
    const toOther = frameReader((frame) => other.receive(frame));
    // Never within the call that sends: whoever sends has not finished what it does.
    own.plug((bytes) => void setImmediate(toOther, bytes));
    other.plug((bytes) => void setImmediate(toOwn, bytes));
  }

  /** Takes the port that it had before, or another one if somebody has that now. */
  async start(): Promise<void> {
    const { layout, self } = this.#options;
    const file = wireFile(layout.folder, self);
    const server = createServer({ noDelay: true }, (socket) => this.#speak(socket));
    await listen(server, readJson<number>(file) ?? 0).catch(() => listen(server, 0));
    writeWhole(file, String((server.address() as AddressInfo).port));
    for (const peer of PROCESSES.slice(PROCESSES.indexOf(self) + 1)) this.#dial(peer);
  }

  /** A connection to what listens at `name` on that machine; `port` is the number that rules of links go by. */
  connect(peer: string, name: string, port: number): Duplex {
    return this.#to(peer).connect(name, port);
  }

  /** What `serve` answers there. @throws when nobody does in time */
  ask(peer: string, name: string, port: number, body: unknown, limitMs: number): Promise<unknown> {
    return this.#to(peer).ask(name, port, body, limitMs);
  }

  /** Tells all other processes, whoever listens. */
  tellAll(name: string, port: number, body: unknown): void {
    for (const [peer, cable] of this.#cables)
      if (peer !== this.#options.self) cable.ask(name, port, body, TELL_MS).catch(() => undefined);
  }

  /** Answers what is asked at that name, until it is given undefined. */
  serve(name: string, answer: ((body: unknown, from: string) => unknown) | undefined): void {
    if (answer === undefined) this.#answers.delete(name);
    else this.#answers.set(name, answer);
  }

  #to(peer: string): Cable {
    const cable = this.#cables.get(peer);
    if (cable === undefined) throw new Error(`There is no process ${peer}.`);
    return cable;
  }

  #cable(peer: string, first: 0 | 1): Cable {
    const { time, rules } = this.#options;
    const answer = async (name: string, body: unknown): Promise<unknown> => {
      const listener = this.#answers.get(name);
      if (listener === undefined) throw new Error(`Nobody listens at ${name}.`);
      return listener(body, peer);
    };
    return new Cable(first, {
      time,
      treatment: (port) => rules.treatment(peer, port),
      open: (name, stream) => this.onOpen(name, stream),
      answer,
    });
  }

  #dial(peer: string): void {
    const port = readJson<number>(wireFile(this.#options.layout.folder, peer));
    const again = (): void => void setTimeout(() => this.#dial(peer), REDIAL_MS);
    if (port === undefined) return again();
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.once('close', again);
    this.#hello(socket, peer);
    this.#speak(socket, peer);
  }

  #hello(socket: Socket, to: string): void {
    const { self: from, layout } = this.#options;
    socket.write(encodeFrame('hello', 0, { from, to, token: layout.controlToken }));
  }

  /** Both ends say who they are first: whoever has that port now may not be the one that is meant. */
  #speak(socket: Socket, dialled?: string): void {
    const { self, layout } = this.#options;
    let cable: Cable | undefined;
    const read = frameReader((frame) => {
      if (cable !== undefined) return cable.receive(frame);
      if (frame.kind !== 'hello') return void socket.destroy();
      const said = jsonIn(frame) as { from: string; to: string; token: string };
      const isMeant = said.token === layout.controlToken && said.to === self;
      if (!isMeant || said.from !== (dialled ?? said.from)) return void socket.destroy();
      const peer = said.from;
      if (dialled === undefined) this.#hello(socket, peer);
      cable = this.#to(peer);
      const unplug = cable.plug((bytes) => send(socket, bytes));
      this.onPeer(peer, true);
      socket.once('close', () => {
        if (unplug()) this.onPeer(peer, false);
      });
    });
    socket.on('data', read);
    socket.on('error', () => undefined);
  }
}

/** What is said at once travels together. */
function send(socket: Socket, bytes: Buffer): void {
  if (socket.writableLength > MOST_WAITING) return;
  if (socket.writableCorked === 0) {
    socket.cork();
    setImmediate(() => socket.uncork());
  }
  socket.write(bytes);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}
