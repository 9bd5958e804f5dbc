import { expect } from 'chai';
import { describe, it } from 'mocha';
import { prefixOf, runEngine } from '../../src/run/run-engine.ts';
import type { Session } from '../../src/run/session.ts';
import type { EngineOrder, OpenEngine, SuiteEngine } from '../../src/ports/suite-engine.ts';
import type { ProgressEvent } from '../../src/ports/progress.ts';
import { HarnessError } from '../../src/model/errors.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';

const RUN = '20260101-000000-ab12';

interface Made {
  readonly id: string;
  readonly name: string;
}

/** A session on a cloud that has these servers, and nothing else that may be listed. */
function sessionWith(servers: Made[], engine: Partial<OpenEngine>, opened?: Error) {
  const notes: string[] = [];
  const asked: string[] = [];
  const ledger: string[] = [];
  const orders: EngineOrder[] = [];
  let closed = 0;
  const openstack = {
    listAll: async (type: string, path: string) => {
      if (type === 'compute' && path.startsWith('/servers')) return servers;
      if (type === 'network') throw new HarnessError('SQ_UNREACHABLE', 'no answer');
      throw new HarnessError('SQ_AUTH', 'refused');
    },
    service: () => ({
      request: async ({ method, path }: { method: string; path: string }) => {
        asked.push(`${method} ${path}`);
        servers.splice(0, servers.length, ...servers.filter(({ id }) => !path.endsWith(`/${id}`)));
        return { status: 204, body: {}, url: path };
      },
    }),
  };
  const whole: OpenEngine = {
    version: 'Tempest 47.0.0',
    notes: ['A note.'],
    tests: async () => [],
    run: async () => ({}),
    close: async () => void (closed += 1),
    ...engine,
  };
  const suiteEngine: SuiteEngine = {
    name: 'tempest',
    open: async (order) => {
      orders.push(order);
      if (opened !== undefined) throw opened;
      return whole;
    },
  };
  const clock = createSystemClock();
  const note = (act: string) => (entry: { name: string }) => void ledger.push(`${act} ${entry.name}`);
  const session = {
    request: { id: RUN, lanes: 2 },
    clients: { openstack },
    ledger: { creating: note('creating'), created: note('created'), deleted: note('deleted') },
    notebook: {
      stage: (_name: string, act: () => Promise<void>) => act(),
      attempt: (act: () => Promise<void>) => act().catch((error: unknown) => void notes.push(String(error))),
    },
    world: {
      clock,
      engine: suiteEngine,
      suites: [],
      lab: { name: 'memory' },
      folder: { append: () => undefined, flush: async () => undefined, write: async () => undefined },
      progress: {
        report: (event: ProgressEvent) => void ('says' in event && notes.push(String(event.says))),
      },
    },
  } as unknown as Session;
  const run = (match = 'x'): Promise<void> =>
    runEngine({ besideOwn: false, match }, { suites: [], tags: [] }, session, new AbortController().signal);
  return { run, session, notes, asked, ledger, orders, servers, closedTimes: () => closed };
}

const failing = (run: Promise<void>): Promise<unknown> =>
  run.then(
    () => 'nothing',
    (error: unknown) => error,
  );

describe('running an engine in a run', () => {
  const ours = { id: '1', name: 'sq-ab12-ClassY-server-1' };
  const others = [
    { id: '2', name: 'sq-ab1234-server' },
    { id: '3', name: 'production' },
    { id: '4', name: 'sq-20251231-000000-zz99-server-1-1' },
  ];

  it('takes away what carries its prefix and nothing else, with the ledger first, and says so', async () => {
    const { run, asked, ledger, notes, servers, orders, closedTimes } = sessionWith([ours, ...others], {});
    expect(await failing(run())).to.include({ code: 'SQ_SUITE' });
    expect(orders[0]?.prefix).to.equal('sq-ab12');
    expect(asked).to.deep.equal(['DELETE /servers/1']);
    expect(servers).to.deep.equal(others);
    expect(ledger).to.deep.equal(['creating', 'created', 'deleted'].map((act) => `${act} ${ours.name}`));
    expect(notes.join('\n')).to.match(
      /left 1 behind, of which 1 are deleted now: compute:\/servers sq-ab12-ClassY-server-1/,
    );
    expect(closedTimes()).to.equal(1);
  });

  it('says where nobody could look, and not of what this user may not see', async () => {
    const { run, notes } = sessionWith([], {});
    await failing(run());
    expect(
      notes.filter((says) => /Nobody could look/.test(says)).every((says) => says.includes('network:/')),
    ).to.equal(true);
    expect(notes.some((says) => says.includes('network:/routers'))).to.equal(true);
  });

  it('closes it and looks also when it breaks, and keeps the first error', async () => {
    const broken = sessionWith([ours], {
      tests: () => Promise.reject(new HarnessError('SQ_ENGINE', 'no list')),
      close: () => Promise.reject(new Error('not removed')),
    });
    expect(await failing(broken.run())).to.include({ code: 'SQ_ENGINE' });
    expect(broken.asked).to.deep.equal(['DELETE /servers/1']);
    expect(broken.notes.join('\n')).to.include('not removed');
  });

  it('sends nothing when it cannot be opened', async () => {
    const refused = sessionWith([ours], {}, new HarnessError('SQ_ENGINE', 'no Python'));
    expect(await failing(refused.run())).to.include({ code: 'SQ_ENGINE' });
    expect(refused.asked).to.deep.equal([]);
  });

  it('takes a cloud', async () => {
    const { session } = sessionWith([], {});
    const without = { ...session, clients: {} };
    const run = runEngine(
      { besideOwn: false },
      { suites: [], tags: [] },
      without,
      new AbortController().signal,
    );
    expect(await failing(run)).to.include({ code: 'SQ_CLOUDS_YAML' });
  });

  it('has a prefix as short as Tempest’s own, from the part of the run’s id that differs', () => {
    expect(prefixOf(RUN)).to.equal('sq-ab12');
    expect(prefixOf(RUN).length).to.equal('tempest'.length);
  });
});
