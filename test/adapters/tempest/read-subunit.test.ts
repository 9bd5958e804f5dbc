import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { packageFolder } from '../../../src/entries/places.ts';
import { SubunitReader, type SubunitPacket } from '../../../src/adapters/tempest/read-subunit.ts';
import { packetOf, type WrittenPacket } from './subunit-writer.ts';

const recorded = (name: string): Buffer =>
  readFileSync(join(packageFolder(), 'test/adapters/tempest/recorded', name));

function readAll(
  bytes: Uint8Array,
  piece = bytes.length || 1,
): { packets: SubunitPacket[]; trouble?: string } {
  const reader = new SubunitReader();
  const packets: SubunitPacket[] = [];
  for (let at = 0; at < bytes.length; at += piece)
    packets.push(...reader.feed(bytes.subarray(at, at + piece)));
  reader.end();
  return { packets, ...(reader.trouble === undefined ? {} : { trouble: reader.trouble }) };
}

const passedIn = (packets: readonly SubunitPacket[]): readonly string[] =>
  packets.filter(({ status }) => status === 'success').map(({ test }) => test ?? '');

const written: fc.Arbitrary<WrittenPacket> = fc.record(
  {
    test: fc.string({ minLength: 1, maxLength: 300, unit: 'grapheme' }),
    status: fc.constantFrom('exists', 'inprogress', 'success', 'uxsuccess', 'skip', 'fail', 'xfail'),
    atMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
    tags: fc.array(fc.string({ maxLength: 20 }), { maxLength: 4 }),
    file: fc.record({ name: fc.string({ maxLength: 80 }), text: fc.string({ maxLength: 5000 }) }),
  },
  { requiredKeys: [] },
);

describe('reading a subunit stream', function () {
  this.timeout(20_000);

  it('reads what the real Tempest wrote, every packet of it', () => {
    const { packets, trouble } = readAll(recorded('mixed.subunit'));
    expect(trouble).to.equal(undefined);
    const final = packets.filter(
      ({ status }) => status !== undefined && !['exists', 'inprogress'].includes(status),
    );
    // Counted with the reader of the subunit project itself (subunit-ls, subunit-stats).
    expect(
      final.map(({ test, status }) => `${status} ${test?.replace(/^.*\.(?=\w+\.\w+\[|\w+\)$)/, '')}`),
    ).to.deep.equal(
      readFileSync(join(packageFolder(), 'test/adapters/tempest/recorded', 'mixed.txt'), 'utf8')
        .trim()
        .split('\n'),
    );
    expect(final.every(({ atMs = 0 }) => new Date(atMs).getUTCFullYear() === 2026)).to.equal(true);
  });

  it('reads the same in pieces of any size', () => {
    const bytes = recorded('killed.subunit');
    const whole = readAll(bytes);
    for (const piece of [1, 2, 3, 7, 64, 1000, 4096]) expect(readAll(bytes, piece)).to.deep.equal(whole);
  });

  it('gives back what was written', () => {
    fc.assert(
      fc.property(fc.array(written, { maxLength: 5 }), fc.integer({ min: 1, max: 500 }), (packets, piece) => {
        const { packets: read, trouble } = readAll(Buffer.concat(packets.map(packetOf)), piece);
        expect(trouble).to.equal(undefined);
        const simple = read.map(({ file, tags, ...rest }) => ({
          ...rest,
          tags,
          ...(file === undefined
            ? {}
            : { file: { name: file.name, text: Buffer.from(file.bytes).toString('utf8') } }),
        }));
        const well = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');
        expect(simple).to.deep.equal(
          packets.map(({ tags = [], file, test, ...rest }) => ({
            ...rest,
            ...(test === undefined ? {} : { test: well(test) }),
            tags: tags.map(well),
            ...(file === undefined ? {} : { file: { name: well(file.name), text: well(file.text) } }),
          })),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('passes over text between packets, also one with a byte like the signature in a character', () => {
    const text = Buffer.from('Warnung: ó und ³ in 日本語\n', 'utf8');
    expect(text.includes(0xb3)).to.equal(true);
    const packet = packetOf({ test: 'a', status: 'success' });
    for (const piece of [1, 5, 1000]) {
      const { packets, trouble } = readAll(Buffer.concat([text, packet, text, packet, text]), piece);
      expect(trouble).to.equal(undefined);
      expect(passedIn(packets)).to.deep.equal(['a', 'a']);
    }
  });

  it('believes nothing after a packet that is spoilt, and never makes a pass of it', () => {
    const bytes = recorded('mixed.subunit');
    const passed = new Set(passedIn(readAll(bytes).packets));
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, xor) => {
          const spoilt = Buffer.from(bytes);
          spoilt[at] = (spoilt[at] ?? 0) ^ xor;
          const { packets } = readAll(spoilt);
          for (const test of passedIn(packets)) expect(passed.has(test), test).to.equal(true);
        },
      ),
      { numRuns: 60 },
    );
    const middle = bytes.length >> 1;
    const spoilt = Buffer.from(bytes);
    spoilt.fill(0xff, middle, middle + 40);
    const read = readAll(spoilt);
    expect(read.trouble).to.match(/checksum|length/);
    expect(read.packets.length).to.be.lessThan(readAll(bytes).packets.length);
  });

  it('says that a stream ends in the middle of a packet', () => {
    const bytes = recorded('mixed.subunit');
    expect(readAll(bytes.subarray(0, bytes.length - 3)).trouble).to.equal(
      'The stream of results ends in the middle of a packet.',
    );
  });

  it('does not break on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        readAll(Buffer.from([0xb3, ...bytes]), 13);
      }),
    );
  });

  it('refuses another version', () => {
    const packet = packetOf({ test: 'a', status: 'success' });
    packet[1] = 0x38;
    expect(readAll(packet).trouble).to.match(/checksum/);
  });
});
