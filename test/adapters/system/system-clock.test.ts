import { expect } from 'chai';
import { describe, it } from 'mocha';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';

describe('system clock', () => {
  const clock = createSystemClock();

  it('does not go back, and sleeps at least as long as it was asked to', async () => {
    const before = clock.now();
    await clock.sleep({ ms: 20 });
    const after = clock.now();
    expect(after.clock).to.equal(before.clock);
    // Node may call back up to a millisecond early.
    expect(after.ns - before.ns).to.be.at.least(19e6);
  });

  it('ends a sleep with the reason of the signal, at once, also when it had aborted before', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const sleeping = clock.sleep({ ms: 60_000 }, controller.signal).catch((error: unknown) => error);
    controller.abort(reason);
    expect(await sleeping).to.equal(reason);
    expect(await clock.sleep({ ms: 60_000 }, controller.signal).catch((error: unknown) => error)).to.equal(
      reason,
    );
  });

  it('cancels what should happen later', async () => {
    let called = false;
    const cancel = clock.after(5, () => (called = true));
    cancel();
    await clock.sleep({ ms: 20 });
    expect(called).to.equal(false);
  });
});
