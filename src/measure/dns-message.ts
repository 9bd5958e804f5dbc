/** Types of records that can be asked for, by their number. */
export const RECORD_TYPES = { A: 1, AAAA: 28, SRV: 33 } as const;
export type RecordType = keyof typeof RECORD_TYPES;

/** What a name server says to a question. */
export interface DnsAnswer {
  readonly id: number;
  /** Response code: 0 is good, 2 the server's failure, 3 that there is no such name. */
  readonly code: number;
  readonly answers: number;
}

const HEADER_BYTES = 12;
/** Flags of a question that wants the server to find out for itself. */
const RECURSION_DESIRED = 0x0100;
const IS_ANSWER = 0x8000;
const CLASS_INTERNET = 1;

/**
 * A question of one name for one type, as RFC 1035 section 4 lays it out.
 * @throws RangeError when the name cannot be asked: an empty label, or one of more than 63 bytes.
 */
export function encodeQuestion(id: number, name: string, type: RecordType): Buffer {
  const labels = name.replace(/\.$/, '').split('.');
  const parts = labels.map((label) => {
    const bytes = Buffer.from(label, 'latin1');
    if (bytes.length === 0 || bytes.length > 63) throw new RangeError(`${name} is no name that can be asked`);
    return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  });
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(RECURSION_DESIRED, 2);
  head.writeUInt16BE(1, 4);
  const tail = Buffer.alloc(5);
  tail.writeUInt16BE(RECORD_TYPES[type], 1);
  tail.writeUInt16BE(CLASS_INTERNET, 3);
  return Buffer.concat([head, ...parts, tail]);
}

/** @returns undefined for bytes that are no answer. */
export function decodeAnswer(bytes: Buffer): DnsAnswer | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const flags = bytes.readUInt16BE(2);
  if ((flags & IS_ANSWER) === 0) return undefined;
  return { id: bytes.readUInt16BE(0), code: flags & 15, answers: bytes.readUInt16BE(6) };
}
