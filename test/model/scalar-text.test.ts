import { expect } from 'chai';
import { describe, it } from 'mocha';
import { scalarText } from '../../src/model/scalar-text.ts';

describe('scalarText', () => {
  it('writes what is a scalar, and nothing of what is none', () => {
    const values = ['a', 0, false, 1e21, null, undefined, [], ['a'], { toString: 'x' }, Object.create(null)];
    expect(values.map(scalarText)).to.deep.equal(['a', '0', 'false', '1e+21', '', '', '', '', '', '']);
  });
});
