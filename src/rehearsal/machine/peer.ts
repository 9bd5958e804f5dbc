import type { Socket } from 'node:net';
import type { Treatment } from '../links/link-rules.ts';
import { WireStream } from '../links/wire-stream.ts';
import type { StreamSender } from '../links/wire-stream.ts';
import { FRAME, FrameReader, decodeFrame, encodeFrame } from './frames.ts';
import type { Frame } from './frames.ts';
import { Lane } from './lane.ts';
import type { LaneTime } from './lane.ts';

export type MessageListener = (from: string, body: unknown) => void;

export interface PeerOptions {
  readonly time: LaneTime;
  readonly treatment: (port: number) => Treatment;
  open(name: string, stream: WireStream): boolean;
  message(channel: string, body: unknown): void;
}

/** Bytes that wait for a process that reads nothing, after which messages to it are dropped. */
const MOST_WAITING = 16 * 1024 * 1024;

interface Side {
  readonly stream: WireStream;
  readonly lane: Lane;
}

/** All that passes between this process and one other. */
export class Peer {
  readonly #name: string;
  readonly #options: PeerOptions;
  readonly #opened = new Map<number, Side>();
  readonly #accepted = new Map<number, Side>();
  readonly #lanes = new Map<string, Lane>();
  #socket: Socket | undefined;
  #own = false;
  #corked = false;
  #nextId = 1;

  constructor(name: string, options: PeerOptions) {
    this.#name = name;
    this.#options = options;
  }

  /** This process itself: everything comes back to it. */
  loop(): void {
    this.#own = true;
  }

  plug(socket: Socket, rest: Buffer): void {
    // A machine that came back knows nothing of old connections: it answers what is sent there with a reset.
    this.#socket = socket;
    const reader = new FrameReader();
    const onFrame = (frame: Frame): void => this.#receive(frame);
    if (rest.length > 0) reader.read(rest, onFrame);
    socket.on('data', (chunk: Buffer) => reader.read(chunk, onFrame));
  }

  /** @returns false when another cable took the place of this one already */
  unplug(socket = this.#socket): boolean {
    socket?.destroy();
    if (socket !== this.#socket) return false;
    this.#socket = undefined;
    const accepted = [...this.#accepted.values()];
    this.#accepted.clear();
    for (const { stream, lane } of accepted) {
      lane.drop();
      stream.receiveReset();
    }
    return true;
  }

  connect(name: string, port: number): WireStream {
    const id = this.#nextId++;
    const side = this.#side(id, port, true);
    this.#opened.set(id, side);
    side.lane.push(encodeFrame(FRAME.open, true, id, Buffer.from(JSON.stringify({ name, port }))));
    return side.stream;
  }

  send(channel: string, port: number, body: unknown, kind: 'message' | 'datagram'): void {
    if (!this.#own && (this.#socket === undefined || this.#socket.writableLength > MOST_WAITING)) return;
    const frame = encodeFrame(FRAME.message, true, 0, Buffer.from(JSON.stringify([channel, body])));
    if (kind === 'datagram') {
      const { cut, loss, delayMs } = this.#options.treatment(port);
      if (cut || (loss > 0 && this.#options.time.random() < loss)) return;
      if (delayMs > 0) this.#options.time.after(delayMs, () => this.#pass(frame));
      else this.#pass(frame);
      return;
    }
    let lane = this.#lanes.get(channel);
    if (lane === undefined) {
      lane = this.#lane(port, false);
      this.#lanes.set(channel, lane);
    }
    lane.push(frame);
  }

  #lane(port: number, reliable: boolean): Lane {
    const { time, treatment } = this.#options;
    return new Lane(
      time,
      () => treatment(port),
      (bytes) => this.#pass(bytes),
      reliable,
    );
  }

  #side(id: number, port: number, opener: boolean): Side {
    const lane = this.#lane(port, true);
    const sides = opener ? this.#opened : this.#accepted;
    const sender: StreamSender = {
      data: (_stream, chunk) => lane.push(encodeFrame(FRAME.data, opener, id, chunk)),
      end: () => lane.push(encodeFrame(FRAME.end, opener, id)),
      gone: (_stream, reset) => {
        sides.delete(id);
        if (reset) lane.push(encodeFrame(FRAME.reset, opener, id));
      },
    };
    return { stream: new WireStream(`${opener ? 'to' : 'from'}-${id}`, this.#name, port, sender), lane };
  }

  #pass(bytes: Buffer): void {
    // Never within the call that sends: whoever sends has not finished what it does.
    if (this.#own) return void setImmediate(() => this.#receive(decodeFrame(bytes)));
    const socket = this.#socket;
    if (socket === undefined) return;
    if (!this.#corked) {
      this.#corked = true;
      socket.cork();
      setImmediate(() => {
        this.#corked = false;
        socket.uncork();
      });
    }
    socket.write(bytes);
  }

  #receive(frame: Frame): void {
    const { kind, fromOpener, id, content } = frame;
    if (kind === FRAME.message) {
      const [channel, body] = JSON.parse(content.toString()) as [string, unknown];
      return this.#options.message(channel, body);
    }
    if (kind === FRAME.open) return this.#accept(id, content);
    const side = (fromOpener ? this.#accepted : this.#opened).get(id);
    if (side === undefined) {
      if (kind !== FRAME.reset) this.#pass(encodeFrame(FRAME.reset, !fromOpener, id));
    } else if (kind === FRAME.opened) side.stream.emit('connect');
    else if (kind === FRAME.data) side.stream.receive(content);
    else if (kind === FRAME.end) side.stream.receiveEnd();
    else side.stream.receiveReset();
  }

  #accept(id: number, content: Buffer): void {
    const { name, port } = JSON.parse(content.toString()) as { name: string; port: number };
    const side = this.#side(id, port, false);
    this.#accepted.set(id, side);
    if (this.#options.open(name, side.stream)) side.lane.push(encodeFrame(FRAME.opened, false, id));
    else side.stream.reset();
  }
}
