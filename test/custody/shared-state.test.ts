import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { createKubernetesApi, type OpenKubernetesApi } from '../../src/adapters/kubernetes/kubernetes-api.ts';
import { createStateFolder } from '../../src/adapters/system/state-folder.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { createClusterState, LEASE_SECONDS } from '../../src/custody/cluster-state.ts';
import { joinStates } from '../../src/custody/join-states.ts';
import { takeLock } from '../../src/custody/cloud-lock.ts';
import { StopWatch } from '../../src/run/watch-stop.ts';
import { isRunning } from '../../src/entries/is-running.ts';
import { HarnessError } from '../../src/model/errors.ts';
import type { SharedState } from '../../src/ports/state-store.ts';
import { MemoryStore } from '../chaos/fakes/memory-store.ts';
import { VirtualClock } from '../chaos/fakes/virtual-clock.ts';
import { ADMIN, startModelCluster, type ModelCluster } from '../rehearsal/cluster-api/model-cluster.ts';
import { ObjectsInMemory } from './objects-in-memory.ts';
import { goneProcess, holder, sharedStateCases } from './shared-state-cases.ts';

describe('the file form of what runs share', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'squall-shared-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  sharedStateCases(() => createStateFolder(folder));

  it('counts a stop that cannot be read as a stop', async () => {
    await writeFile(join(folder, 'stop.json'), '{"by":"an');
    expect(await createStateFolder(folder).stopped()).to.have.property('by', 'somebody');
    await createStateFolder(folder).allow();
  });
});

const wallAt = (ms: number) => ({ wall: () => new Date(Date.UTC(2026, 10, 21) + ms).toISOString() });

const clusterOver = (objects: ObjectsInMemory, atMs = 0): SharedState =>
  createClusterState({ kubernetes: objects, clock: wallAt(atMs), isGone: (other) => !isRunning(other) });

describe('the cluster form of what runs share', () => {
  const objects = new ObjectsInMemory();
  sharedStateCases(() => clusterOver(objects));

  it('passes a lock of another machine once its lease has surely run out, and not before', async () => {
    const lease = LEASE_SECONDS * 1000;
    await clusterOver(objects).lock('lease', holder('far', goneProcess(), 'another-host'));
    expect(await clusterOver(objects, 100_000).renew('lease', 'far')).to.equal(true);
    const at = (ms: number) => clusterOver(objects, ms).lock('lease', holder('near'));
    expect((await at(100_000 + lease + 50_000))?.run).to.equal('far');
    expect(await at(100_000 + lease + 61_000)).to.equal(undefined);
    expect(await clusterOver(objects, 400_000).renew('lease', 'far')).to.equal(false);
  });

  it('throws what the cluster says when it does not answer or may not be asked', async () => {
    const closed = new ObjectsInMemory();
    closed.answer = 403;
    const error = await clusterOver(closed)
      .stopped()
      .catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(HarnessError).and.to.include({ code: 'SQ_AUTH' });
  });
});

describe('the cluster form of what runs share, over HTTP in the rehearsal’s API', () => {
  let cluster: ModelCluster;
  let api: OpenKubernetesApi;
  let folder: string;
  before(async () => {
    cluster = await startModelCluster();
    folder = await mkdtemp(join(tmpdir(), 'squall-shared-'));
    const kubeconfig = join(folder, 'kubeconfig');
    const config = {
      'current-context': 'c',
      clusters: [{ name: 'c', cluster: { server: cluster.url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: { token: ADMIN } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    };
    await writeFile(kubeconfig, JSON.stringify(config));
    const clock = createSystemClock();
    api = await createKubernetesApi({ connection: { kubeconfig }, environment: {}, clock });
  });
  after(async () => {
    await api.close();
    await cluster.close();
    await rm(folder, { recursive: true, force: true });
  });
  sharedStateCases(() =>
    createClusterState({ kubernetes: api, clock: wallAt(0), isGone: (other) => !isRunning(other) }),
  );

  it('is a Lease as other tools read it', async () => {
    const lock = createClusterState({ kubernetes: api, clock: wallAt(1234), isGone: () => false });
    await lock.lock('lease', holder('run-1'));
    const leases = await api.list('/apis/coordination.k8s.io/v1/namespaces/squall-state/leases');
    const lease = leases.find(({ spec }) =>
      String((spec as { holderIdentity?: unknown }).holderIdentity).startsWith('run-1 on '),
    );
    expect(lease?.['spec']).to.include({
      leaseDurationSeconds: LEASE_SECONDS,
      renewTime: '2026-11-21T00:00:01.234000Z',
    });
  });
});

describe('both forms together', () => {
  let folder: string;
  let other: string;
  const order = { by: 'ann@there', why: 'enough', since: '' };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'squall-shared-'));
    other = await mkdtemp(join(tmpdir(), 'squall-shared-'));
  });
  afterEach(() => Promise.all([folder, other].map((path) => rm(path, { recursive: true, force: true }))));
  const machine = (path: string, objects: ObjectsInMemory) =>
    joinStates(createStateFolder(path), clusterOver(objects));

  it('let a stop and a lock of one machine reach another', async () => {
    const objects = new ObjectsInMemory();
    await machine(folder, objects).stop(order);
    expect(await machine(other, objects).stopped()).to.include({ by: 'ann@there' });
    await machine(other, objects).allow();
    expect(await machine(other, objects).stopped()).to.equal(undefined);
    // The file of the first machine is its own to take back.
    expect(await machine(folder, objects).stopped()).to.include({ by: 'ann@there' });
    expect(await machine(folder, objects).lock('cloud', holder('one'))).to.equal(undefined);
    expect((await machine(other, objects).lock('cloud', holder('two')))?.run).to.equal('one');
    // What the cluster refused is not held on the machine either.
    expect(await createStateFolder(other).lock('cloud', holder('three'))).to.equal(undefined);
  });

  it('go by the file alone while the cluster does not answer, and say so once', async () => {
    const objects = new ObjectsInMemory();
    objects.answer = 'nothing';
    const state = machine(folder, objects);
    expect(await state.stopped()).to.equal(undefined);
    expect(await state.lock('cloud', holder('one'))).to.equal(undefined);
    expect(state.troubles().join()).to.contain('nobody answers');
    expect((await state.lock('cloud', holder('two')))?.run).to.equal('one');
    expect(state.troubles()).to.deep.equal([]);
    await state.stop(order);
    expect(await state.stopped()).to.include({ by: 'ann@there' });
    expect(await state.renew('cloud', 'one')).to.equal(true);
  });

  it('stop a run whose lock is lost, or cannot be renewed for a minute; a shorter silence does not', async () => {
    const objects = new ObjectsInMemory();
    objects.slow = false;
    const clock = new VirtualClock();
    const store = new MemoryStore();
    const state = joinStates(store, clusterOver(objects));
    const systems = [
      { identity: 'cloud', name: 'cloud', kind: 'kubernetes', distribution: 'x', version: '1' },
    ] as const;
    const lock = await takeLock(state, { systems }, { run: 'one', self: holder('one'), clock });
    await clock.sleep({ ms: 20_000 });
    objects.answer = 'nothing';
    await clock.sleep({ ms: 45_000 });
    lock.check();
    objects.answer = undefined;
    await clock.sleep({ ms: 30_000 });
    lock.check();
    objects.answer = 'nothing';
    await clock.sleep({ ms: 75_000 });
    expect(() => lock.check()).to.throw('could not be renewed');
    expect(lock.lost.aborted).to.equal(true);
    objects.answer = undefined;
    await lock.release();
    const next = await takeLock(state, { systems }, { run: 'next', self: holder('next'), clock });
    await store.unlock('cloud', 'next');
    await clock.sleep({ ms: 15_000 });
    expect(() => next.check()).to.throw('taken over');
    await next.release();
  });

  it('refuse an injection to a process that slept through its lease, before any timer of it runs', async () => {
    let ms = 0;
    const asleep = {
      ...new VirtualClock(),
      now: () => ({ clock: 'virtual', ns: ms * 1e6 }),
      sleep: (_: unknown, signal?: AbortSignal) =>
        new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve())),
    };
    const systems = [
      { identity: 'cloud', name: 'cloud', kind: 'kubernetes', distribution: 'x', version: '1' },
    ] as const;
    const order = { run: 'one', self: holder('one'), clock: asleep };
    const lock = await takeLock(new MemoryStore(), { systems }, order);
    ms = 59_000;
    lock.check();
    ms = 61_000;
    expect(() => lock.check()).to.throw('could not be renewed');
    await lock.release();
  });

  it('abort a run with who and why, wherever the stop stands', async () => {
    const clock = new VirtualClock();
    const objects = new ObjectsInMemory();
    const watch = new StopWatch(clock);
    watch.watch(createStateFolder(folder), { ms: 250 });
    watch.watch(clusterOver(objects), { ms: 1000 });
    await clusterOver(objects).stop(order);
    await new Promise((resolve) => watch.signal.addEventListener('abort', resolve));
    expect((watch.signal.reason as Error).message).to.equal('The run was stopped by ann@there: enough.');
    watch.release();
  });
});
