import { crc32 } from 'node:zlib';
import type { SubunitStatus } from '../../../src/adapters/tempest/read-subunit.ts';

export interface WrittenPacket {
  readonly test?: string;
  readonly status?: SubunitStatus;
  readonly atMs?: number;
  readonly tags?: readonly string[];
  readonly file?: { readonly name: string; readonly text: string };
}

const STATUSES = ['', 'exists', 'inprogress', 'success', 'uxsuccess', 'skip', 'fail', 'xfail'];

/** A number of the fewest bytes that hold it. */
function number(value: number): Buffer {
  const size = [64, 16_384, 4_194_304].findIndex((limit) => value < limit) + 1 || 4;
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value + (size - 1) * 2 ** (8 * size - 2), 0, size);
  return bytes;
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([number(bytes.length), bytes]);
};

/** One packet as the format has it, written independently of the reader. */
export function packetOf({ test, status, atMs, tags = [], file }: WrittenPacket): Buffer {
  const seconds = Buffer.alloc(4);
  seconds.writeUInt32BE(Math.floor((atMs ?? 0) / 1000));
  const body = Buffer.concat([
    ...(atMs === undefined ? [] : [seconds, number(Math.round((atMs % 1000) * 1e6))]),
    ...(test === undefined ? [] : [text(test)]),
    ...(tags.length === 0 ? [] : [number(tags.length), ...tags.map(text)]),
    ...(file === undefined ? [] : [text('text/plain'), text(file.name), text(file.text)]),
  ]);
  const flags =
    0x2000 |
    (test === undefined ? 0 : 0x0800) |
    (atMs === undefined ? 0 : 0x0200) |
    (tags.length === 0 ? 0 : 0x0080) |
    (file === undefined ? 0 : 0x0060) |
    STATUSES.indexOf(status ?? '');
  const head = Buffer.from([0xb3, flags >> 8, flags & 0xff]);
  const bare = head.length + body.length + 4;
  const length = [1, 2, 3]
    .map((size) => number(bare + size))
    .find((bytes, index) => bytes.length === index + 1);
  const content = Buffer.concat([head, length ?? Buffer.alloc(0), body]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(content));
  return Buffer.concat([content, checksum]);
}
