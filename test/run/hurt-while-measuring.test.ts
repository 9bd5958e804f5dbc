import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Schedule, ScheduledStep } from '../../src/model/schedule.ts';
import { hurtWhileMeasuring } from '../../src/run/hurt-while-measuring.ts';
import { Notebook } from '../../src/run/notebook.ts';
import type { Session } from '../../src/run/session.ts';
import { MemoryStore } from '../chaos/fakes/memory-store.ts';
import { planOf, reference } from '../chaos/fakes/topologies.ts';
import { VirtualClock } from '../chaos/fakes/virtual-clock.ts';

const wait: ScheduledStep = {
  kind: 'wait',
  id: 'w',
  step: 'w',
  wait: { for: 'duration', duration: { ms: 60_000 } },
};

/** A session whose method waits a minute and hurts nothing, beside suites that cannot be run. */
function sessionBesideNoSuite(): { readonly session: Session; readonly written: Map<string, unknown> } {
  const clock = new VirtualClock();
  const written = new Map<string, unknown>();
  const progress = { report: () => undefined };
  const during = { suites: ['misspelled'], tags: [] };
  const schedule: Schedule = { schemaVersion: 1, plan: 'p', seed: 's', steps: [wait] };
  const session = {
    request: { id: 'run-1', plan: { ...planOf([]), conformance: { during } }, lanes: 1 },
    world: {
      clock,
      progress,
      suites: [],
      durations: {},
      state: new MemoryStore(),
      lab: { name: 'model', abilities: {} },
      self: {},
      prober: {
        launch: async () => ({
          onLive: () => undefined,
          refresh: () => undefined,
          stop: async () => undefined,
        }),
      },
      reaper: { launch: async () => ({ pid: 1, alive: () => true }) },
      folder: {
        path: '/nowhere',
        write: async (name: string, value: unknown) => void written.set(name, value),
        append: () => undefined,
        flush: async () => undefined,
      },
    },
    clients: {},
    topology: reference(),
    schedule,
    journal: { open: () => [] },
    notebook: new Notebook(clock, progress),
  } as unknown as Session;
  return { session, written };
}

describe('hurting while measuring', () => {
  it('outlives suites beside it that fail at once, and notes why', async () => {
    const { session, written } = sessionBesideNoSuite();
    const lost: unknown[] = [];
    const note = (reason: unknown): void => void lost.push(reason);
    // Outside of a test the process would end here, in the midst of a fault.
    process.on('unhandledRejection', note);
    try {
      await hurtWhileMeasuring(session, new AbortController().signal);
    } finally {
      process.off('unhandledRejection', note);
    }
    expect(lost).to.deep.equal([]);
    expect(written.get('chaos.json')).to.have.nested.property('steps[0].id', 'w');
    expect(session.notebook.end().error?.code).to.equal('SQ_SUITE');
  });
});
