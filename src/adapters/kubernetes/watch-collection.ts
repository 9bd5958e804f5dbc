import type { Instant } from '../../model/instant.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KubernetesWatchEvent, ListOptions } from '../../ports/kubernetes.ts';
import { MergedCollection, parseVersion, type ListedCollection } from './merged-collection.ts';
import { watchServer, type News, type WatchTools } from './watch-server.ts';

type Checkpoint = Extract<News, { kind: 'checkpoint' }>;

/** How one server is doing. */
interface Source {
  /** undefined where there is only one, for then nobody asks which. */
  readonly name: string | undefined;
  state: 'new' | 'seeing' | 'catching-up' | 'lost';
  /** The last instant up to which it had told everything. */
  known: Instant;
  checkpoint?: Checkpoint | undefined;
}

/**
 * Watches one collection through every server given, at once, as one stream: whoever says a thing first is its source, and
 * whatever comes later or is older is left out. It is blind while no server is heard, and says from when to when; what is told
 * late because of that comes between `SEEING` and the next `BOOKMARK` or `LISTED`. Ends when the signal aborts; never throws.
 */
export async function* watchCollection(
  servers: readonly WatchTools[],
  clock: Clock,
  collection: string,
  options: ListOptions & { readonly signal: AbortSignal },
): AsyncGenerator<KubernetesWatchEvent> {
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  const waiting: KubernetesWatchEvent[] = [];
  let wake: () => void = () => undefined;
  const sight = new Sight(clock, (event) => {
    waiting.push(event);
    wake();
  });
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort);
  for (const tools of servers) {
    const hear = sight.add(servers.length === 1 ? undefined : tools.client.server);
    void watchServer(tools, collection, { ...options, signal }, hear);
  }
  try {
    while (!signal.aborted) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    ended.abort();
  }
}

/** What is seen of a collection through all its sources together, and what is not. */
export class Sight {
  readonly #clock: Clock;
  readonly #emit: (event: KubernetesWatchEvent) => void;
  readonly #merged = new MergedCollection();
  readonly #sources: Source[] = [];
  #listed = false;
  /** Since when, and why; undefined while at least one source sees. */
  #blind: { readonly since: Instant; readonly says: string } | undefined;
  /** Told by a source that is not yet known to have told all that was missed. */
  #held: KubernetesWatchEvent[] = [];

  constructor(clock: Clock, emit: (event: KubernetesWatchEvent) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  /** @returns where its news go. */
  add(name: string | undefined): (news: News) => void {
    const source: Source = { name, state: 'new', known: this.#clock.now() };
    this.#sources.push(source);
    return (news) => this.#hear(source, news);
  }

  #hear(source: Source, news: News): void {
    if (news.kind === 'lost') this.#lose(source, news.says);
    else if (news.kind === 'listed') this.#takeList(source, news.list, news.asOf);
    else if (news.kind === 'checkpoint') {
      source.state = 'catching-up';
      source.checkpoint = news;
      this.#settle(source);
    } else this.#takeEvent(source, news.event);
  }

  #lose(source: Source, says: string): void {
    source.state = 'lost';
    source.checkpoint = undefined;
    if (this.#blind !== undefined || this.#sources.some(({ state }) => state === 'seeing')) return;
    // One that was never asked yet may still see; until then nobody knows anything, which is blind as well.
    const since = this.#sources.reduce(
      (latest, { known }) => (known.ns > latest.ns ? known : latest),
      source.known,
    );
    this.#blind = { since, says };
    this.#emit({ type: 'BLIND', says, since });
  }

  #takeList(source: Source, list: ListedCollection, asOf: Instant): void {
    const changed = this.#merged.takeList(list);
    source.checkpoint = undefined;
    const wasBlind = this.#see(source, asOf);
    const from = fromSource(source);
    if (!this.#listed || wasBlind || changed) {
      this.#listed = true;
      this.#emit({ type: 'LISTED', objects: this.#merged.all(), asOf, ...from });
    } else this.#emit({ type: 'BOOKMARK', ...from });
  }

  #takeEvent(source: Source, { type, object }: Extract<News, { kind: 'event' }>['event']): void {
    const from = fromSource(source);
    if (type === 'BOOKMARK') {
      if (source.state === 'catching-up') this.#settle(source, object.metadata.resourceVersion);
      else {
        source.known = this.#clock.now();
        this.#emit({ type: 'BOOKMARK', ...from });
      }
      return;
    }
    // One that lies beyond the checkpoint is the first that is not late.
    if (source.state === 'catching-up') this.#settle(source, object.metadata.resourceVersion);
    const told = this.#merged.take(type, object);
    if (told !== undefined) {
      const event: KubernetesWatchEvent = { type: told, object, ...from };
      if (this.#blind === undefined) this.#emit(event);
      else this.#held.push(event);
    }
    if (source.state === 'catching-up') this.#settle(source);
    else source.known = this.#clock.now();
  }

  /** Ends the catching up of a source whose checkpoint is known in full, or that speaks of what came after it. */
  #settle(source: Source, reached?: string): void {
    const { checkpoint } = source;
    if (checkpoint === undefined) return;
    const at = parseVersion(checkpoint.list.resourceVersion);
    const now = parseVersion(reached);
    const beyond = at !== undefined && now !== undefined && now > at;
    if (!beyond && !this.#merged.covers(checkpoint.list)) return;
    source.checkpoint = undefined;
    this.#see(source, checkpoint.asOf);
    this.#emit({ type: 'BOOKMARK', ...fromSource(source) });
  }

  /** @returns whether nothing was seen until now. */
  #see(source: Source, asOf: Instant): boolean {
    source.state = 'seeing';
    source.known = asOf;
    if (this.#blind === undefined) return false;
    const { since, says } = this.#blind;
    this.#blind = undefined;
    this.#emit({ type: 'SEEING', from: since, to: this.#clock.now(), says });
    for (const event of this.#held.splice(0)) this.#emit(event);
    return true;
  }
}

const fromSource = ({ name }: Source): { source?: string } => (name === undefined ? {} : { source: name });
