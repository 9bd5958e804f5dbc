import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import picocolors from 'picocolors';
import { drawFrame, timeLeft } from '../../src/entries/live-frame.ts';
import { emptyState, take, type LiveState } from '../../src/entries/live-state.ts';
import type { ProgressEvent } from '../../src/ports/progress.ts';

const PLAIN = picocolors.createColors(false);

function stateAfter(events: readonly (readonly [atMs: number, event: ProgressEvent])[]): LiveState {
  const state = emptyState();
  for (const [atMs, event] of events) take(state, event, atMs, PLAIN);
  return state;
}

const probe = (name: string, state: 'up' | 'down' | 'unseen'): ProgressEvent => ({
  kind: 'probe',
  probe: name,
  state,
});

const STORY: readonly (readonly [number, ProgressEvent])[] = [
  [0, { kind: 'stage', stage: 'chaos', state: 'started' }],
  [0, { kind: 'expect', stage: 'chaos', tookMs: 60_000 }],
  [100, probe('keystone', 'up')],
  [100, probe('a-probe-whose-name-is-longer-than-anybody-would-like-it-to-be', 'up')],
  [10_000, { kind: 'fault', step: 'power-off', state: 'injecting', says: '' }],
  [12_000, probe('keystone', 'down')],
  [12_100, probe('keystone', 'up')],
  [20_000, { kind: 'fault', step: 'power-off', state: 'healed', says: '' }],
  [30_000, { kind: 'fault', step: 'cut', state: 'holding', says: '' }],
  [31_000, { kind: 'event', says: 'x'.repeat(300) }],
];

describe('the live view', () => {
  for (const columns of [40, 80, 140, 300]) {
    it(`is never wider than ${columns} columns`, () => {
      const frame = drawFrame(stateAfter(STORY), 40_000, { columns, rows: 24 }, PLAIN);
      const widths = frame.split('\n').map((line) => stripVTControlCharacters(line).length);
      expect(Math.max(...widths)).to.be.at.most(columns);
    });
  }

  it('shows an outage that is shorter than one character', () => {
    const frame = drawFrame(stateAfter(STORY), 40_000, { columns: 80, rows: 24 }, PLAIN);
    const lane = frame.split('\n').find((line) => line.includes('keystone')) ?? '';
    expect(lane.match(/█/g)).to.have.length(1);
    expect(lane).to.match(/━█━/);
  });

  it('draws each fault from its number on, over the time in which it was held', () => {
    const frame = drawFrame(stateAfter(STORY), 40_000, { columns: 80, rows: 24 }, PLAIN);
    const lane = frame.split('\n').find((line) => line.includes('faults')) ?? '';
    expect(lane).to.match(/ 1▒+ +2▒+$/);
    expect(frame).to.include('2 cut (holding)').and.not.to.include('1 power-off (');
  });

  it('says that a stage ended, and not how long it will still take', () => {
    const ended = { kind: 'stage', stage: 'chaos', state: 'ended' } as const;
    const frame = drawFrame(
      stateAfter([...STORY, [61_000, ended]]),
      70_000,
      { columns: 80, rows: 24 },
      PLAIN,
    );
    expect(frame.split('\n')[0]).to.match(/^01:10 +chaos ended +$/);
  });

  it('leaves out what has no room, and never what is down', () => {
    const many = Array.from({ length: 40 }, (_, index) => [0, probe(`probe-${index}`, 'up')] as const);
    const state = stateAfter([...many, [500, probe('probe-39', 'down')]]);
    const frame = drawFrame(state, 5_000, { columns: 80, rows: 24 }, PLAIN);
    expect(frame.split('\n').length).to.be.below(24);
    expect(frame).to.include('✗ probe-39').and.to.include('and 26 more');
  });

  it('says how long it will take by the plan, and by the pace of the cases, or nothing', () => {
    const chaos = stateAfter(STORY);
    expect(timeLeft(chaos, 40_000)).to.equal('about 20 s left');
    expect(timeLeft(chaos, 70_000)).to.equal('longer than expected');
    const cases = { ...emptyState(), cases: { done: 10, planned: 40, failed: 0, unknown: 0, fromMs: 0 } };
    expect(timeLeft(cases, 20_000)).to.equal('about 60 s left');
    expect(timeLeft({ ...cases, cases: { ...cases.cases, done: 1 } }, 20_000)).to.equal(undefined);
    expect(timeLeft(emptyState(), 20_000)).to.equal(undefined);
  });
});
