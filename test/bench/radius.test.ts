import { expect } from 'chai';
import { describe, it } from 'mocha';
import { checkCase } from '../../bench/radius/check-case.ts';

const CASES = 10_000;

describe('the blast radius against an oracle that tries everything that may remain', function () {
  this.timeout(120_000);

  it(`accepts nothing that breaks something, refuses with reasons, and lets no changed target through, in ${CASES} cases`, async () => {
    let asked = 0;
    let accepted = 0;
    for (let number = 0; number < CASES; number++) {
      const result = await checkCase(number);
      expect(result.wrong, `case ${number}`).to.deep.equal([]);
      asked += result.asked;
      accepted += result.accepted;
    }
    expect(accepted / asked, 'a proof that refuses everything would be useless').to.be.at.least(0.15);
  });
});
