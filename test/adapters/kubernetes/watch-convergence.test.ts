import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { createKubernetesApi } from '../../../src/adapters/kubernetes/index.ts';
import { MergedCollection } from '../../../src/adapters/kubernetes/merged-collection.ts';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';
import type { KubernetesObject, KubernetesWatchEvent } from '../../../src/ports/kubernetes.ts';
import { UnsteadyCluster } from './unsteady-cluster.ts';

const clock = createSystemClock();
const nowNs = (): number => clock.now().ns;

/** What a reader of the stream believes, and how it came to that. */
class Reader {
  readonly state = new Map<string, string>();
  readonly gaps: { fromNs: number; toNs: number }[] = [];
  /** Each version with the instant at which it was told, and whether that was said to be late. */
  readonly told: { version: number; atNs: number; late: boolean }[] = [];
  readonly sources = new Set<string>();
  readonly wrong: string[] = [];
  #blind = false;
  #late = false;

  read(event: KubernetesWatchEvent): void {
    const atNs = nowNs();
    if (event.type === 'BLIND') {
      if (this.#blind) this.wrong.push('blind twice');
      this.#blind = true;
      return;
    }
    if (event.type === 'SEEING') {
      if (!this.#blind || event.from.ns > event.to.ns) this.wrong.push('a gap that is none');
      this.#blind = false;
      this.#late = true;
      this.gaps.push({ fromNs: event.from.ns, toNs: event.to.ns });
      return;
    }
    if (this.#blind) this.wrong.push(`${event.type} while blind`);
    if (event.source !== undefined) this.sources.add(event.source);
    if (event.type === 'LISTED') {
      const listed = new Map(event.objects.map((object) => [object.metadata.name, versionOf(object)]));
      this.state.clear();
      for (const [name, version] of listed) this.state.set(name, String(version));
    } else if (event.type !== 'BOOKMARK') {
      const { name } = event.object.metadata;
      this.told.push({ version: versionOf(event.object), atNs, late: this.#late });
      const known = Number(this.state.get(name) ?? 0);
      if (versionOf(event.object) < known) this.wrong.push(`${name} went back from ${known}`);
      if (event.type === 'DELETED') this.state.delete(name);
      else this.state.set(name, String(versionOf(event.object)));
    }
    if (event.type === 'LISTED' || event.type === 'BOOKMARK') this.#late = false;
  }
}

const versionOf = ({ metadata }: KubernetesObject): number => Number(metadata.resourceVersion);

/** Slower than this is late: an idle loopback takes a few milliseconds, a busy machine more. */
const TIMELY_NS = 250e6;

interface Story {
  readonly servers: number;
  readonly acts: readonly ('write' | 'misbehave' | 'wait')[];
  readonly draws: readonly number[];
}

const stories: fc.Arbitrary<Story> = fc.record({
  servers: fc.integer({ min: 1, max: 3 }),
  acts: fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constant('write' as const) },
      { weight: 2, arbitrary: fc.constant('misbehave' as const) },
      { weight: 1, arbitrary: fc.constant('wait' as const) },
    ),
    { minLength: 10, maxLength: 60 },
  ),
  draws: fc.array(fc.nat(1000), { minLength: 30, maxLength: 30 }),
});

async function play({ servers, acts, draws }: Story): Promise<{ reader: Reader; cluster: UnsteadyCluster }> {
  let drawn = 0;
  const draw = (below: number): number => (draws[drawn++ % draws.length] ?? 0) % below;
  const cluster = await UnsteadyCluster.start(servers, draw, nowNs);
  const [first, ...others] = cluster.servers;
  const api = await createKubernetesApi({
    connection: {
      kubeconfig: first?.kubeconfig ?? '',
      apiServers: others.map(({ port }) => `http://127.0.0.1:${port}`),
    },
    environment: {},
    clock,
    watchTimeouts: { serverEnds: { ms: 400 }, inactivity: { ms: 500 } },
  });
  const stop = new AbortController();
  const reader = new Reader();
  const reading = (async () => {
    for await (const event of api.watch('/api/v1/nodes', { signal: stop.signal })) reader.read(event);
  })();
  const pause = (ms: number): Promise<void> => clock.sleep({ ms });
  for (const act of acts) {
    if (act === 'wait') {
      cluster.catchUp();
      await pause(30);
    }
    if (act === 'write') cluster.write();
    if (act === 'misbehave') cluster.misbehave();
    await pause(1);
  }
  cluster.calm();
  const truth = JSON.stringify(sorted(cluster.truth()));
  for (let n = 0; n < 400 && JSON.stringify(sorted(Object.fromEntries(reader.state))) !== truth; n++)
    await pause(10);
  await pause(20);
  stop.abort();
  await reading;
  await api.close();
  await cluster.close();
  return { reader, cluster };
}

const sorted = (state: Readonly<Record<string, string>>): readonly (readonly [string, string])[] =>
  Object.entries(state).sort(([a], [b]) => (a < b ? -1 : 1));

describe('adapters/kubernetes: a watch of servers that cannot be relied on', () => {
  it('comes to the truth, never goes back, and has a gap for everything that it told late', async function () {
    this.timeout(60_000);
    const property = fc.asyncProperty(stories, async (story) => {
      const { reader, cluster } = await play(story);
      expect(sorted(Object.fromEntries(reader.state))).to.deep.equal(sorted(cluster.truth()));
      expect(reader.wrong).to.deep.equal([]);
      for (const { version, atNs, late } of reader.told) {
        const revision = cluster.history[version - 1];
        if (revision === undefined || atNs - revision.atNs < TIMELY_NS) continue;
        const covered = reader.gaps.some(
          ({ fromNs, toNs }) => fromNs <= revision.atNs && revision.atNs <= toNs,
        );
        expect(
          covered && late,
          `revision ${version} was told ${(atNs - revision.atNs) / 1e6} ms late`,
        ).to.equal(true);
      }
    });
    await fc.assert(property, { numRuns: 12, interruptAfterTimeLimit: 40_000, endOnFailure: true });
  });
});

type Told = readonly ['event', number] | readonly ['list', number];

describe('adapters/kubernetes: MergedCollection', () => {
  it('comes to the truth whatever servers say twice, late and out of order, as long as one of them says all of it', () => {
    const histories = fc.array(fc.record({ name: fc.integer({ min: 0, max: 3 }), deletes: fc.boolean() }), {
      minLength: 1,
      maxLength: 25,
    });
    fc.assert(
      fc.property(
        histories,
        fc.array(fc.tuple(fc.nat(2), fc.nat(5), fc.boolean()), { maxLength: 60 }),
        (writes, steps) => {
          const { revisions, listAt } = historyOf(writes);
          const merged = new MergedCollection();
          const places = [0, 0, 0];
          const tell = (source: number, [kind, at]: Told): void => {
            if (kind === 'list') merged.takeList(listAt(at));
            else {
              const revision = revisions[at - 1];
              if (revision !== undefined) merged.take(revision.type, revision.object);
            }
            places[source] = Math.max(places[source] ?? 0, at);
          };
          for (const [source, step, lists] of steps) {
            // Backwards as well: what a server says twice, or another server said long ago.
            const at = Math.min(revisions.length, Math.max(0, (places[source] ?? 0) + step - 2));
            tell(source, lists ? ['list', at] : ['event', Math.max(1, at)]);
          }
          // One server at last tells all from its first place on, as a watch does.
          tell(0, ['list', 0]);
          for (let at = 1; at <= revisions.length; at++) tell(0, ['event', at]);
          const end = listAt(revisions.length);
          expect(merged.covers(end)).to.equal(true);
          expect(namesOf(merged.all())).to.deep.equal(namesOf(end.objects));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('does not say that it covers a list while something of it is still to come', () => {
    const merged = new MergedCollection();
    const object = (name: string, version: string): KubernetesObject => ({
      metadata: { name, resourceVersion: version },
    });
    merged.takeList({ objects: [object('a', '5'), object('b', '6')], resourceVersion: '10' });
    const listed = { objects: [object('a', '12')], resourceVersion: '15' };
    expect(merged.covers(listed)).to.equal(false);
    merged.take('MODIFIED', object('a', '12'));
    expect(merged.covers(listed), 'b is gone, which was not told yet').to.equal(false);
    merged.take('DELETED', object('b', '14'));
    expect(merged.covers(listed)).to.equal(true);
    merged.take('ADDED', object('c', '20'));
    expect(merged.covers(listed), 'c is newer than the list').to.equal(true);
  });
});

const namesOf = (objects: readonly KubernetesObject[]): readonly string[] =>
  objects.map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion ?? ''}`).sort();

function historyOf(writes: readonly { name: number; deletes: boolean }[]): {
  revisions: readonly { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubernetesObject }[];
  listAt: (at: number) => { objects: KubernetesObject[]; resourceVersion: string };
} {
  const revisions: { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubernetesObject }[] = [];
  const states = [new Map<string, KubernetesObject>()];
  for (const [n, { name, deletes }] of writes.entries()) {
    const object = { metadata: { name: `o${name}`, resourceVersion: String(n + 1) } };
    const state = new Map(states[n]);
    const there = state.has(object.metadata.name);
    const type = deletes && there ? 'DELETED' : there ? 'MODIFIED' : 'ADDED';
    if (type === 'DELETED') state.delete(object.metadata.name);
    else state.set(object.metadata.name, object);
    states.push(state);
    revisions.push({ type, object });
  }
  return {
    revisions,
    listAt: (at) => ({ objects: [...(states[at]?.values() ?? [])], resourceVersion: String(at) }),
  };
}
