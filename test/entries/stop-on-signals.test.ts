import { expect } from 'chai';
import { describe, it } from 'mocha';
import { stopOnSignals } from '../../src/entries/stop-on-signals.ts';
import { StopRequest } from '../../src/run/stop-signal.ts';

describe('signals', () => {
  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 143],
  ] as const) {
    it(`stop a run on ${signal}, which ends with ${exitCode}`, () => {
      const { stop, forget } = stopOnSignals('a-run');
      try {
        process.emit(signal, signal);
        expect(stop.reason).to.be.instanceOf(StopRequest).and.to.include({ signal, exitCode });
      } finally {
        forget();
      }
    });
  }

  it('are nobody’s any more once a run has ended', () => {
    const before = process.listenerCount('SIGHUP');
    stopOnSignals('a-run').forget();
    expect(process.listenerCount('SIGHUP')).to.equal(before);
  });
});
