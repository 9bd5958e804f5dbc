import { Duplex } from 'node:stream';
import type { HostTime } from '../host-time.ts';
import { Lane } from './lane.ts';
import type { Treatment } from './link-rules.ts';

const KINDS = ['hello', 'open', 'opened', 'data', 'end', 'reset', 'ask', 'answer'] as const;

/** What passes between two processes, about the connection or question with that number. */
export type Frame = { readonly kind: (typeof KINDS)[number]; readonly id: number; readonly content: Buffer };

/** 4 bytes length of what follows, 1 byte kind, 4 bytes number, content. */
const HEAD_BYTES = 9;

export function encodeFrame(kind: Frame['kind'], id: number, content: unknown = Buffer.alloc(0)): Buffer {
  const body = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUInt32BE(HEAD_BYTES - 4 + body.length, 0);
  head.writeUInt8(KINDS.indexOf(kind), 4);
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, body]);
}

/** @returns what takes a stream of bytes, and cuts it into frames */
export function frameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let bytes: Buffer = Buffer.alloc(0);
  return (chunk) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    while (bytes.length >= HEAD_BYTES && bytes.length >= 4 + bytes.readUInt32BE(0)) {
      const size = 4 + bytes.readUInt32BE(0);
      const kind = KINDS[bytes.readUInt8(4)] ?? 'reset';
      const frame = { kind, id: bytes.readUInt32BE(5), content: bytes.subarray(HEAD_BYTES, size) };
      bytes = bytes.subarray(size);
      onFrame(frame);
    }
  };
}

export const jsonIn = <T>({ content }: Frame): T => JSON.parse(content.toString()) as T;

/** What a process does with what comes to it from the other one. */
export interface CableEnd {
  readonly time: HostTime;
  /** What happens to what is sent there about that port. */
  readonly treatment: (port: number) => Treatment;
  /** Whether there is somebody at that name, who then has the connection. */
  readonly open: (name: string, stream: Duplex) => boolean;
  readonly answer: (name: string, body: unknown) => Promise<unknown>;
}

type Called = { readonly name: string; readonly port: number; readonly body?: unknown };
type Answer = { readonly value?: unknown; readonly error?: string };

/**
 * All that passes between this process and one other. A machine that died says nothing more, as behind a real switch: only its
 * return tells that a connection is gone.
 */
export class Cable {
  readonly #end: CableEnd;
  readonly #streams = new Map<number, Duplex>();
  readonly #asked = new Map<number, (answer: Answer) => void>();
  readonly #lanes = new Map<number, Lane>();
  #write: ((bytes: Buffer) => void) | undefined;
  #nextId: number;

  /** @param first 0 at one end and 1 at the other: who began a connection shows in its number */
  constructor(first: 0 | 1, end: CableEnd) {
    this.#nextId = first;
    this.#end = end;
  }

  /** @returns how to unplug it; that tells whether this was still the one in use */
  plug(write: (bytes: Buffer) => void): () => boolean {
    this.#unplug();
    this.#write = write;
    return () => this.#write === write && this.#unplug();
  }

  connect(name: string, port: number): Duplex {
    const id = (this.#nextId += 2);
    const { stream, lane } = this.#stream(id, port);
    lane.push(encodeFrame('open', id, { name, port }));
    return stream;
  }

  /** Rejects when nobody is there, and when no answer came in time. What meets a cut is gone, and what meets loss is late. */
  ask(name: string, port: number, body: unknown, limitMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = (this.#nextId += 2);
      const done = ({ value, error }: Answer): void => {
        cancel();
        this.#asked.delete(id);
        if (error === undefined) resolve(value);
        else reject(new Error(error));
      };
      const cancel = this.#end.time.after(limitMs, () =>
        done({ error: `${name} was silent for ${limitMs} ms.` }),
      );
      this.#asked.set(id, done);
      this.#lane(port).push(encodeFrame('ask', id, { name, port, body }));
    });
  }

  receive(frame: Frame): void {
    const { kind, id, content } = frame;
    const stream = this.#streams.get(id);
    if (kind === 'open') this.#accept(id, jsonIn(frame));
    else if (kind === 'ask') this.#answer(id, jsonIn(frame));
    else if (kind === 'answer') this.#asked.get(id)?.(jsonIn(frame));
    else if (stream === undefined) {
      if (kind !== 'reset') this.#write?.(encodeFrame('reset', id));
    } else if (kind === 'opened') stream.emit('connect');
    else if (kind === 'data') stream.push(content);
    else if (kind === 'end') stream.push(null);
    else this.#break(id, stream);
  }

  #unplug(): boolean {
    this.#write = undefined;
    for (const [id, stream] of this.#streams) if (id % 2 !== this.#nextId % 2) this.#break(id, stream);
    return true;
  }

  #accept(id: number, { name, port }: Called): void {
    const { stream, lane } = this.#stream(id, port);
    if (this.#end.open(name, stream)) lane.push(encodeFrame('opened', id));
    else stream.destroy();
  }

  #answer(id: number, { name, port, body }: Called): void {
    const say = (answer: Answer): void => this.#lane(port).push(encodeFrame('answer', id, answer));
    this.#end.answer(name, body).then(
      (value) => say({ value }),
      (error: unknown) => say({ error: (error as Error).message }),
    );
  }

  #stream(id: number, port: number): { readonly stream: Duplex; readonly lane: Lane } {
    const lane = this.#newLane(port, true);
    const say = (kind: Frame['kind'], done: (error?: Error | null) => void, content?: Buffer): void => {
      lane.push(encodeFrame(kind, id, content));
      done();
    };
    const stream = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => say('data', done, chunk),
      final: (done) => say('end', done),
      destroy: (error, done) => {
        const isOver = stream.readableEnded && stream.writableFinished;
        if (this.#streams.delete(id) && !isOver) say('reset', () => done(error));
        else done(error);
      },
    });
    // Whoever listens to no error learns of a reset by 'close', and it must not bring the process down.
    stream.on('error', () => undefined);
    this.#streams.set(id, stream);
    return { stream, lane };
  }

  /** The other end broke it off, or is gone. */
  #break(id: number, stream: Duplex): void {
    this.#streams.delete(id);
    stream.destroy(new Error('The connection was reset by the peer.'));
  }

  #lane(port: number): Lane {
    const lane = this.#lanes.get(port) ?? this.#newLane(port, false);
    this.#lanes.set(port, lane);
    return lane;
  }

  #newLane(port: number, isReliable: boolean): Lane {
    const { time, treatment } = this.#end;
    return new Lane(
      time,
      () => treatment(port),
      (bytes) => this.#write?.(bytes),
      isReliable,
    );
  }
}
