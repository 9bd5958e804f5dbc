import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { LiveBoard } from '../../src/measure/live-board.ts';
import { LiveState } from '../../src/measure/live-state.ts';
import { milliseconds, seconds } from '../../src/model/duration.ts';
import type { LiveProbe, SampleOutcome } from '../../src/model/observation.ts';
import { sample } from './sample-series.ts';

let nowNs = 0;
const clock = {
  id: 'host:test',
  now: () => ({ clock: 'host:test', ns: nowNs }),
  wall: () => '',
  sleep: () => Promise.resolve(),
  after: () => () => undefined,
};

const live = (
  probe: string,
  outcome: SampleOutcome,
  sinceMs: number,
  atMs: number,
  over: Partial<LiveProbe> = {},
): LiveProbe => ({
  probe,
  outcome,
  sinceNs: sinceMs * 1e6,
  atNs: atMs * 1e6,
  inRow: Math.round((atMs - sinceMs) / 10) + 1,
  freshForNs: 500e6,
  ...over,
});

describe('the live board', () => {
  let changes: string[] = [];
  let board: LiveBoard;

  beforeEach(() => {
    nowNs = 0;
    changes = [];
    board = new LiveBoard(clock, (probe, state) => changes.push(`${probe} ${state}`));
  });

  it('tells changes, and nothing else', () => {
    board.update([live('a', 'ok', 0, 20)]);
    board.update([live('a', 'ok', 0, 40)]);
    board.update([live('a', 'failed', 50, 60)]);
    board.update([live('a', 'unknown', 70, 70)]);
    expect(changes).to.deep.equal(['a up', 'a down', 'a unseen']);
  });

  it('tells a probe of several parts once: down while any is, unseen when all are', () => {
    const part = (name: string, outcome: SampleOutcome): LiveProbe => ({
      ...live(`pods/${name}`, outcome, 0, 20),
      partOf: 'pods',
    });
    board.update([part('a>b', 'ok'), part('b>a', 'ok')]);
    board.update([part('a>b', 'unknown')]);
    expect(changes).to.deep.equal(['pods up']);
    board.update([part('b>a', 'failed')]);
    board.update([part('a>b', 'ok'), part('b>a', 'unknown')]);
    board.update([part('a>b', 'unknown')]);
    expect(changes).to.deep.equal(['pods up', 'pods down', 'pods up', 'pods unseen']);
  });

  it('says that all are up only when each was answered well three times in a row, and lately', () => {
    expect(board.allUp(), 'before any news').to.equal(false);
    board.update([live('a', 'ok', 0, 50), live('b', 'ok', 40, 50)]);
    expect(board.allUp(), 'two in a row').to.equal(false);
    board.update([live('b', 'ok', 40, 60)]);
    expect(board.allUp(), 'three in a row').to.equal(true);
    nowNs = 700e6;
    expect(board.allUp(), 'old news').to.equal(false);
    expect(board.state('a')).to.equal('unseen');
  });

  it('leaves out samples from before a moment', () => {
    board.update([live('a', 'ok', 0, 100)]);
    expect(board.allUp(95e6)).to.equal(false);
    expect(board.allUp(60e6)).to.equal(true);
    board.update([live('a', 'ok', 200, 220)]);
    expect(board.allUp(199e6)).to.equal(true);
  });

  it('fires a guard once its probe was down for too long, and says which', () => {
    const signal = board.guardSignal([{ name: 'enough', probe: 'a', downFor: seconds(1) }]);
    board.update([live('a', 'failed', 0, 900), live('b', 'failed', 0, 5000)]);
    expect(signal.aborted).to.equal(false);
    board.update([live('a', 'unknown', 950, 960)]);
    board.update([live('a', 'failed', 980, 1000)]);
    expect(signal.aborted, 'samples that say nothing are no break').to.equal(true);
    expect(signal.reason).to.include({ code: 'SQ_STOPPED' });
    expect(String(signal.reason)).to.match(/Guard enough .* probe a has been down for 1s \(limit 1s\)/);
  });

  it('fires a guard for any one way of its probe, and names the way', () => {
    const signal = board.guardSignal([{ name: 'enough', probe: 'pods', downFor: seconds(1) }]);
    const way = { ...live('pods/a>b', 'failed', 0, 1100), partOf: 'pods' };
    board.update([live('pods/host>b', 'failed', 0, 5000), { ...way, atNs: way.sinceNs }]);
    expect(signal.aborted).to.equal(false);
    board.update([way]);
    expect(String(signal.reason)).to.include('probe pods/a>b has been down');
  });

  it('lets a good answer break the time down', () => {
    const signal = board.guardSignal([{ name: 'enough', probe: 'a', downFor: milliseconds(500) }]);
    board.update([live('a', 'failed', 0, 400)]);
    board.update([live('a', 'ok', 410, 420)]);
    board.update([live('a', 'failed', 430, 900)]);
    expect(signal.aborted).to.equal(false);
    board.update([live('a', 'failed', 430, 930)]);
    expect(signal.aborted).to.equal(true);
  });
});

describe('the live state of a probe', () => {
  const state = (): LiveState =>
    new LiveState({ probe: 'a', startNs: 0, periodNs: 10e6, timeoutNs: 100e6, flushNs: 100e6 });

  it('goes by planned time, not by when answers came', () => {
    const one = state();
    for (const n of [0, 1, 2, 4, 5, 6]) one.accept(sample(n));
    expect(one.snapshot()).to.include({ outcome: 'ok', sinceNs: 0, atNs: 60e6, inRow: 6 });
    // Sample 3 ran into its timeout while later ones were answered: the row began after it.
    one.accept(sample(3, { outcome: 'failed', phase: 'wait' }));
    expect(one.snapshot()).to.include({ outcome: 'ok', sinceNs: 40e6, inRow: 3 });
  });

  it('starts unseen', () => {
    expect(state().snapshot()).to.include({ outcome: 'unknown', inRow: 0 });
  });
});
