import { expect } from 'chai';
import { describe, it } from 'mocha';
import { startWatchers } from '../../../src/measure/watchers/start-watchers.ts';
import { watcherEntries, watcherRegistry } from '../../../src/measure/watchers/watcher-registry.ts';
import type { Watcher } from '../../../src/measure/watchers/watcher.ts';
import type { WatchedEvent } from '../../../src/model/observation.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { KubernetesApi, KubernetesObject, KubernetesWatchEvent } from '../../../src/ports/kubernetes.ts';

type Script = readonly (readonly [atNs: number, event: KubernetesWatchEvent])[];

/** A cluster whose watch says what is written, at the times that are written. */
function scripted(script: Script): { kubernetes: KubernetesApi; clock: Clock; collections: string[] } {
  let ns = 100;
  const collections: string[] = [];
  const clock = { id: 'test', now: () => ({ clock: 'test', ns }) } as unknown as Clock;
  const kubernetes = {
    async *watch(collection: string) {
      collections.push(collection);
      for (const [atNs, event] of script) {
        await Promise.resolve();
        ns = atNs;
        yield event;
      }
    },
  } as unknown as KubernetesApi;
  return { kubernetes, clock, collections };
}

async function watched(name: string, script: Script): Promise<string[]> {
  const events: WatchedEvent[] = [];
  await startWatchers([name], scripted(script), (event) => events.push(event), new AbortController().signal);
  for (const event of events) {
    expect(event).to.deep.include({ watcher: name, clock: 'test' });
    expect(event.afterNs).to.be.at.most(event.seenNs);
  }
  return events.map(
    ({ change, about, was, is, afterNs, seenNs }) =>
      `${change} ${about} ${was ?? '-'}>${is ?? '-'} (${afterNs},${seenNs}]`,
  );
}

const listed = (...objects: KubernetesObject[]): KubernetesWatchEvent => ({ type: 'LISTED', objects });
const modified = (object: KubernetesObject): KubernetesWatchEvent => ({ type: 'MODIFIED', object });
const bookmark: KubernetesWatchEvent = { type: 'BOOKMARK' };
const blind: KubernetesWatchEvent = { type: 'BLIND', says: 'it froze' };

const node = (name: string, ready: boolean): KubernetesObject => ({
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }] },
});
const lease = (name: string, holderIdentity: string, labels = {}): KubernetesObject => ({
  metadata: { name, namespace: 'kube-system', labels },
  spec: { holderIdentity },
});
const slice = (name: string, service: string, members: Record<string, boolean | null>): KubernetesObject => ({
  metadata: { name, namespace: 'openstack', labels: { 'kubernetes.io/service-name': service } },
  endpoints: Object.entries(members).map(([pod, ready], index) => ({
    addresses: [`10.0.0.${index}`],
    conditions: ready === null ? {} : { ready },
    targetRef: { name: pod },
  })),
});

const NODES = '/api/v1/nodes';

describe('measure/watchers: nodes', () => {
  it('tells changes and not the beginning, after the time at which the old state was last known', async () => {
    const lines = await watched('nodes', [
      [200, listed(node('a', true), node('b', true))],
      [300, modified(node('a', true))],
      [400, modified(node('b', false))],
      [500, bookmark],
      [600, modified(node('b', true))],
    ]);
    expect(lines).to.deep.equal([
      `seeing ${NODES} ->- (100,200]`,
      'node-not-ready b ready>not-ready (300,400]',
      'node-ready b not-ready>ready (500,600]',
    ]);
  });

  it('is blind once, and what changed meanwhile reaches back to before', async () => {
    const lines = await watched('nodes', [
      [200, listed(node('a', true), node('b', true))],
      [300, bookmark],
      [400, blind],
      [450, blind],
      [900, listed(node('a', false), node('c', true))],
      [950, modified(node('a', true))],
    ]);
    expect(lines).to.deep.equal([
      `seeing ${NODES} ->- (100,200]`,
      `blind ${NODES} ->it froze (300,400]`,
      `seeing ${NODES} ->- (300,900]`,
      'node-not-ready a ready>not-ready (300,900]',
      'node-removed b ready>- (300,900]',
      'node-added c ->ready (300,900]',
      'node-ready a not-ready>ready (900,950]',
    ]);
  });

  it('sees again by a bookmark or a change, without a list', async () => {
    const lines = await watched('nodes', [
      [200, listed(node('a', true))],
      [300, blind],
      [400, modified(node('a', false))],
      [500, blind],
      [600, bookmark],
      [700, { type: 'DELETED', object: node('a', false) }],
    ]);
    expect(lines.slice(2)).to.deep.equal([
      `seeing ${NODES} ->- (200,400]`,
      'node-not-ready a ready>not-ready (200,400]',
      `blind ${NODES} ->it froze (400,500]`,
      `seeing ${NODES} ->- (400,600]`,
      'node-removed a not-ready>- (600,700]',
    ]);
  });
});

describe('measure/watchers: a watch that says from when to when it was blind', () => {
  const instant = (ns: number) => ({ clock: 'test', ns });

  it('places all that it tells late in the gap, up to the next bookmark, and names who told it', async () => {
    const events: WatchedEvent[] = [];
    const tools = scripted([
      [200, { type: 'LISTED', objects: [node('a', true)], asOf: instant(150) }],
      [400, { type: 'BLIND', says: 'it froze', since: instant(140) }],
      [900, { type: 'SEEING', from: instant(140), to: instant(890), says: 'it froze' }],
      [901, { type: 'MODIFIED', object: node('a', false), source: 'second' }],
      [902, modified(node('a', true))],
      [903, bookmark],
      [950, modified(node('a', false))],
    ]);
    await startWatchers(['nodes'], tools, (event) => events.push(event), new AbortController().signal);
    expect(
      events.map(({ change, afterNs, seenNs, source }) =>
        `${change} (${afterNs},${seenNs}] ${source ?? ''}`.trim(),
      ),
    ).to.deep.equal([
      'seeing (100,200]',
      'blind (140,400]',
      'seeing (140,890]',
      'node-not-ready (140,901] second',
      'node-ready (140,902]',
      'node-not-ready (903,950]',
    ]);
  });

  it('counts a list as known from when it was asked for, not from when it came', async () => {
    const lines = await watched('nodes', [
      [200, { type: 'LISTED', objects: [node('a', true)], asOf: instant(150) }],
      [210, modified(node('a', false))],
    ]);
    expect(lines[1]).to.equal('node-not-ready a ready>not-ready (150,210]');
  });
});

describe('measure/watchers: leaders', () => {
  it('tells leaders by node, the API address by its own name, and no leases that nobody is elected by', async () => {
    const identity = { 'apiserver.kubernetes.io/identity': 'kube-apiserver' };
    const lines = await watched('leaders', [
      [
        200,
        listed(
          lease('kube-scheduler', 'control-1_1111'),
          lease('api-address', 'control-1'),
          lease('apiserver-x', 'x', identity),
        ),
      ],
      [300, modified(lease('kube-scheduler', 'control-1_1111'))],
      [400, modified(lease('kube-scheduler', 'control-2_2222'))],
      [500, modified(lease('api-address', 'control-3'))],
      [600, modified(lease('apiserver-x', 'y', identity))],
      [700, modified(lease('kube-scheduler', ''))],
    ]);
    expect(lines.slice(1)).to.deep.equal([
      'leader kube-scheduler control-1>control-2 (300,400]',
      'address-moved api-address control-1>control-3 (400,500]',
      'leader kube-scheduler control-2>- (600,700]',
    ]);
  });
});

describe('measure/watchers: endpoints', () => {
  it('tells members that get requests and that do not any more, by service', async () => {
    const lines = await watched('endpoints', [
      [200, listed(slice('keystone-api-x', 'keystone-api', { k1: true, k2: null, k3: false }))],
      [300, modified(slice('keystone-api-x', 'keystone-api', { k1: false, k2: true, k3: true }))],
      [400, { type: 'DELETED', object: slice('keystone-api-x', 'keystone-api', {}) }],
    ]);
    expect(lines.slice(1)).to.deep.equal([
      'endpoint-removed openstack/keystone-api k1>- (200,300]',
      'endpoint-added openstack/keystone-api ->k3 (200,300]',
      'endpoint-removed openstack/keystone-api k2>- (300,400]',
      'endpoint-removed openstack/keystone-api k3>- (300,400]',
    ]);
  });

  it('does not tell a member that moves between two slices of a service', async () => {
    const lines = await watched('endpoints', [
      [200, listed(slice('one', 's', { a: true }), slice('two', 's', {}))],
      [300, modified(slice('two', 's', { a: true }))],
      [400, modified(slice('one', 's', {}))],
    ]);
    expect(lines).to.have.length(1);
  });
});

describe('measure/watchers: starting', () => {
  const broken: Watcher = {
    name: 'broken',
    summary: 'Breaks.',
    needs: 'kubernetes',
    watch: () => Promise.reject(new Error('a mistake of ours')),
  };

  it('turns a watcher that breaks into blindness, and goes on with the others', async () => {
    const events: WatchedEvent[] = [];
    const tools = scripted([
      [200, listed(node('a', true))],
      [300, modified(node('a', false))],
    ]);
    const registry = [broken, ...watcherRegistry.filter((watcher) => watcher.name === 'nodes')];
    await startWatchers([], tools, (event) => events.push(event), new AbortController().signal, registry);
    expect(events.find((event) => event.watcher === 'broken')).to.deep.include({
      change: 'blind',
      is: 'a mistake of ours',
      afterNs: 100,
    });
    expect(events.map((event) => event.change)).to.include.members(['seeing', 'node-not-ready']);
  });

  it('starts all that can be fed when none is named, and none without a cluster', async () => {
    const started: string[] = [];
    const registry = watcherRegistry.map(({ name, needs }): Watcher => ({
      name,
      needs,
      summary: '',
      watch: async () => void started.push(name),
    }));
    const { clock, kubernetes } = scripted([]);
    const signal = new AbortController().signal;
    await startWatchers([], { clock, kubernetes }, () => undefined, signal, registry);
    expect(started).to.deep.equal(['endpoints', 'leaders', 'nodes', 'galera', 'rabbitmq']);
    await startWatchers([], { clock }, () => undefined, signal, registry);
    expect(started).to.have.length(5);
    const events: WatchedEvent[] = [];
    await startWatchers(['nodes'], { clock }, (event) => events.push(event), new AbortController().signal);
    expect(events.map(({ change, is }) => `${change}: ${is ?? ''}`)).to.deep.equal([
      'blind: there is no Kubernetes API to watch',
    ]);
  });

  it('refuses a name that is not there, and lists those that are', async () => {
    const error: unknown = await startWatchers(
      ['nods'],
      scripted([]),
      () => undefined,
      new AbortController().signal,
    ).catch((e: unknown) => e);
    expect(String(error)).to.include('endpoints, leaders, nodes');
    expect(watcherEntries.map((entry) => entry.name)).to.deep.equal([
      ...['endpoints', 'leaders', 'nodes'],
      ...['galera', 'rabbitmq', 'agents'],
    ]);
  });
});
