import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { hostTime } from '../host-time.ts';
import { PROCESSES, readJson, wireFile, writeWhole } from '../lab-layout.ts';
import type { LabLayout } from '../lab-layout.ts';
import { Cable, encodeFrame, frameReader, jsonIn } from './cable.ts';
import type { LinkRules } from './link-rules.ts';

const REDIAL_MS = 100;
/** How long a sender keeps the number of what it only tells. */
const TELL_MS = 1000;
/** Bytes that wait for a process that reads nothing, after which the rest is lost. */
const MOST_WAITING = 16 * 1024 * 1024;

type Hello = { readonly from: string; readonly to: string; readonly token: string };

/** The network card of one process: a cable to each other process, and to itself. The rules of links act on what it sends. */
export class Wire {
  readonly #layout: LabLayout;
  readonly #self: string;
  readonly #rules: LinkRules;
  readonly #cables: ReadonlyMap<string, Cable>;
  readonly #answers = new Map<string, (body: unknown, from: string) => unknown>();
  /** Whether there is somebody at that name, who then has the connection. */
  onOpen: (name: string, stream: Duplex) => boolean = () => false;
  /** Called when the other process is gone. */
  onGone: (peer: string) => void = () => undefined;

  constructor(layout: LabLayout, self: string, rules: LinkRules) {
    [this.#layout, this.#self, this.#rules] = [layout, self, rules];
    const place = PROCESSES.indexOf(self);
    this.#cables = new Map(PROCESSES.map((peer, at) => [peer, this.#cable(peer, at > place ? 1 : 0)]));
    const [own, other] = [this.#to(self), this.#cable(self, 1)];
    const toOwn = frameReader((frame) => own.receive(frame));
    const toOther = frameReader((frame) => other.receive(frame));
    // Never within the call that sends: whoever sends has not finished what it does.
    own.plug((bytes) => void setImmediate(toOther, bytes));
    other.plug((bytes) => void setImmediate(toOwn, bytes));
  }

  /** Takes the port that it had before, or another one if somebody has that now. */
  async start(): Promise<void> {
    const file = wireFile(this.#layout.folder, this.#self);
    const server = createServer({ noDelay: true }, (socket) => this.#speak(socket));
    await listen(server, readJson<number>(file) ?? 0).catch(() => listen(server, 0));
    writeWhole(file, String((server.address() as AddressInfo).port));
    for (const peer of PROCESSES.slice(PROCESSES.indexOf(this.#self) + 1)) this.#dial(peer);
  }

  /** A connection to what listens at `name` on that machine; `port` is the number that rules of links go by. */
  connect(peer: string, name: string, port: number): Duplex {
    return this.#to(peer).connect(name, port);
  }

  /** What `serve` answers there. Rejects when nobody does in time. */
  ask(peer: string, name: string, port: number, body: unknown, limitMs: number): Promise<unknown> {
    return this.#to(peer).ask(name, port, body, limitMs);
  }

  /** Tells all other processes, whoever listens. */
  tellAll(name: string, port: number, body: unknown): void {
    for (const [peer, cable] of this.#cables)
      if (peer !== this.#self) cable.ask(name, port, body, TELL_MS).catch(() => undefined);
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
    return new Cable(first, {
      time: hostTime,
      treatment: (port) => this.#rules.treatment(peer, port),
      open: (name, stream) => this.onOpen(name, stream),
      answer: async (name, body) => {
        const answer = this.#answers.get(name);
        if (answer === undefined) throw new Error(`Nobody listens at ${name}.`);
        return answer(body, peer);
      },
    });
  }

  #dial(peer: string): void {
    const port = readJson<number>(wireFile(this.#layout.folder, peer));
    const again = (): void => void setTimeout(() => this.#dial(peer), REDIAL_MS);
    if (port === undefined) return again();
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.once('close', again);
    this.#greet(socket, peer);
    this.#speak(socket, peer);
  }

  #greet(socket: Socket, to: string): void {
    const hello: Hello = { from: this.#self, to, token: this.#layout.controlToken };
    socket.write(encodeFrame('hello', 0, hello));
  }

  /** Both ends say who they are first: whoever has that port now may not be the one that is meant. */
  #speak(socket: Socket, dialled?: string): void {
    let cable: Cable | undefined;
    socket.on('error', () => undefined);
    socket.on(
      'data',
      frameReader((frame) => {
        if (cable !== undefined) return cable.receive(frame);
        const { from, to, token } = jsonIn<Hello>(frame);
        const isMeant =
          to === this.#self && from === (dialled ?? from) && token === this.#layout.controlToken;
        if (!isMeant) return void socket.destroy();
        if (dialled === undefined) this.#greet(socket, from);
        cable = this.#to(from);
        const unplug = cable.plug((bytes) => send(socket, bytes));
        socket.once('close', () => unplug() && this.onGone(from));
      }),
    );
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
