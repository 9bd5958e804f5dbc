/** What passes between two processes: 4 bytes length of what follows, 1 byte kind, 4 bytes number of the connection, content. */
export const FRAME = { open: 1, data: 2, end: 3, reset: 4, message: 5, opened: 6 } as const;

export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

/** Set in the kind when the sender is the one that opened the connection: both ends number theirs on their own. */
const FROM_OPENER = 0x80;
const HEAD_BYTES = 9;

export interface Frame {
  readonly kind: FrameKind;
  readonly fromOpener: boolean;
  readonly id: number;
  readonly content: Buffer;
}

export function encodeFrame(kind: FrameKind, fromOpener: boolean, id: number, content?: Buffer): Buffer {
  const size = content?.length ?? 0;
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + size);
  bytes.writeUInt32BE(HEAD_BYTES - 4 + size, 0);
  bytes[4] = fromOpener ? kind | FROM_OPENER : kind;
  bytes.writeUInt32BE(id, 5);
  content?.copy(bytes, HEAD_BYTES);
  return bytes;
}

export function decodeFrame(bytes: Buffer): Frame {
  const kind = bytes[4] ?? 0;
  return {
    kind: (kind & ~FROM_OPENER) as FrameKind,
    fromOpener: (kind & FROM_OPENER) !== 0,
    id: bytes.readUInt32BE(5),
    content: bytes.subarray(HEAD_BYTES),
  };
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  read(chunk: Buffer, onFrame: (frame: Frame) => void): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= HEAD_BYTES) {
      const size = 4 + bytes.readUInt32BE(0);
      if (bytes.length < size) break;
      onFrame(decodeFrame(bytes.subarray(0, size)));
      bytes = bytes.subarray(size);
    }
    this.#rest = bytes;
  }
}
