import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  decodeSegment,
  encodeBatch,
  encodeEnd,
  encodeHeader,
  SAMPLE_BYTES,
  type SegmentHeader,
} from '../../src/measure/segment-format.ts';
import type { FailurePhase, HarnessCause, Sample } from '../../src/model/observation.ts';
import { sample, spec } from './sample-series.ts';

const header: SegmentHeader = {
  version: 1,
  probe: spec(),
  vantage: 'host',
  clock: 'host:test',
  startNs: 123_456_789_012_345,
  periodNs: 10e6,
};

const arbitrarySample: fc.Arbitrary<Sample> = fc
  .record({
    n: fc.nat({ max: 2 ** 32 - 1 }),
    lateNs: fc.nat({ max: 3600e9 }),
    tookNs: fc.nat({ max: 3600e9 }),
    outcome: fc.constantFrom('ok', 'failed', 'unknown'),
    impaired: fc.boolean(),
    phase: fc.constantFrom<FailurePhase | undefined>(
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
    ),
    cause: fc.constantFrom<HarnessCause | undefined>(
      undefined,
      'no-room',
      'too-late',
      'heard-late',
      'lost',
      'resources',
    ),
    status: fc.nat({ max: 1023 }),
  })
  .map(({ n, lateNs, tookNs, outcome, impaired, phase, cause, status }) => {
    const plannedNs = header.startNs + n * header.periodNs;
    return {
      n,
      plannedNs,
      sentNs: plannedNs + lateNs,
      completedNs: plannedNs + lateNs + tookNs,
      outcome,
      impaired,
      status,
      ...(phase === undefined ? {} : { phase }),
      ...(cause === undefined ? {} : { cause }),
    };
  });

describe('a segment of samples', () => {
  it('gives back what was written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(arbitrarySample, { minLength: 1, maxLength: 20 }), { maxLength: 5 }),
        (batches) => {
          const bytes = Buffer.concat([encodeHeader(header), ...batches.map(encodeBatch), encodeEnd(77e9)]);
          expect(decodeSegment('s', bytes)).to.deep.equal({ header, samples: batches.flat(), endNs: 77e9 });
        },
      ),
    );
  });

  it('takes at most 24 bytes for a sample at 100 a second, blocks counted', () => {
    const batch = Array.from({ length: 10 }, (_, n) => sample(n));
    expect(SAMPLE_BYTES).to.be.at.most(24);
    expect(encodeBatch(batch).length / batch.length).to.be.at.most(24);
  });

  it('loses at most its last batch wherever it is torn', () => {
    const batches = [0, 1, 2].map((k) =>
      [0, 1, 2, 3].map((i) => sample(4 * k + i, { outcome: i === 2 ? 'failed' : 'ok' })),
    );
    const own = { ...header, startNs: 0 };
    const parts = [encodeHeader(own), ...batches.map(encodeBatch), encodeEnd(5e9)];
    const bytes = Buffer.concat(parts);
    for (let length = 0; length < bytes.length; length++) {
      const read = decodeSegment('s', bytes.subarray(0, length));
      let end = parts[0]?.length ?? 0;
      if (length < end) {
        expect(read, `torn at ${length}`).to.equal(undefined);
        continue;
      }
      const whole = batches.filter((_, k) => (end += parts[k + 1]?.length ?? 0) <= length);
      expect(read?.samples, `torn at ${length}`).to.deep.equal(whole.flat());
      expect(read?.endNs).to.equal(undefined);
    }
  });

  it('takes zeros behind the last batch for a torn tail', () => {
    const bytes = Buffer.concat([
      encodeHeader({ ...header, startNs: 0 }),
      encodeBatch([sample(0)]),
      Buffer.alloc(50),
    ]);
    expect(decodeSegment('s', bytes)?.samples).to.deep.equal([sample(0)]);
  });

  it('is refused when any byte before its tail was changed', () => {
    const first = Buffer.concat([
      encodeHeader({ ...header, startNs: 0 }),
      encodeBatch([sample(0), sample(1)]),
    ]);
    const whole = Buffer.concat([first, encodeBatch([sample(2)])]);
    for (let at = 0; at < first.length; at++) {
      const damaged = Buffer.from(whole);
      damaged.writeUInt8((damaged[at] ?? 0) ^ 0x40, at);
      let read: readonly Sample[] | undefined;
      let refused: unknown;
      try {
        read = decodeSegment('keystone-0.seg', damaged)?.samples;
      } catch (error) {
        refused = error;
      }
      // A length that was made longer than the file cannot be told from a torn tail; nothing wrong is ever read.
      if (refused === undefined) expect([undefined, 0, 1, 2]).to.include(read?.length);
      else expect(refused).to.include({ code: 'SQ_RUN_UNREADABLE' });
      if (read !== undefined && read.length > 0)
        expect(read).to.deep.equal([sample(0), sample(1)].slice(0, read.length));
    }
  });

  it('is refused when it is of another version or something else', () => {
    const other = encodeHeader({ ...header, version: 2 as 1 });
    expect(() => decodeSegment('a.seg', other)).to.throw(/a\.seg.*version is 2/);
    expect(() => decodeSegment('a.seg', Buffer.from('{"not": "a segment"}'))).to.throw(/does not begin/);
  });
});
