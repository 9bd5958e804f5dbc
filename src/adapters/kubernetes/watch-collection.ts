import type { Duration } from '../../model/duration.ts';
import { HarnessError, describeError } from '../../model/errors.ts';
import { seededRandom, type SeededRandom } from '../../model/seeded-random.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KubernetesObject, KubernetesWatchEvent, ListOptions } from '../../ports/kubernetes.ts';
import { withQuery, type KubernetesClient } from './kubernetes-client.ts';

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

export interface ListedCollection {
  readonly objects: readonly KubernetesObject[];
  readonly resourceVersion: string;
}

interface WatchTools {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly timeouts: WatchTimeouts;
  readonly list: (signal: AbortSignal) => Promise<ListedCollection>;
}

/** What a watch knows between two connections. */
interface Place {
  /** undefined: list first. */
  resourceVersion: string | undefined;
  blind: boolean;
  backoffMs: number;
}

/** The server no longer has the history that the watch asked for. */
class HistoryGone extends Error {}

/**
 * List, then watch, without end. A broken connection goes on where it broke, so changes in between are told late and not lost;
 * when the server has forgotten that place (410), the collection is listed anew. Ends when the signal aborts; never throws.
 */
export async function* watchCollection(
  tools: WatchTools,
  collection: string,
  options: ListOptions & { readonly signal: AbortSignal },
): AsyncGenerator<KubernetesWatchEvent> {
  const { signal } = options;
  const random = seededRandom(`${tools.client.server}${collection}`);
  const place: Place = { resourceVersion: undefined, blind: false, backoffMs: FIRST_BACKOFF_MS };
  while (!signal.aborted) {
    try {
      if (place.resourceVersion === undefined) {
        const listed = await tools.list(signal);
        place.resourceVersion = listed.resourceVersion;
        place.blind = false;
        yield { type: 'LISTED', objects: listed.objects };
      }
      const opened = tools.clock.now().ns;
      yield* follow(tools, collection, options, place);
      const lastedMs = (tools.clock.now().ns - opened) / 1e6;
      // A server that ends every watch at once would be asked without a pause.
      if (lastedMs < tools.timeouts.serverEnds.ms / 2) await backOff(tools.clock, place, random, signal);
    } catch (error) {
      if (signal.aborted) return;
      // Only a broken connection may go on where it was: after a refusal, nothing says that the place is still good.
      if (!(error instanceof HarnessError && error.code === 'SQ_UNREACHABLE'))
        place.resourceVersion = undefined;
      if (!place.blind) yield { type: 'BLIND', says: tools.client.masked(describeError(error)) };
      place.blind = true;
      if (!(error instanceof HistoryGone)) await backOff(tools.clock, place, random, signal);
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

async function* follow(
  tools: WatchTools,
  collection: string,
  options: ListOptions & { readonly signal: AbortSignal },
  place: Place,
): AsyncGenerator<KubernetesWatchEvent> {
  const path = withQuery(collection, {
    watch: true,
    resourceVersion: place.resourceVersion,
    allowWatchBookmarks: true,
    timeoutSeconds: Math.max(1, Math.round(tools.timeouts.serverEnds.ms / 1000)),
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
  });
  const stream = await tools.client.stream(path, tools.timeouts.inactivity, options.signal);
  if (stream.status === 410)
    throw new HistoryGone('The server no longer has the history that the watch asked for (410).');
  if (stream.status !== 200) {
    const code = stream.status === 401 || stream.status === 403 ? 'SQ_AUTH' : 'SQ_BAD_ANSWER';
    throw new HarnessError(code, `The server answered ${stream.status} to a watch of ${collection}.`);
  }
  for await (const line of linesOf(stream.chunks, collection)) {
    const event = readEvent(line, collection);
    place.resourceVersion = event.object.metadata.resourceVersion ?? place.resourceVersion;
    place.blind = false;
    place.backoffMs = FIRST_BACKOFF_MS;
    if (event.type === 'BOOKMARK') yield { type: 'BOOKMARK' };
    else yield { type: event.type, object: event.object };
  }
}

interface WireEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: KubernetesObject;
}

const TYPES: readonly unknown[] = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'];

function readEvent(line: string, collection: string): WireEvent {
  let event: { type?: unknown; object?: { code?: unknown; message?: unknown; metadata?: unknown } } | null;
  try {
    event = JSON.parse(line) as typeof event;
  } catch {
    throw new HarnessError('SQ_BAD_ANSWER', `The watch of ${collection} gave a line that is not JSON.`);
  }
  if (event?.type === 'ERROR') {
    if (event.object?.code === 410)
      throw new HistoryGone('The server has forgotten where the watch was (410).');
    const message = event.object?.message;
    const says = typeof message === 'string' ? message.slice(0, 200).replace(/\.$/, '') : 'no message';
    throw new HarnessError('SQ_BAD_ANSWER', `The watch of ${collection} ended with an error: ${says}.`);
  }
  if (
    !TYPES.includes(event?.type) ||
    typeof event?.object?.metadata !== 'object' ||
    event.object.metadata === null
  ) {
    throw new HarnessError('SQ_BAD_ANSWER', `The watch of ${collection} gave a line that is not an event.`);
  }
  return event as unknown as WireEvent;
}

/** No object may be larger than etcd's 1.5 MiB limit for a request; this leaves room for both forms of a secret. */
const LONGEST_LINE = 16 * 1024 * 1024;

async function* linesOf(chunks: AsyncIterable<Buffer>, collection: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end).toString('utf8').trim();
      rest = rest.subarray(end + 1);
      if (line !== '') yield line;
    }
    if (rest.length > LONGEST_LINE) {
      throw new HarnessError('SQ_BAD_ANSWER', `The watch of ${collection} gave a line that does not end.`);
    }
  }
  if (rest.toString('utf8').trim() !== '') {
    throw new HarnessError('SQ_BAD_ANSWER', `The watch of ${collection} ended in the middle of a line.`);
  }
}
