import { expect } from 'chai';
import { describe, it } from 'mocha';
import { readTruth, withTruths } from '../../src/entries/read-truth.ts';

describe('read-truth', () => {
  it('takes for a yes what people write for one, and so for a no', () => {
    const read = (value: string): boolean => readTruth(value, 'SQUALL_DRY_RUN', 'SQ_CONFIG_INVALID');
    expect(['true', '1', 'yes', 'TRUE', ' true '].map(read)).to.deep.equal([true, true, true, true, true]);
    expect(['false', '0', 'no', 'False', ''].map(read)).to.deep.equal([false, false, false, false, false]);
  });

  it('refuses what is neither, by the name under which it was given', () => {
    expect(() => readTruth('maybe', 'SQUALL_YES', 'SQ_CONFIG_INVALID'))
      .to.throw('`SQUALL_YES` cannot be "maybe": it is true or false.')
      .with.property('code', 'SQ_CONFIG_INVALID');
  });

  it('rewrites such options alone, and nothing behind a double dash', () => {
    const isTruth = (name: string): boolean => ['dry-run', 'y'].includes(name);
    expect(
      withTruths(['run', '--dry-run=1', '-y=no', '--seed=1', '--dry-run', '--', '--dry-run=1'], isTruth),
    ).to.deep.equal(['run', '--dry-run=true', '-y=false', '--seed=1', '--dry-run', '--', '--dry-run=1']);
    expect(() => withTruths(['--dry-run=on'], isTruth)).to.throw('`--dry-run` cannot be "on"');
  });
});
