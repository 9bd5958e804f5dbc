import { crc32 } from 'node:zlib';
import { HarnessError } from '../model/errors.ts';
import type { ClockId } from '../model/instant.ts';
import type { FailurePhase, HarnessCause, Sample, SampleOutcome } from '../model/observation.ts';
import type { ProbeSpec } from '../model/plan.ts';

/**
 * A segment of samples: a file that is only ever added to. All numbers are little-endian.
 *
 * - `SQUALSEG`, then one block with the header as JSON.
 * - blocks of samples, 20 bytes each: n (u32), sent - planned (i48, ns), completed - sent (u48, ns), status (u16), one byte of
 *   flags (bits 0-1 outcome, bit 2 impaired, bits 3-6 phase) and one of cause. The planned time follows from n.
 * - where the prober ended in good order, one block with the instant up to which it was planned to run (f64).
 *
 * A block is: kind (4 letters), length of its content (u32), CRC-32 of kind, length and content (u32), content. Whatever stands
 * after the last whole block is a tail that was being written when the prober died: at most its last batch is lost.
 */
export interface SegmentHeader {
  readonly version: typeof SEGMENT_VERSION;
  readonly probe: ProbeSpec;
  readonly vantage: string;
  readonly clock: ClockId;
  readonly startNs: number;
  readonly periodNs: number;
}

export interface Segment {
  readonly header: SegmentHeader;
  readonly samples: readonly Sample[];
  /** Absent when the prober did not end in good order, or went on in a further segment. */
  readonly endNs?: number;
}

export const SEGMENT_VERSION = 1;
export const SAMPLE_BYTES = 20;
const MAGIC = Buffer.from('SQUALSEG', 'latin1');
const BLOCK_HEAD = 12;

type BlockKind = 'HEAD' | 'DATA' | 'DONE';

const OUTCOMES: readonly SampleOutcome[] = ['ok', 'failed', 'unknown'];
const PHASES: readonly (FailurePhase | undefined)[] = [
  undefined,
  'resolve',
  'connect',
  'tls',
  'send',
  'wait',
  'answer',
  'harness',
  'status',
  'body',
  'build',
  'active',
  'answers',
  'delete',
];
/** Added to at the end only: what is stored is the place in these lists. */
const CAUSES: readonly (HarnessCause | undefined)[] = [
  undefined,
  'no-room',
  'too-late',
  'heard-late',
  'lost',
  'resources',
  'vantage',
];

/** The beginning of every segment file. */
export function encodeHeader(header: SegmentHeader): Buffer {
  return Buffer.concat([MAGIC, block('HEAD', Buffer.from(JSON.stringify(header)))]);
}

/** One batch of samples. */
export function encodeBatch(samples: readonly Sample[]): Buffer {
  const content = Buffer.alloc(samples.length * SAMPLE_BYTES);
  let at = 0;
  for (const sample of samples) {
    content.writeUInt32LE(sample.n, at);
    content.writeIntLE(Math.round(sample.sentNs - sample.plannedNs), at + 4, 6);
    content.writeUIntLE(Math.max(0, Math.round(sample.completedNs - sample.sentNs)), at + 10, 6);
    content.writeUInt16LE(sample.status, at + 16);
    const phase = PHASES.indexOf(sample.phase);
    content.writeUInt8(OUTCOMES.indexOf(sample.outcome) | (sample.impaired ? 4 : 0) | (phase << 3), at + 18);
    content.writeUInt8(CAUSES.indexOf(sample.cause), at + 19);
    at += SAMPLE_BYTES;
  }
  return block('DATA', content);
}

/** The last block of a prober that ended in good order. */
export function encodeEnd(endNs: number): Buffer {
  const content = Buffer.alloc(8);
  content.writeDoubleLE(endNs);
  return block('DONE', content);
}

/**
 * Reads a segment back.
 * @param name of the file, for messages.
 * @returns undefined when not even the header is whole: the prober died before its first sample.
 * @throws SQ_RUN_UNREADABLE when it is no segment, of another version, or damaged anywhere but in its tail.
 */
export function decodeSegment(name: string, bytes: Uint8Array): Segment | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = file.subarray(0, MAGIC.length);
  if (!MAGIC.subarray(0, magic.length).equals(magic))
    throw unreadable(name, 'it does not begin as a segment does');
  let header: SegmentHeader | undefined;
  let endNs: number | undefined;
  const samples: Sample[] = [];
  for (const { kind, content } of blocks(name, file)) {
    if (kind === 'HEAD') header = readHeader(name, content);
    else if (header === undefined) throw unreadable(name, 'it has samples before its header');
    else if (kind === 'DATA') readBatch(header, content, samples);
    else endNs = content.readDoubleLE(0);
  }
  if (header === undefined) return undefined;
  return { header, samples, ...(endNs === undefined ? {} : { endNs }) };
}

function block(kind: BlockKind, content: Buffer): Buffer {
  const head = Buffer.alloc(BLOCK_HEAD);
  head.write(kind, 0, 'latin1');
  head.writeUInt32LE(content.length, 4);
  head.writeUInt32LE(crc32(content, crc32(head.subarray(0, 8))), 8);
  return Buffer.concat([head, content]);
}

function* blocks(name: string, file: Buffer): Generator<{ kind: BlockKind; content: Buffer }> {
  let at = MAGIC.length;
  while (at + BLOCK_HEAD <= file.length) {
    const kind = file.toString('latin1', at, at + 4);
    const end = at + BLOCK_HEAD + file.readUInt32LE(at + 4);
    if (!isBlockKind(kind)) {
      // A file that grew before its content was on the disk ends in zeros after a power cut.
      if (file.subarray(at).every((byte) => byte === 0)) return;
      throw unreadable(name, `at byte ${at} it holds something that is no block`);
    }
    if (end > file.length) return;
    const content = file.subarray(at + BLOCK_HEAD, end);
    if (crc32(content, crc32(file.subarray(at, at + 8))) !== file.readUInt32LE(at + 8)) {
      if (end === file.length) return;
      throw unreadable(name, `the block at byte ${at} was changed after it was written`);
    }
    yield { kind, content };
    at = end;
  }
}

function isBlockKind(text: string): text is BlockKind {
  return text === 'HEAD' || text === 'DATA' || text === 'DONE';
}

function readHeader(name: string, content: Buffer): SegmentHeader {
  const header = JSON.parse(content.toString('utf8')) as SegmentHeader;
  const version: unknown = header.version;
  if (version === SEGMENT_VERSION) return header;
  throw unreadable(name, `its version is ${String(version)}, and this Squall reads ${SEGMENT_VERSION}`);
}

function readBatch(header: SegmentHeader, content: Buffer, into: Sample[]): void {
  for (let at = 0; at + SAMPLE_BYTES <= content.length; at += SAMPLE_BYTES) {
    const n = content.readUInt32LE(at);
    const flags = content.readUInt8(at + 18);
    const plannedNs = header.startNs + n * header.periodNs;
    const sentNs = plannedNs + content.readIntLE(at + 4, 6);
    const phase = PHASES[(flags >> 3) & 15];
    const cause = CAUSES[content.readUInt8(at + 19)];
    into.push({
      n,
      plannedNs,
      sentNs,
      completedNs: sentNs + content.readUIntLE(at + 10, 6),
      outcome: OUTCOMES[flags & 3] ?? 'unknown',
      impaired: (flags & 4) !== 0,
      status: content.readUInt16LE(at + 16),
      ...(phase === undefined ? {} : { phase }),
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

function unreadable(name: string, why: string): HarnessError {
  return new HarnessError('SQ_RUN_UNREADABLE', `The samples in ${name} cannot be read: ${why}.`);
}
