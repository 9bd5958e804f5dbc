import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import {
  closeGround,
  killOnce,
  openGround,
  type KillGround,
  type KillResult,
} from '../../bench/kill/kill-once.ts';
import { orderOf } from '../../bench/kill/order-of.ts';

const KILLS = 10;
/** Rehearsals beside each other: more would be quicker and leave less of the machine to the tests beside this one. */
const GROUNDS = 1;

describe('a harness that is killed', function () {
  this.timeout(240_000);
  // A fault that was alive too long, or was not healed, is no matter of luck: it has no second try.
  this.retries(0);
  const grounds: KillGround[] = [];

  before(async () => {
    for (let n = 0; n < GROUNDS; n++)
      grounds.push(await openGround(await mkdtemp(join(tmpdir(), 'squall-kill-'))));
  });
  after(async () => {
    for (const ground of grounds) await closeGround(ground);
  });

  it(`leaves no fault alive 5 s after its declared end, and is healed, ${KILLS} times at every gap and at random`, async () => {
    const results: (KillResult & { readonly what: string })[] = [];
    let next = 0;
    const killOn = async (ground: KillGround): Promise<void> => {
      while (next < KILLS) {
        const order = orderOf(next++, ground.faults);
        const what = `${order.fault}, ${order.at}, ${order.ending}, ${order.heals}`;
        results.push({ what, ...(await killOnce(order, ground)) });
      }
    };
    await Promise.all(grounds.map(killOn));
    const broken = results.flatMap(({ what, violations }) => violations.map((says) => `${what}: ${says}`));
    expect(broken).to.deep.equal([]);
    // One at a random instant may find the harness at its end.
    expect(results.filter(({ killed }) => killed).length).to.be.at.least(KILLS - 2);
    expect(results.filter(({ goneMs }) => goneMs !== undefined).length).to.be.at.least(3);
  });
});
