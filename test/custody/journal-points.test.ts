import { expect } from 'chai';
import { describe, it } from 'mocha';
import { TROUBLES } from '../../bench/journal/faulty-disk.ts';
import { tryPoint } from '../../bench/journal/try-point.ts';

describe('a journal on a disk that breaks', () => {
  for (const kind of TROUBLES) {
    it(`does nothing without its entry and can be read: ${kind} at every operation`, async () => {
      let acts = 0;
      for (const seed of ['a', 'b', 'c', 'd', 'e']) {
        const { operations } = await tryPoint({ seed, kind: 'kill', at: Infinity });
        expect(operations).to.be.greaterThan(10);
        for (let at = 0; at < operations; at++) {
          const result = await tryPoint({ seed, kind, at });
          expect(result.violations, `${seed}, at ${at}`).to.deep.equal([]);
          acts += result.acts;
        }
      }
      expect(acts).to.be.greaterThan(50);
    });
  }
});
