import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openJournal } from '../../src/custody/index.ts';
import type { RunEnd } from '../../src/model/evidence.ts';
import { gather } from '../../src/run/gather.ts';
import type { RunRequest, World } from '../../src/run/world.ts';
import { MemoryStore } from '../chaos/fakes/memory-store.ts';
import { planOf } from '../chaos/fakes/topologies.ts';
import { VirtualClock } from '../chaos/fakes/virtual-clock.ts';

describe('gathering', () => {
  it('begins nothing while a dead run may have left what only a later Squall can heal', async () => {
    const clock = new VirtualClock();
    const state = new MemoryStore();
    await openJournal(state, { run: 'later', clock, self: { host: 'here', pid: 1 } });
    const body = JSON.stringify({ schemaVersion: 3, run: 'later', seq: 1, previous: '', event: {} });
    const sha256 = createHash('sha256').update(body).digest('hex');
    state.files
      .get('later')
      ?.get('harness-000')
      ?.push(`${body.slice(0, -1)},"sha256":"${sha256}"}`);
    const written = new Map<string, unknown>();
    const world = {
      clock,
      state,
      self: { host: 'here', pid: 2 },
      isRunning: () => false,
      progress: { report: () => undefined },
      lab: {
        name: 'model',
        owned: false,
        status: async () => {
          throw new Error('begun');
        },
      },
      folder: {
        path: '/nowhere',
        write: async (name: string, value: unknown) => void written.set(name, value),
        flush: async () => undefined,
      },
    } as unknown as World;
    const request = { id: 'run-1', plan: planOf([]), planText: '', seed: 's' } as unknown as RunRequest;
    await gather(async () => undefined, request, world, new AbortController().signal);
    expect((written.get('end.json') as RunEnd).error?.code).to.equal('SQ_OPEN_FAULT');
  });
});
