import type { Duration } from '../../model/duration.ts';
import { HarnessError, describeError } from '../../model/errors.ts';
import type { Instant } from '../../model/instant.ts';
import { seededRandom, type SeededRandom } from '../../model/seeded-random.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ListOptions } from '../../ports/kubernetes.ts';
import { withQuery, type KubernetesClient, type OpenStream } from './kubernetes-client.ts';
import type { ListedCollection } from './merged-collection.ts';
import { HistoryGone, readWatch, type WireEvent } from './read-watch.ts';

export interface WatchTimeouts {
  /**
   * After this the server ends a watch, and it is opened again where it ended. Short on purpose: kube-apiserver sends a bookmark
   * 2 s before the end (apiserver `cacher.go`, `bookmarkHeartbeat` aside), so even a quiet collection is known to be seen.
   */
  readonly serverEnds: Duration;
  /** Silence for longer than this means that the server is gone, though the connection is open. Longer than `serverEnds`. */
  readonly inactivity: Duration;
}

export const WATCH_TIMEOUTS: WatchTimeouts = { serverEnds: { ms: 10_000 }, inactivity: { ms: 12_000 } };

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 3000;
/** After so many failures in a row the place may be what is wrong, so it is given up and the collection listed anew. */
const MOST_FAILURES = 5;
/** A watch that ends on time is open again sooner than this; what takes longer is a gap like any other. */
const REOPENED_WITHIN_MS = 500;

export interface WatchTools {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly timeouts: WatchTimeouts;
  readonly list: (signal: AbortSignal) => Promise<ListedCollection>;
}

/** What one server says, and when nothing is heard of it. */
export type News =
  | { readonly kind: 'listed'; readonly list: ListedCollection; readonly asOf: Instant }
  | { readonly kind: 'event'; readonly event: WireEvent }
  /** Nothing is heard of it from here on, though its watch may go on where it was. */
  | { readonly kind: 'lost'; readonly says: string }
  /** It is heard again. Once all of this list is known, nothing of what was missed is still to come. */
  | { readonly kind: 'checkpoint'; readonly list: ListedCollection; readonly asOf: Instant };

/** What a watch knows between two connections. */
interface Place {
  /** undefined: list first. */
  resourceVersion: string | undefined;
  lost: boolean;
  failures: number;
  backoffMs: number;
  /** When the last watch ended on time; undefined when it did not. */
  endedNs: number | undefined;
}

/**
 * Lists, then watches one server, without end. A broken connection goes on where it broke, so changes in between are told late
 * and not lost; when the server has forgotten that place (410), or too many tries have failed, the collection is listed anew.
 * Ends when the signal aborts; never throws.
 */
export async function watchServer(
  tools: WatchTools,
  collection: string,
  options: ListOptions & { readonly signal: AbortSignal },
  tell: (news: News) => void,
): Promise<void> {
  const { signal } = options;
  const { clock, timeouts } = tools;
  const random = seededRandom(`${tools.client.server}${collection}`);
  const place: Place = {
    resourceVersion: undefined,
    lost: false,
    failures: 0,
    backoffMs: FIRST_BACKOFF_MS,
    endedNs: undefined,
  };
  const lose = (says: string): void => {
    if (!place.lost) tell({ kind: 'lost', says: tools.client.masked(says) });
    place.lost = true;
  };
  while (!signal.aborted) {
    try {
      if (place.resourceVersion === undefined) {
        const asOf = clock.now();
        const list = await tools.list(signal);
        place.resourceVersion = list.resourceVersion;
        place.lost = false;
        tell({ kind: 'listed', list, asOf });
      }
      const openedNs = clock.now().ns;
      await follow(tools, collection, options, place, tell, lose);
      place.endedNs = clock.now().ns;
      // A server that ends every watch at once would be asked without a pause.
      if ((place.endedNs - openedNs) / 1e6 < timeouts.serverEnds.ms / 2)
        await backOff(clock, place, random, signal);
    } catch (error) {
      if (signal.aborted) return;
      place.endedNs = undefined;
      place.failures += 1;
      // Only a broken connection may go on where it was: after a refusal, nothing says that the place is still good.
      const broke = error instanceof HarnessError && error.code === 'SQ_UNREACHABLE';
      if (!broke || place.failures >= MOST_FAILURES) place.resourceVersion = undefined;
      lose(describeError(error));
      await backOff(clock, place, random, signal);
    }
  }
}

/** Half of the backoff is random, so that several watches do not come back in one moment. */
async function backOff(clock: Clock, place: Place, random: SeededRandom, signal: AbortSignal): Promise<void> {
  const ms = place.backoffMs * (0.5 + random.next() / 2);
  place.backoffMs = Math.min(place.backoffMs * 2, LONGEST_BACKOFF_MS);
  // The signal ends the watch, which its loop sees; its reason is not an error of the watch.
  await clock.sleep({ ms }, signal).catch(() => undefined);
}

async function follow(
  tools: WatchTools,
  collection: string,
  options: ListOptions & { readonly signal: AbortSignal },
  place: Place,
  tell: (news: News) => void,
  lose: (says: string) => void,
): Promise<void> {
  const path = withQuery(collection, {
    watch: true,
    resourceVersion: place.resourceVersion,
    allowWatchBookmarks: true,
    timeoutSeconds: Math.max(1, Math.round(tools.timeouts.serverEnds.ms / 1000)),
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
  });
  const over = new AbortController();
  try {
    const signal = AbortSignal.any([options.signal, over.signal]);
    const stream = await tools.client.stream(path, tools.timeouts.inactivity, signal);
    await readStream(stream, tools, collection, options, place, tell, lose);
  } finally {
    // Also for an answer that nobody began to read: its connection is not kept.
    over.abort();
  }
}

async function readStream(
  stream: OpenStream,
  tools: WatchTools,
  collection: string,
  options: { readonly signal: AbortSignal },
  place: Place,
  tell: (news: News) => void,
  lose: (says: string) => void,
): Promise<void> {
  if (stream.status === 410)
    throw new HistoryGone('The server no longer has the history that the watch asked for (410).');
  if (stream.status !== 200) {
    const code = stream.status === 401 || stream.status === 403 ? 'SQ_AUTH' : 'SQ_BAD_ANSWER';
    throw new HarnessError(code, `The server answered ${stream.status} to a watch of ${collection}.`);
  }
  const pausedMs = place.endedNs === undefined ? 0 : (tools.clock.now().ns - place.endedNs) / 1e6;
  if (pausedMs > REOPENED_WITHIN_MS)
    lose(`It took ${Math.round(pausedMs)} ms to open the watch of ${collection} again.`);
  if (place.lost) {
    const asOf = tools.clock.now();
    const list = await tools.list(options.signal);
    place.lost = false;
    tell({ kind: 'checkpoint', list, asOf });
  }
  for await (const event of readWatch(stream.chunks, collection)) {
    place.resourceVersion = event.object.metadata.resourceVersion ?? place.resourceVersion;
    place.failures = 0;
    place.backoffMs = FIRST_BACKOFF_MS;
    tell({ kind: 'event', event });
  }
}
