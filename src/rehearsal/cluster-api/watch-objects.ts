import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { DocumentChange } from '../replica.ts';
import { RevisionTooOld } from '../watched-store.ts';
import type { ApiCall } from './api-call.ts';
import type { Json } from './json.ts';
import { objectOf, type KubeObject } from './object-client.ts';
import { matcherOf } from './read-objects.ts';
import { badRequest, expired, failureStatus } from './refusal.ts';
import { apiVersionOf, prefixOf } from './resources.ts';
import type { Matches } from './selectors.ts';
import { tableOf } from './tables.ts';

/** Between two bookmarks. The real server sends one a minute, and one 2 s before the end; a rehearsal has no minutes. */
const BOOKMARK_MS = 2000;
/** When the client names none (kube-apiserver `--min-request-timeout`, 1800 s). */
const DEFAULT_TIMEOUT_S = 1800;

/**
 * Streams changes of a collection as lines of JSON until the time that the client gave is over, or the client is gone.
 * @throws Refusal before anything was sent; afterwards refusals are events.
 */
export async function watchObjects(call: ApiCall, response: ServerResponse): Promise<void> {
  const { query, context, resource, signal } = call;
  const matches = matcherOf(call);
  const seconds = Number(query.get('timeoutSeconds') ?? DEFAULT_TIMEOUT_S);
  if (!(seconds >= 0))
    throw badRequest(`timeoutSeconds "${query.get('timeoutSeconds')}" is no count of seconds`);
  const asked = query.get('resourceVersion') ?? '';
  if (!/^\d*$/.test(asked)) throw badRequest(`invalid resource version "${asked}"`);
  const fresh = asked === '' || asked === '0';
  const listed = fresh ? await call.objects.list(resource, call.namespace) : undefined;

  const limit = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, seconds * 1000))]);
  const place = { revision: listed?.revision ?? Number(asked) };
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  response.flushHeaders();
  const send = async (type: string, object: Json): Promise<void> => {
    if (response.write(`${JSON.stringify({ type, object })}\n`)) return;
    await once(response, 'drain', { signal }).catch(() => undefined);
  };
  const bookmark = (): void => {
    if (response.writable) void send('BOOKMARK', bookmarkOf(call, place.revision));
  };
  const wanted = query.get('allowWatchBookmarks') === 'true' || query.get('allowWatchBookmarks') === '1';
  const ticking = wanted ? setInterval(bookmark, BOOKMARK_MS) : undefined;
  try {
    for (const object of listed?.objects.filter(matches) ?? []) await send('ADDED', shown(call, object));
    // All changes are followed, not those of this collection alone, so that a bookmark knows how far it is.
    for await (const change of context.store.follow('', place.revision, limit)) {
      const event = eventOf(call, change, matches);
      if (event !== undefined) await send(event.type, shown(call, event.object));
      place.revision = change.revision;
    }
    if (wanted && !signal.aborted) bookmark();
  } catch (error) {
    await send('ERROR', failureStatus(refusalOf(error)));
  } finally {
    clearInterval(ticking);
    response.end();
  }
}

const refusalOf = (error: unknown): ReturnType<typeof expired> =>
  error instanceof RevisionTooOld
    ? expired(`too old resource version: ${error.asked} (${error.oldest})`)
    : expired('the watch could not be continued');

const shown = ({ asTable, resource, context }: ApiCall, object: KubeObject): Json =>
  asTable ? tableOf(resource, [object], {}, context.nowMs()) : object;

const bookmarkOf = ({ resource }: ApiCall, revision: number): Json => ({
  kind: resource.kind,
  apiVersion: apiVersionOf(resource),
  metadata: { resourceVersion: String(revision), creationTimestamp: null },
});

function eventOf(
  { resource, namespace }: ApiCall,
  change: DocumentChange,
  matches: Matches,
): { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject } | undefined {
  if (!change.document.key.startsWith(prefixOf(resource, namespace))) return undefined;
  const object = objectOf({ ...change.document, revision: change.revision });
  if (change.kind === 'delete') return matches(object) ? { type: 'DELETED', object } : undefined;
  const before = change.before === undefined ? undefined : objectOf(change.before);
  const matched = before !== undefined && matches(before);
  // What no longer matches is gone for this watcher, and was last seen as it matched.
  if (!matches(object))
    return matched
      ? {
          type: 'DELETED',
          object: { ...before, metadata: { ...before.metadata, resourceVersion: String(change.revision) } },
        }
      : undefined;
  return { type: matched ? 'MODIFIED' : 'ADDED', object };
}
