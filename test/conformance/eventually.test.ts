import { setMaxListeners } from 'node:events';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { eventually, Soonest, type Limits } from '../../src/conformance/eventually.ts';
import { createMaker } from '../../src/conformance/maker.ts';
import { milliseconds, seconds } from '../../src/model/duration.ts';
import type { OpenStackApi } from '../../src/ports/openstack.ts';
import { cloudInMemory, type Asked } from './cloud-in-memory.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Moves the clock on until the work is done. */
async function driven<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let isDone = false;
  const ended = work.finally(() => (isDone = true));
  ended.catch(() => undefined);
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    if (isDone || !clock.step()) return ended;
  }
}

/** Waits for something that takes `takesMs`. @returns how often it was looked at, and after how long it was seen, in ms. */
async function waitFor(
  takesMs: number,
  soonest: Soonest,
  limits: Limits,
): Promise<{ looks: number; ms: number }> {
  const clock = new VirtualClock();
  const begunNs = clock.now().ns;
  const agedMs = (): number => (clock.now().ns - begunNs) / 1e6;
  let looks = 0;
  const look = async (): Promise<void> => {
    looks += 1;
    if (agedMs() < takesMs) throw new Error('not yet');
  };
  const never = new AbortController().signal;
  // The clock listens once for each sleep.
  setMaxListeners(100, never);
  await driven(
    clock,
    eventually('it is there', look, { within: seconds(60), ...limits }, clock, never, soonest),
  );
  return { looks, ms: agedMs() };
}

describe('waiting for what comes true', () => {
  it('looks at once, then ever more rarely', async () => {
    expect((await waitFor(0, new Soonest(), {})).looks).to.equal(1);
    const seen = await waitFor(12_000, new Soonest(), { every: milliseconds(300) });
    expect(seen.looks).to.be.within(10, 16);
    expect(seen.ms).to.be.within(12_000, 13_000);
  });

  it('does not look long before it can be true, where it takes as long each time', async () => {
    const soonest = new Soonest();
    const steady = { every: milliseconds(300), steady: true } as const;
    const first = await waitFor(12_000, soonest, steady);
    const second = await waitFor(12_000, soonest, steady);
    expect(second.looks).to.be.at.most(first.looks / 2);
    expect(second.ms).to.be.within(12_000, 13_000);
    // Quicker than ever: it is seen late once, and sooner each time after that.
    const quick = await waitFor(1000, soonest, steady);
    expect(quick.ms).to.be.at.most(10_000);
    expect((await waitFor(1000, soonest, steady)).ms).to.be.below(quick.ms);
  });

  it('learns nothing from what was true from the start, nor for what is not said to be steady', async () => {
    const soonest = new Soonest();
    await waitFor(12_000, soonest, { steady: true });
    expect((await waitFor(0, soonest, {})).ms).to.equal(0);
    const other = new Soonest();
    await waitFor(0, other, { steady: true });
    expect(other.restMs('it is there')).to.equal(0);
  });

  it('does not sleep through its limit', async () => {
    const soonest = new Soonest();
    soonest.came('it is there', 100_000);
    const failure = await waitFor(1e9, soonest, { steady: true }).catch((error: Error) => error.message);
    expect(failure).to.match(/^It did not come true within 1m/);
  });
});

async function deleteAndWait(api: OpenStackApi, clock: VirtualClock): Promise<void> {
  await api.service('compute').request({ method: 'DELETE', path: '/servers/1' });
  await clock.sleep(seconds(6));
}

describe('taking away what takes seconds to go', () => {
  it('asks a dozen times for the first, and a few times for those after it', async () => {
    const clock = new VirtualClock();
    let deletedNs = Infinity;
    const { api, asked } = cloudInMemory(({ method }: Asked) => {
      if (method === 'POST') {
        deletedNs = Infinity;
        return { status: 202, body: { server: { id: '1' } } };
      }
      const isGone = clock.now().ns - deletedNs >= 6e9;
      if (method === 'DELETE' && !isGone) deletedNs = clock.now().ns;
      return { status: isGone ? 404 : method === 'DELETE' ? 204 : 200, body: {} };
    });
    const none = (): never => {
      throw new Error('There is no Kubernetes here.');
    };
    const soonest = new Soonest();
    const looks = async (isByCase = false): Promise<number> => {
      const { maker, takeAway } = createMaker({
        ...{ run: 'r1', createdBy: 'a case', clock, soonest, patience: seconds(60), kubernetes: none },
        openstack: () => api,
        cleaning: { kubernetes: none, openstack: () => api, administrator: () => api },
        ledger: { creating: () => undefined, created: () => undefined, deleted: () => undefined },
      });
      await maker.resource({ type: 'compute', path: '/servers', key: 'server', body: { name: 'sq-r1-a' } });
      if (isByCase) await driven(clock, deleteAndWait(api, clock));
      const before = asked.length;
      await driven(clock, takeAway());
      return asked.slice(before).filter(({ method }) => method === 'GET').length;
    };
    expect(await looks()).to.be.within(8, 13);
    expect(await looks()).to.be.at.most(8);
    expect(await looks()).to.be.at.most(8);
    // A case that deletes its server itself has seen it go.
    const begunNs = clock.now().ns;
    expect(await looks(true)).to.equal(0);
    expect((clock.now().ns - begunNs) / 1e9).to.be.closeTo(6, 0.1);
  });
});
