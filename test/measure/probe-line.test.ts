import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { LoopWatch } from '../../src/measure/loop-watch.ts';
import { ProbeLine, type Attempt } from '../../src/measure/probe-line.ts';
import type { Sample } from '../../src/model/observation.ts';

const MS = 1e6;

/** A line with a clock that the test moves, and a system that answers only when the test says so. */
function rig(options: { readonly maxInFlight?: number; readonly timeoutMs?: number } = {}) {
  let nowNs = 0;
  const samples: Sample[] = [];
  const asked: Attempt[] = [];
  const watch = new LoopWatch({ clock: 'host:test', startNs: 0, stallLimitNs: 50 * MS, keepNs: 10_000 * MS });
  const line = new ProbeLine({
    startNs: 0,
    periodNs: 10 * MS,
    timeoutNs: (options.timeoutMs ?? 100) * MS,
    maxInFlight: options.maxInFlight ?? 1000,
    now: () => nowNs,
    lostBetween: (from, to) => watch.lostBetween(from, to),
    record: (sample) => samples.push(sample),
    asker: {
      ask(attempt) {
        asked.push(attempt);
        return {
          giveUp() {
            // As real transports do: giving up makes them report an error of their own.
            attempt.finish('wait', 0);
            return 'wait';
          },
        };
      },
    },
  });
  return {
    line,
    samples,
    asked,
    watch,
    /** Lets time pass with the thread running, millisecond by millisecond. */
    runTo: (ms: number): void => {
      while (nowNs < ms * MS) {
        nowNs += MS;
        if (nowNs % (10 * MS) === 0) watch.beat(nowNs);
        line.sendDue();
        line.expire();
      }
    },
    /** The thread is blocked until then; afterwards it runs once. */
    blockTo: (ms: number, heard: () => void = () => undefined): void => {
      nowNs = ms * MS;
      line.sendDue();
      heard();
      watch.beat(nowNs);
      line.expire();
    },
    bySampleNumber: () => [...samples].sort((a, b) => a.n - b.n),
  };
}

describe('the open loop of a probe', () => {
  it('sends at the planned instants although nothing is ever answered', () => {
    const { runTo, asked, line } = rig();
    line.sendDue();
    runTo(95);
    expect(asked.map(({ n }) => n)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('counts the timeout from the planned instant, and gives each sample one result', () => {
    const { runTo, bySampleNumber, line } = rig();
    line.sendDue();
    runTo(150);
    const [first] = bySampleNumber();
    expect(first).to.deep.include({ n: 0, outcome: 'failed', phase: 'wait', completedNs: 100 * MS });
    expect(bySampleNumber().map(({ n }) => n)).to.deep.equal([0, 1, 2, 3, 4, 5]);
  });

  it('records a sample for which there is no room as unknown, and goes on', () => {
    const { runTo, bySampleNumber, line } = rig({ maxInFlight: 2 });
    line.sendDue();
    runTo(45);
    expect(bySampleNumber().map(({ n, outcome, phase, cause }) => [n, outcome, phase, cause])).to.deep.equal([
      [2, 'unknown', 'harness', 'no-room'],
      [3, 'unknown', 'harness', 'no-room'],
      [4, 'unknown', 'harness', 'no-room'],
    ]);
  });

  it('sends late samples late, a few at a time, and writes off those that are later than their timeout', () => {
    const { runTo, blockTo, bySampleNumber, asked, line } = rig();
    line.sendDue();
    runTo(5);
    blockTo(300);
    expect(asked.length).to.equal(1 + 4);
    runTo(303);
    const late = asked.slice(1).map(({ n }) => n);
    expect(late).to.deep.equal([20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
    const unknown = bySampleNumber().filter(({ n, outcome }) => n > 0 && outcome === 'unknown');
    expect(unknown.map(({ n }) => n)).to.deep.equal([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    ]);
    expect(unknown.every(({ phase, cause }) => phase === 'harness' && cause === 'too-late')).to.equal(true);
  });

  it('calls an answer that it may only have heard late unknown, and one that was really late failed', () => {
    const stalled = rig();
    stalled.line.sendDue();
    stalled.runTo(60);
    stalled.blockTo(140, () => stalled.asked[0]?.finish(undefined, 200));
    expect(stalled.samples.find(({ n }) => n === 0)).to.include({
      outcome: 'unknown',
      phase: 'harness',
      cause: 'heard-late',
    });

    const slow = rig({ timeoutMs: 100 });
    slow.line.sendDue();
    slow.runTo(99);
    slow.blockTo(101, () => slow.asked[0]?.finish(undefined, 200));
    expect(slow.samples.find(({ n }) => n === 0)).to.include({
      outcome: 'failed',
      phase: 'wait',
      status: 200,
    });
  });

  it('does not call a broken connection a failure where it may have missed the answer', () => {
    const { line, runTo, blockTo, asked, samples } = rig();
    line.sendDue();
    runTo(1);
    asked[0]?.finish(undefined, 200);
    runTo(10);
    blockTo(90, () => asked[1]?.finish('wait', 0));
    expect(samples.find(({ n }) => n === 1)).to.include({ outcome: 'unknown', cause: 'heard-late' });
  });

  it('calls it a failure where it listened for as long as answers take, or where no answer can have been', () => {
    const { line, runTo, blockTo, asked, samples } = rig();
    line.sendDue();
    runTo(1);
    asked[0]?.finish(undefined, 200);
    runTo(35);
    blockTo(60, () => asked[1]?.finish('wait', 0));
    expect(samples.find(({ n }) => n === 1)).to.include({ outcome: 'failed', phase: 'wait' });
    runTo(70);
    const last = asked.at(-1);
    blockTo(130, () => last?.finish('connect', 0));
    expect(samples.find(({ n }) => n === last?.n)).to.include({ outcome: 'failed', phase: 'connect' });
  });

  it('calls it a failure where it was blocked long before, however long answers took of late', () => {
    const { line, runTo, blockTo, asked, samples } = rig({ timeoutMs: 400 });
    line.sendDue();
    runTo(300);
    // An answer that waited for somebody to come back: from now on they may take as long.
    asked[0]?.finish(undefined, 200);
    const sent = asked.at(-1);
    runTo(305);
    blockTo(340);
    runTo(400);
    sent?.finish('wait', 0);
    expect(samples.find(({ n }) => n === sent?.n)).to.include({ outcome: 'failed', phase: 'wait' });
  });

  it('gives back the time that the harness lost before it calls silence a failure', () => {
    const { line, runTo, blockTo, samples } = rig();
    line.sendDue();
    runTo(50);
    blockTo(130);
    expect(samples.filter(({ outcome }) => outcome === 'failed')).to.deep.equal([]);
    runTo(169);
    expect(samples.find(({ n }) => n === 0)).to.equal(undefined);
    runTo(175);
    expect(samples.find(({ n }) => n === 0)).to.include({ outcome: 'failed', phase: 'wait' });
  });

  it('invents no failure, whatever the stalls, where every answer would have been there in time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ run: fc.nat({ max: 80 }), block: fc.nat({ max: 400 }) }), { maxLength: 12 }),
        (parts) => {
          const { line, runTo, blockTo, asked, samples } = rig();
          let at = 0;
          let answered = 0;
          // The system answers at once; it is heard as soon as the thread runs.
          const hear = (): void => {
            for (; answered < asked.length; answered++) asked[answered]?.finish(undefined, 200);
          };
          line.sendDue();
          for (const { run, block } of parts) {
            for (const until = at + run; at < until;) {
              runTo((at += 1));
              hear();
            }
            at += block;
            blockTo(at, hear);
          }
          expect(samples.filter(({ outcome }) => outcome === 'failed')).to.deep.equal([]);
        },
      ),
    );
  });

  it('plans nothing after its end', () => {
    const { line, runTo, asked } = rig();
    line.end(25 * MS);
    line.sendDue();
    runTo(100);
    expect(asked.map(({ n }) => n)).to.deep.equal([0, 1, 2]);
    // Only the timeouts of those in flight are left.
    expect(line.dueNs()).to.equal(110 * MS);
  });
});

describe('the watch over the prober’s own thread', () => {
  const watched = (): LoopWatch =>
    new LoopWatch({ clock: 'c', startNs: 0, stallLimitNs: 50 * MS, keepNs: 1000 * MS });

  it('calls a late beat a stall only beyond the limit', () => {
    const watch = watched();
    for (const ms of [10, 20, 70, 80, 150, 160]) watch.beat(ms * MS);
    expect(watch.takeStalls()).to.deep.equal([{ clock: 'c', fromNs: 80 * MS, toNs: 150 * MS, by: 'loop' }]);
    expect(watch.takeStalls()).to.deep.equal([]);
    expect(watch.stalledBetween(75 * MS, 81 * MS)).to.equal(true);
    expect(watch.stalledBetween(20 * MS, 79 * MS)).to.equal(false);
  });

  it('knows what may have been lost in a stretch, also while it is being lost', () => {
    const watch = watched();
    for (const ms of [10, 20, 70]) watch.beat(ms * MS);
    expect(watch.lostBetween(0, 70 * MS)).to.equal(40 * MS);
    expect(watch.lostBetween(60 * MS, 70 * MS)).to.equal(10 * MS);
    expect(watch.lostBetween(0, 15 * MS)).to.equal(0);
    expect(watch.lostBetween(70 * MS, 100 * MS)).to.equal(20 * MS);
  });
});
