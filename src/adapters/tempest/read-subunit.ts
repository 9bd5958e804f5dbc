import { crc32 } from 'node:zlib';

/** In the order of their numbers on the wire; a packet without one carries something else, such as an attachment. */
const STATUSES = [
  undefined,
  'exists',
  'inprogress',
  'success',
  'uxsuccess',
  'skip',
  'fail',
  'xfail',
] as const;

export type SubunitStatus = Exclude<(typeof STATUSES)[number], undefined>;

/** One packet of a subunit stream of version 2 (the README of the subunit project describes the format). */
export interface SubunitPacket {
  readonly test?: string;
  readonly status?: SubunitStatus;
  /** Milliseconds since 1970. */
  readonly atMs?: number;
  readonly tags: readonly string[];
  /** A part of an attachment; several parts of one name belong together. */
  readonly file?: { readonly name: string; readonly bytes: Uint8Array };
}

const SIGNATURE = 0xb3;
const VERSION = 0x2;
const FLAG = {
  testId: 0x0800,
  route: 0x0400,
  timestamp: 0x0200,
  tags: 0x0080,
  file: 0x0040,
  mime: 0x0020,
} as const;

/** Signature, two bytes of flags, at least one of length, and the checksum. */
const SHORTEST = 8;
const CHECKSUM = 4;

class Broken extends Error {}

/**
 * Reads a stream as it comes, in pieces of any size. Text between packets, as a program may print it, is passed over. A packet
 * that is not what it claims to be ends the reading: where it ends is not known, so nothing after it can be believed.
 */
export class SubunitReader {
  #rest: Buffer = Buffer.alloc(0);
  #continuation = 0;
  #trouble: string | undefined;

  /** Why nothing more is read; undefined as long as all is well. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** @returns the packets that are whole now. */
  feed(bytes: Uint8Array): readonly SubunitPacket[] {
    if (this.#trouble !== undefined) return [];
    this.#rest = this.#rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#rest, bytes]);
    const packets: SubunitPacket[] = [];
    try {
      for (;;) {
        this.#passOverText();
        const length = lengthOf(this.#rest);
        if (length === undefined || this.#rest.length < length) break;
        packets.push(readPacket(this.#rest.subarray(0, length)));
        this.#rest = this.#rest.subarray(length);
      }
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      this.#trouble = error.message;
    }
    return packets;
  }

  /** The stream has ended. */
  end(): void {
    if (this.#trouble === undefined && this.#rest.length > 0)
      this.#trouble = 'The stream of results ends in the middle of a packet.';
  }

  /** A byte like the signature may also be the second or a later one of a character of a text. */
  #passOverText(): void {
    let at = 0;
    for (; at < this.#rest.length; at++) {
      const byte = this.#rest[at] ?? 0;
      if (this.#continuation > 0 && (byte & 0xc0) === 0x80) {
        this.#continuation -= 1;
        continue;
      }
      if (byte === SIGNATURE) break;
      this.#continuation = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc0 ? 1 : 0;
    }
    if (at < this.#rest.length) this.#continuation = 0;
    this.#rest = this.#rest.subarray(at);
  }
}

/** The length of the packet at the beginning; undefined as long as too little of it is there to tell. */
function lengthOf(bytes: Buffer): number | undefined {
  if (bytes.length < SHORTEST) return undefined;
  const { value, size } = numberAt(bytes, 3);
  if (size > 3 || value < SHORTEST)
    throw new Broken('The stream of results has a packet of an impossible length.');
  return value;
}

/** A number of one to four bytes: the two highest bits of the first tell how many more there are. */
function numberAt(bytes: Buffer, at: number): { readonly value: number; readonly size: number } {
  const size = ((bytes[at] ?? 0) >> 6) + 1;
  if (at + size > bytes.length) throw new Broken('The stream of results has a number that is cut off.');
  // Division, for a shift of 32 bits has a sign.
  const value = bytes.readUIntBE(at, size) % 2 ** (8 * size - 2);
  return { value, size };
}

function readPacket(packet: Buffer): SubunitPacket {
  const end = packet.length - CHECKSUM;
  if (crc32(packet.subarray(0, end)) !== packet.readUInt32BE(end))
    throw new Broken('The stream of results has a packet whose checksum is wrong.');
  const flags = packet.readUInt16BE(1);
  if (flags >> 12 !== VERSION) throw new Broken('The stream of results is of another version than 2.');
  const fields = new Fields(packet.subarray(0, end), 3 + numberAt(packet, 3).size);
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const atMs = has(FLAG.timestamp) ? fields.time() : undefined;
  const test = has(FLAG.testId) ? fields.text() : undefined;
  const tags = has(FLAG.tags) ? fields.texts() : [];
  if (has(FLAG.mime)) fields.text();
  const file = has(FLAG.file) ? { name: fields.text(), bytes: fields.bytes() } : undefined;
  const status = STATUSES[flags & 0x7];
  return {
    ...(test === undefined ? {} : { test }),
    ...(status === undefined ? {} : { status }),
    ...(atMs === undefined ? {} : { atMs }),
    tags,
    ...(file === undefined ? {} : { file }),
  };
}

/** Takes one field after the other out of a packet. */
class Fields {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  number(): number {
    const { value, size } = numberAt(this.#bytes, this.#at);
    this.#at += size;
    return value;
  }

  bytes(): Buffer {
    const length = this.number();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Broken('The stream of results has a field that is cut off.');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  texts(): readonly string[] {
    return Array.from({ length: this.number() }, () => this.text());
  }

  /** Seconds, then nanoseconds. */
  time(): number {
    if (this.#at + 4 > this.#bytes.length)
      throw new Broken('The stream of results has a time that is cut off.');
    const seconds = this.#bytes.readUInt32BE(this.#at);
    this.#at += 4;
    return seconds * 1000 + this.number() / 1e6;
  }
}
