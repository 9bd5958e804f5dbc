import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Sight } from '../../../src/adapters/kubernetes/watch-collection.ts';
import type { News } from '../../../src/adapters/kubernetes/watch-server.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { KubernetesObject, KubernetesWatchEvent } from '../../../src/ports/kubernetes.ts';

const object = (name: string, version: number): KubernetesObject => ({
  metadata: { name, resourceVersion: String(version) },
});
const event = (type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK', name: string, version: number): News => ({
  kind: 'event',
  event: { type, object: object(name, version) },
});
const lost: News = { kind: 'lost', says: 'it is gone' };

function stage(): {
  sight: Sight;
  lines: string[];
  events: KubernetesWatchEvent[];
  at: (ns: number) => void;
  now: () => number;
  list: (
    kind: 'listed' | 'checkpoint',
    asOfNs: number,
    version: number,
    ...objects: KubernetesObject[]
  ) => News;
} {
  let ns = 0;
  const clock = { id: 'test', now: () => ({ clock: 'test', ns }) } as unknown as Clock;
  const lines: string[] = [];
  const events: KubernetesWatchEvent[] = [];
  const sight = new Sight(clock, (told) => {
    events.push(told);
    lines.push(describeEvent(told));
  });
  return {
    sight,
    lines,
    events,
    at: (to) => (ns = to),
    now: () => ns,
    list: (kind, asOfNs, version, ...objects) => ({
      kind,
      asOf: { clock: 'test', ns: asOfNs },
      list: { objects, resourceVersion: String(version) },
    }),
  };
}

function describeEvent(told: KubernetesWatchEvent): string {
  if (told.type === 'BLIND') return `BLIND since ${told.since?.ns ?? '?'}`;
  if (told.type === 'SEEING') return `SEEING ${told.from.ns}-${told.to.ns}`;
  const source = told.source === undefined ? '' : ` by ${told.source}`;
  if (told.type === 'LISTED')
    return `LISTED ${told.objects.map(({ metadata }) => metadata.name).join(',')}${source}`;
  return told.type === 'BOOKMARK'
    ? `BOOKMARK${source}`
    : `${told.type} ${told.object.metadata.name}@${told.object.metadata.resourceVersion ?? ''}${source}`;
}

describe('adapters/kubernetes: Sight', () => {
  it('takes each thing from whoever says it first, and is blind only when nobody is heard', () => {
    const { sight, lines, at, list } = stage();
    const [a, b] = [sight.add('a'), sight.add('b')];
    at(10);
    a(list('listed', 5, 1, object('n', 1)));
    at(20);
    b(list('listed', 15, 1, object('n', 1)));
    at(30);
    b(event('MODIFIED', 'n', 2));
    at(31);
    a(event('MODIFIED', 'n', 2));
    at(40);
    b(lost);
    at(50);
    a(event('BOOKMARK', '', 3));
    at(60);
    a(lost);
    expect(lines).to.deep.equal([
      'LISTED n by a',
      'BOOKMARK by b',
      'MODIFIED n@2 by b',
      'BOOKMARK by a',
      'BLIND since 50',
    ]);
  });

  it('says from when to when it was blind, then what it missed, then a bookmark; and only then what is new', () => {
    const { sight, lines, at, list } = stage();
    const only = sight.add(undefined);
    only(list('listed', 0, 1, object('n', 1)));
    at(10);
    only(event('MODIFIED', 'n', 2));
    at(100);
    only(lost);
    at(500);
    only(list('checkpoint', 490, 4, object('n', 4)));
    at(510);
    only(event('MODIFIED', 'n', 3));
    at(520);
    only(event('MODIFIED', 'n', 4));
    at(600);
    only(event('MODIFIED', 'n', 5));
    expect(lines.slice(2)).to.deep.equal([
      'BLIND since 10',
      'SEEING 10-520',
      'MODIFIED n@3',
      'MODIFIED n@4',
      'BOOKMARK',
      'MODIFIED n@5',
    ]);
  });

  it('is still blind when it is lost again before it had told all that it missed, and tells that later', () => {
    const { sight, lines, at, list } = stage();
    const only = sight.add(undefined);
    only(list('listed', 0, 1, object('n', 1)));
    at(100);
    only(lost);
    only(list('checkpoint', 100, 3, object('n', 3)));
    only(event('MODIFIED', 'n', 2));
    at(200);
    only(lost);
    expect(lines).to.deep.equal(['LISTED n', 'BLIND since 0']);
    at(300);
    only(list('checkpoint', 290, 3, object('n', 3)));
    only(event('MODIFIED', 'n', 3));
    expect(lines.slice(2)).to.deep.equal(['SEEING 0-300', 'MODIFIED n@2', 'MODIFIED n@3', 'BOOKMARK']);
  });

  it('does not forget what is newer than a list', () => {
    const { sight, lines, list } = stage();
    const [a, b] = [sight.add('a'), sight.add('b')];
    a(list('listed', 0, 1));
    a(event('ADDED', 'n', 7));
    b(list('listed', 0, 6));
    a(event('MODIFIED', 'n', 8));
    expect(lines).to.deep.equal(['LISTED  by a', 'ADDED n@7 by a', 'BOOKMARK by b', 'MODIFIED n@8 by a']);
  });

  type Act = readonly [act: 'write' | 'lose' | 'resume' | 'list', source: number, name: number];
  const acts: fc.Arbitrary<Act> = fc.tuple(
    fc.constantFrom('write', 'write', 'write', 'lose', 'resume', 'list'),
    fc.nat(1),
    fc.nat(2),
  );

  it('gives each change a stretch of time that contains it, however servers come and go', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 }), fc.array(acts, { maxLength: 50 }), (count, story) => {
        const { sight, events, at, now, list } = stage();
        const history: { ns: number; name: string }[] = [];
        const truth = new Map<string, KubernetesObject>();
        const sources = Array.from({ length: count }, () => ({
          hear: sight.add(undefined),
          told: 0,
          connected: true,
        }));
        const all = (kind: 'listed' | 'checkpoint'): News =>
          list(kind, now(), history.length, ...truth.values());
        const deliver = (source: (typeof sources)[number]): void => {
          for (; source.connected && source.told < history.length; source.told += 1)
            source.hear(event('MODIFIED', history[source.told]?.name ?? '', source.told + 1));
        };
        const reader = new Reader(history);
        const read = (): void => {
          for (const told of events.splice(0)) reader.read(told, now());
        };
        for (const { hear } of sources) hear(all('listed'));
        read();
        for (const [act, index, which] of story) {
          at(now() + 10);
          const source = sources[index % count];
          if (source === undefined) continue;
          if (act === 'write') {
            const name = `o${which}`;
            history.push({ ns: now(), name });
            truth.set(name, object(name, history.length));
          } else if (act === 'lose') {
            if (source.connected) source.hear(lost);
            source.connected = false;
          } else if (!source.connected) {
            source.connected = true;
            if (act === 'list') source.told = history.length;
            source.hear(all(act === 'list' ? 'listed' : 'checkpoint'));
          }
          read();
          at(now() + 1);
          sources.forEach(deliver);
          read();
        }
        expect(reader.wrong).to.deep.equal([]);
        if (sources.some(({ connected }) => connected))
          expect([...reader.state].sort()).to.deep.equal(
            [...truth].map(([name, { metadata }]) => [name, Number(metadata.resourceVersion)]).sort(),
          );
      }),
      { numRuns: 400 },
    );
  });
});

/** Reads a stream as watchers do: the old state counts as known until the last thing that was told in time. */
class Reader {
  readonly state = new Map<string, number>();
  readonly wrong: string[] = [];
  readonly #history: readonly { readonly ns: number }[];
  #knownNs = 0;
  #late = false;

  constructor(history: readonly { readonly ns: number }[]) {
    this.#history = history;
  }

  read(told: KubernetesWatchEvent, nowNs: number): void {
    if (told.type === 'BLIND') {
      this.#knownNs = Math.min(this.#knownNs, told.since?.ns ?? 0);
      return;
    }
    if (told.type === 'SEEING') {
      this.#late = true;
      return;
    }
    if (told.type === 'LISTED') for (const each of told.objects) this.#take(each, nowNs);
    else if (told.type !== 'BOOKMARK') this.#take(told.object, nowNs);
    if (told.type === 'LISTED' || told.type === 'BOOKMARK') this.#late = false;
    if (!this.#late) this.#knownNs = told.type === 'LISTED' ? (told.asOf?.ns ?? nowNs) : nowNs;
  }

  #take({ metadata }: KubernetesObject, nowNs: number): void {
    const version = Number(metadata.resourceVersion);
    if (this.state.get(metadata.name) === version) return;
    this.state.set(metadata.name, version);
    const happenedNs = this.#history[version - 1]?.ns ?? -1;
    if (happenedNs < this.#knownNs || happenedNs > nowNs)
      this.wrong.push(`${version} happened at ${happenedNs}, not in (${this.#knownNs}, ${nowNs}]`);
  }
}
