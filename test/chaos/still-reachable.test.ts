import { expect } from 'chai';
import { describe, it } from 'mocha';
import { stillReachable } from '../../src/chaos/still-reachable.ts';
import { HarnessError } from '../../src/model/errors.ts';
import { VirtualClock } from './fakes/virtual-clock.ts';

const never = new AbortController().signal;

/** A look that is never answered; it ends when its signal says so, as a request does. */
const hung = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('stillReachable', () => {
  it('gives a look up that hangs, ends its requests, and looks again', async () => {
    const signals: AbortSignal[] = [];
    const clock = new VirtualClock();
    const found = await stillReachable(
      (signal) => {
        signals.push(signal);
        return signals.length < 3 ? hung(signal) : Promise.resolve('there');
      },
      clock,
      never,
    );
    expect(found).to.equal('there');
    expect(signals.map(({ aborted }) => aborted)).to.deep.equal([true, true, false]);
    expect(clock.now().ns / 1e6 - 1000).to.be.closeTo(30_000, 10);
  });

  it('asks again when nobody was reached, and says so in the end', async () => {
    const clock = new VirtualClock();
    let looks = 0;
    const failure = await failureOf(
      stillReachable(
        () => {
          looks += 1;
          return Promise.reject(new HarnessError('SQ_UNREACHABLE', 'The address refused.'));
        },
        clock,
        never,
      ),
    );
    expect(failure).to.be.instanceOf(HarnessError).with.property('code', 'SQ_UNREACHABLE');
    expect(looks).to.be.within(89, 91);
  });

  it('does not ask again what another answer would not change', async () => {
    let looks = 0;
    const failure = await failureOf(
      stillReachable(
        () => {
          looks += 1;
          return Promise.reject(new HarnessError('SQ_TARGET_NONE', 'It is gone.'));
        },
        new VirtualClock(),
        never,
      ),
    );
    expect(failure).to.have.property('code', 'SQ_TARGET_NONE');
    expect(looks).to.equal(1);
  });

  it('ends at once when the run is stopped', async () => {
    const stop = new AbortController();
    const clock = new VirtualClock();
    clock.after(2000, () => stop.abort(new Error('Stopped by hand')));
    const failure = await failureOf(stillReachable(hung, clock, stop.signal));
    expect(failure).to.have.property('message', 'Stopped by hand');
    expect(clock.now().ns / 1e6 - 1000).to.equal(2000);
  });
});
