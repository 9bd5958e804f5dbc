import { Writable } from 'node:stream';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { createProgress, type TerminalProgress } from '../../src/entries/terminal-progress.ts';
import type { CaseOutcome, CaseResult } from '../../src/model/conformance.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { ProgressEvent } from '../../src/ports/progress.ts';

class Page extends Writable {
  text = '';
  readonly columns = 90;
  readonly rows = 30;
  override _write(chunk: Buffer | string, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** A clock that moves only when told, and calls back what is due. */
function handClock(): Clock & { advance(ms: number): void; pending(): number } {
  let nowMs = 0;
  let timers: { due: number; callback: () => void }[] = [];
  return {
    id: 'test',
    now: () => ({ clock: 'test', ns: nowMs * 1e6 }),
    wall: () => '2026-01-01T00:00:00.000Z',
    sleep: () => Promise.resolve(),
    after(ms, callback) {
      const timer = { due: nowMs + ms, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      nowMs += ms;
      const due = timers.filter((timer) => timer.due <= nowMs);
      timers = timers.filter((timer) => timer.due > nowMs);
      for (const { callback } of due) callback();
    },
    pending: () => timers.length,
  };
}

function caseEvent(outcome: CaseOutcome, done: number, reason?: string): ProgressEvent {
  const at = { clock: 'test', ns: 0 };
  const result: CaseResult = {
    id: `nova/servers/case-${done}`,
    title: 'a case',
    suite: 'nova/servers',
    tags: [],
    stage: 'before',
    round: 1,
    outcome,
    started: at,
    ended: at,
    lane: 0,
    troubles: [],
    ...(reason === undefined ? {} : { reason }),
  };
  return { kind: 'case', result, done, planned: 3 };
}

const STORY: readonly ProgressEvent[] = [
  { kind: 'run', id: 'first-run-a1', plan: 'first-run', seed: 'storm', folder: 'reports/first-run-a1' },
  { kind: 'stage', stage: 'before', state: 'started' },
  caseEvent('passed', 1),
  caseEvent('skipped', 2, 'The lab cannot take snapshots.'),
  caseEvent('failed', 3, 'expected 200, got 500'),
  { kind: 'stage', stage: 'before', state: 'ended', says: '1 of 3 passed' },
  { kind: 'fault', step: 'off', state: 'holding', says: 'control-2 is off' },
  { kind: 'probe', probe: 'keystone-token', state: 'down' },
  { kind: 'event', says: 'api-address moved to control-1' },
  { kind: 'probe', probe: 'keystone-token', state: 'up' },
  { kind: 'fault', step: 'off', state: 'healed', says: 'control-2 is on' },
  { kind: 'note', level: 'warning', says: 'one sample was late' },
];

async function tell(
  interactive: boolean,
  colour = false,
): Promise<{ page: Page; clock: ReturnType<typeof handClock>; progress: TerminalProgress }> {
  const page = new Page();
  const clock = handClock();
  const progress = await createProgress({ stream: page, interactive, colour, clock });
  for (const event of STORY) {
    clock.advance(500);
    progress.report(event);
  }
  return { page, clock, progress };
}

describe('terminal progress', () => {
  it('writes one plain line for each event that matters, and none for cases that passed or were skipped', async () => {
    const { page, progress } = await tell(false);
    progress.close();
    expect(page.text.split('\n')).to.deep.equal([
      '    0.5s  run first-run-a1: plan first-run, seed storm, folder reports/first-run-a1',
      '    1.0s  stage before started',
      '    2.5s  case failed nova/servers/case-3: expected 200, got 500',
      '    3.0s  stage before ended: 1 of 3 passed',
      '    3.5s  fault off holding: control-2 is off',
      '    4.0s  probe keystone-token down',
      '    4.5s  saw api-address moved to control-1',
      '    5.0s  probe keystone-token up',
      '    5.5s  fault off healed: control-2 is on',
      '    6.0s  warning: one sample was late',
      '',
    ]);
  });

  it('keeps terminal escapes, line breaks and secrets of foreign texts out of its lines', async () => {
    const page = new Page();
    const progress = await createProgress({
      stream: page,
      interactive: false,
      colour: false,
      clock: handClock(),
    });
    progress.report({
      kind: 'event',
      says: 'a\u001b[2Jb\r\nforged line\u0007 Bearer abcdefgh12345678 \u202e',
    });
    expect(page.text).to.equal('    0.0s  saw ab forged line Bearer ***\n');
  });

  it('redraws a live view with stage, faults, probes, cases and last events', async () => {
    const { page, clock, progress } = await tell(true);
    progress.report({ kind: 'fault', step: 'cut', state: 'holding', says: 'control-3 is cut off' });
    progress.report({ kind: 'probe', probe: 'nova-servers', state: 'down' });
    page.text = '';
    clock.advance(100);
    for (const part of [
      'before',
      '2 cut (holding)',
      '✗ nova-servers',
      '● keystone-token',
      '3 of 3',
      '1 failed',
      'api-address moved',
    ]) {
      expect(page.text).to.include(part);
    }
    progress.close();
  });

  it('keeps failed cases above the live view, stops its timer when closed, and says nothing afterwards', async () => {
    const { page, clock, progress } = await tell(true);
    expect(page.text).to.include('case failed nova/servers/case-3: expected 200, got 500');
    expect(clock.pending()).to.equal(1);
    progress.close();
    expect(clock.pending()).to.equal(0);
    const { length } = page.text;
    progress.report({ kind: 'event', says: 'too late' });
    clock.advance(1000);
    expect(page.text.length).to.equal(length);
  });

  it('colours only when it is asked to', async () => {
    const plain = await tell(false, false);
    const coloured = await tell(false, true);
    expect(plain.page.text).not.to.include('\u001b[');
    expect(coloured.page.text).to.include('\u001b[31m');
  });
});
