import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { DocumentChange } from '../replica.ts';
import type { Json } from './json.ts';
import { objectOf, type KubeObject } from './kube-object.ts';
import type { ApiCall } from './object-verbs.ts';
import { badRequest, Refusal } from './refusal.ts';
import { prefixOf } from './resources.ts';
import { matcherOf, type Matches } from './selectors.ts';

/** Between two bookmarks. The real server sends one a minute, and one 2 s before the end; a rehearsal has no minutes. */
const BOOKMARK_MS = 2000;

/**
 * Streams changes of a collection as lines of JSON until the time that the client gave is over, or the client is gone.
 * @throws Refusal before anything was sent; afterwards refusals are events.
 */
export async function watchObjects(call: ApiCall, response: ServerResponse): Promise<void> {
  const { query, objects, store, resource, ref } = call;
  const matches = matcherOf(query);
  // By default as long as kube-apiserver `--min-request-timeout`.
  const seconds = Number(query.get('timeoutSeconds') ?? 1800);
  const asked = Number(query.get('resourceVersion') ?? 0);
  if (!(seconds >= 0 && asked >= 0)) throw badRequest('a time or version that is no number');
  const listed = asked === 0 ? await objects.list(ref.plural, ref.namespace) : undefined;
  let revision = listed?.revision ?? asked;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const end = AbortSignal.any([gone.signal, AbortSignal.timeout(Math.ceil(seconds * 1000))]);

  response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
  const send = async (type: string, object: Json): Promise<void> => {
    if (response.write(`${JSON.stringify({ type, object })}\n`)) return;
    await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
  };
  const bookmark = (): void => {
    const { kind, apiVersion } = resource;
    const metadata = { resourceVersion: String(revision), creationTimestamp: null };
    const isWanted = query.get('allowWatchBookmarks') === 'true' && response.writable;
    if (isWanted) void send('BOOKMARK', { kind, apiVersion, metadata });
  };
  const ticking = setInterval(bookmark, BOOKMARK_MS);
  try {
    for (const object of listed?.objects.filter(matches) ?? []) await send('ADDED', object);
    // All changes are followed, not those of this collection alone, so that a bookmark knows how far it is.
    for await (const change of store.follow('', revision, end)) {
      const mine = change.document.key.startsWith(prefixOf(ref.plural, ref.namespace));
      const event = mine ? eventOf(change, matches) : undefined;
      if (event !== undefined) await send(...event);
      revision = change.revision;
    }
    bookmark();
  } catch {
    // The history is forgotten, or the store is gone.
    await send('ERROR', new Refusal(410, 'Expired', `too old resource version: ${revision}`).status);
  } finally {
    clearInterval(ticking);
    response.end();
  }
}

function eventOf(change: DocumentChange, matches: Matches): readonly [string, KubeObject] | undefined {
  const { kind, document, before, revision } = change;
  const object = objectOf({ ...document, revision });
  const matched = before !== undefined && matches(objectOf(before));
  if (kind === 'put' && matches(object)) return [matched ? 'MODIFIED' : 'ADDED', object];
  // What no longer matches is gone for this watcher, and was last seen as it matched.
  return matched ? ['DELETED', objectOf({ ...before, revision })] : undefined;
}
