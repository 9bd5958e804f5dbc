import { Duplex } from 'node:stream';
import type { HostTime } from '../host-time.ts';
import { Lane } from './lane.ts';
import type { Treatment } from './link-rules.ts';

/** What passes between two processes, by its kind. */
const KINDS = ['hello', 'open', 'opened', 'data', 'end', 'reset', 'ask', 'answer'] as const;

type Kind = (typeof KINDS)[number];

/** Of the connection or question with that number. */
export interface Frame {
  readonly kind: Kind;
  readonly id: number;
  readonly content: Buffer;
}

const HEAD_BYTES = 9;

/** 4 bytes length of what follows, 1 byte kind, 4 bytes number, content. */
export function encodeFrame(kind: Kind, id: number, content: unknown = Buffer.alloc(0)): Buffer {
  const body = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + body.length);
  bytes.writeUInt32BE(HEAD_BYTES - 4 + body.length, 0);
  bytes[4] = KINDS.indexOf(kind);
  bytes.writeUInt32BE(id, 5);
  body.copy(bytes, HEAD_BYTES);
  return bytes;
}

/** @returns what takes a stream of bytes, and cuts it into frames */
export function frameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let bytes: Buffer = Buffer.alloc(0);
  return (chunk) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    while (bytes.length >= HEAD_BYTES) {
      const size = 4 + bytes.readUInt32BE(0);
      if (bytes.length < size) return;
      const kind = KINDS[bytes[4] ?? 0] ?? 'hello';
      const frame = { kind, id: bytes.readUInt32BE(5), content: bytes.subarray(HEAD_BYTES, size) };
      bytes = bytes.subarray(size);
      onFrame(frame);
    }
  };
}

export const jsonIn = ({ content }: Frame): unknown => JSON.parse(content.toString()) as unknown;

/** What a process does with what comes to it. */
export interface CableEnd {
  readonly time: HostTime;
  /** What happens to what is sent over this cable to or from that port. */
  readonly treatment: (port: number) => Treatment;
  /** Whether there is somebody at that name, who then has the connection. */
  readonly open: (name: string, stream: Duplex) => boolean;
  readonly answer: (name: string, body: unknown) => Promise<unknown>;
}

interface Called {
  readonly name: string;
  readonly port: number;
  readonly body?: unknown;
}

/**
 * All that passes between this process and one other. A machine that died says nothing more, as behind a real switch: only its
 * return tells that a connection is gone.
 */
export class Cable {
  readonly #end: CableEnd;
  readonly #streams = new Map<number, Duplex>();
  readonly #asked = new Map<
    number,
    (answer: { readonly value?: unknown; readonly error?: string }) => void
  >();
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
      const cancel = this.#end.time.after(limitMs, () => {
        this.#asked.delete(id);
        reject(new Error(`Nobody answered at ${name} within ${limitMs} ms.`));
      });
      this.#asked.set(id, ({ value, error }) => {
        cancel();
        if (error === undefined) resolve(value);
        else reject(new Error(error));
      });
      this.#lane(port).push(encodeFrame('ask', id, { name, port, body }));
    });
  }

  receive(frame: Frame): void {
    const { kind, id, content } = frame;
    const stream = this.#streams.get(id);
    if (kind === 'open') this.#accept(id, jsonIn(frame) as Called);
    else if (kind === 'ask') this.#answer(id, jsonIn(frame) as Called);
    else if (kind === 'answer') {
      this.#asked.get(id)?.(jsonIn(frame) as { value?: unknown; error?: string });
      this.#asked.delete(id);
    } else if (stream === undefined) {
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
    const say = (answer: unknown): void => this.#lane(port).push(encodeFrame('answer', id, answer));
    this.#end.answer(name, body).then(
      (value) => say({ value }),
      (error: unknown) => say({ error: (error as Error).message }),
    );
  }

  #stream(id: number, port: number): { readonly stream: Duplex; readonly lane: Lane } {
    const { time, treatment } = this.#end;
    const lane = new Lane(
      time,
      () => treatment(port),
      (bytes) => this.#write?.(bytes),
      true,
    );
    const stream = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        lane.push(encodeFrame('data', id, chunk));
        done();
      },
      final: (done) => {
        lane.push(encodeFrame('end', id));
        done();
      },
      destroy: (error, done) => {
        const isOver = stream.readableEnded && stream.writableFinished;
        if (this.#streams.delete(id) && !isOver) lane.push(encodeFrame('reset', id));
        done(error);
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
    const { time, treatment } = this.#end;
    const lane =
      this.#lanes.get(port) ??
      new Lane(
        time,
        () => treatment(port),
        (bytes) => this.#write?.(bytes),
        false,
      );
    this.#lanes.set(port, lane);
    return lane;
  }
}
