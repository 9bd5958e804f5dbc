import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { cleanText } from '../../src/report/clean-input.ts';
import { formatFigure, formatMs, formatRatio, shorten } from '../../src/report/wording.ts';

describe('wording', () => {
  const times: readonly (readonly [number, string])[] = [
    [0, '0 ms'],
    [0.42, '0.42 ms'],
    [8.44, '8.4 ms'],
    [420, '420 ms'],
    [999.4, '999 ms'],
    [999.6, '1 s'],
    [2_140, '2.14 s'],
    [59_999, '1 min'],
    [185_000, '3 min 5 s'],
  ];
  for (const [ms, text] of times) it(`writes ${ms} ms as ${text}`, () => expect(formatMs(ms)).to.equal(text));

  it('never rounds a share up to all or down to none', () => {
    expect(formatRatio(1)).to.equal('100 %');
    expect(formatRatio(0.99999)).to.equal('99.999 %');
    expect(formatRatio(0)).to.equal('0 %');
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (ratio) => {
        if (ratio < 1) expect(formatRatio(ratio)).not.to.equal('100 %');
        if (ratio > 0) expect(formatRatio(ratio)).not.to.equal('0 %');
      }),
    );
  });

  it('writes a figure as the range in which the truth lies', () => {
    expect(formatFigure({ min: 2_000, max: 2_200, unit: 'ms' })).to.equal('2 – 2.2 s');
    expect(formatFigure({ min: 900, max: 2_200, unit: 'ms' })).to.equal('900 ms – 2.2 s');
    expect(formatFigure({ min: 59_000, max: 65_000, unit: 'ms' })).to.equal('59 s – 1 min 5 s');
    expect(formatFigure({ min: 3, max: 3, unit: 'count' })).to.equal('3');
    expect(formatFigure({ min: 1, max: 2, unit: 'count' })).to.equal('1 – 2');
  });

  it('shortens any text to the length, on one well-formed line', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.integer({ min: 8, max: 200 }),
        (text, length) => {
          const short = shorten(text, length);
          expect(short.length).to.be.at.most(length);
          expect(short).not.to.match(/\p{Cs}|\n/u);
        },
      ),
    );
  });

  it('cleans a text for good: cleaning it again changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const once = cleanText(text);
        expect(once).not.to.match(/(?![\t\n])\p{Cc}/u);
        expect(cleanText(once)).to.equal(once);
      }),
    );
  });
});
