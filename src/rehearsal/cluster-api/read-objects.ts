import { answer, type ApiAnswer, type ApiCall } from './api-call.ts';
import type { Json } from './json.ts';
import { objectOf, type KubeObject } from './object-client.ts';
import { badRequest, expired, notFound } from './refusal.ts';
import { apiVersionOf, prefixOf } from './resources.ts';
import { fieldMatcher, labelMatcher, type Matches } from './selectors.ts';
import { tableOf } from './tables.ts';
import { RevisionTooOld } from '../watched-store.ts';

export async function getObject(call: ApiCall): Promise<ApiAnswer> {
  const { objects, resource, namespace, name = '' } = call;
  const object = await objects.get(resource, namespace, name);
  if (object === undefined) throw notFound(resource, name);
  return answer(200, call.asTable ? tableOf(resource, [object], {}, call.context.nowMs()) : object);
}

/** What the query asks for by labels and fields. @throws Refusal BadRequest. */
export function matcherOf({ query, resource, name }: ApiCall): Matches {
  const labels = labelMatcher(query.get('labelSelector') ?? '');
  const fields = fieldMatcher(query.get('fieldSelector') ?? '', resource.plural);
  return (object) =>
    labels(object) && fields(object) && (name === undefined || object.metadata.name === name);
}

export async function listObjects(call: ApiCall): Promise<ApiAnswer> {
  const { query, resource } = call;
  const matches = matcherOf(call);
  const limit = Number(query.get('limit') ?? 0);
  if (!Number.isInteger(limit) || limit < 0)
    throw badRequest(`the limit "${query.get('limit')}" is no count`);
  const token = query.get('continue') ?? '';
  const place = token === '' ? undefined : parsePlace(token);
  const whole = await collectionAt(call, place?.revision);
  const matching = whole.objects.filter(matches);
  const after = place === undefined ? matching : matching.filter((object) => placeKey(object) > place.after);
  const page = limit === 0 ? after : after.slice(0, limit);
  const last = page.at(-1);
  const left = after.length - page.length;
  const metadata = {
    resourceVersion: String(whole.revision),
    ...(left > 0 && last !== undefined
      ? { continue: makePlace({ revision: whole.revision, after: placeKey(last) }), remainingItemCount: left }
      : {}),
  };
  if (call.asTable) return answer(200, tableOf(resource, page, metadata, call.context.nowMs()));
  return answer(200, listBody(call, page, metadata));
}

const listBody = ({ resource }: ApiCall, items: readonly KubeObject[], metadata: Json): Json => ({
  kind: `${resource.kind}List`,
  apiVersion: apiVersionOf(resource),
  metadata,
  items,
});

const placeKey = ({ metadata }: KubeObject): string => `${metadata.namespace ?? '-'}/${metadata.name}`;

interface Place {
  readonly revision: number;
  readonly after: string;
}

const makePlace = (place: Place): string => Buffer.from(JSON.stringify(place)).toString('base64url');

function parsePlace(token: string): Place {
  try {
    const { revision, after } = JSON.parse(
      Buffer.from(token, 'base64url').toString('utf8'),
    ) as Partial<Place>;
    if (typeof revision === 'number' && typeof after === 'string') return { revision, after };
  } catch {
    // Said below, with what is no JSON at all.
  }
  throw badRequest('continue key is not valid');
}

/** How long the local member may take to catch up with the store before its history counts as lost. */
const CATCH_UP_MS = 2000;

/** A collection as it was at an earlier revision, so that all pages of a list show one moment; now when none is given. */
async function collectionAt(
  { objects, resource, namespace, context, signal }: ApiCall,
  revision: number | undefined,
): Promise<{ readonly objects: readonly KubeObject[]; readonly revision: number }> {
  const now = await objects.list(resource, namespace);
  if (revision === undefined || revision >= now.revision) return now;
  const before = new Map(now.objects.map((object) => [placeKey(object), object]));
  const touched = new Set<string>();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(CATCH_UP_MS)]);
  let reached = revision;
  try {
    for await (const change of context.store.follow('', revision, limit)) {
      reached = change.revision;
      if (reached > now.revision) break;
      const { document } = change;
      const key = document.key.slice(resource.plural.length + 1);
      if (document.key.startsWith(prefixOf(resource, namespace)) && !touched.has(key)) {
        // The first change after that revision knows what was there at it.
        touched.add(key);
        if (change.before === undefined) before.delete(key);
        else before.set(key, objectOf(change.before));
      }
      if (reached >= now.revision) break;
    }
  } catch (error) {
    if (error instanceof RevisionTooOld)
      throw expired('The provided continue parameter is too old to display a consistent list result.');
    throw error;
  }
  if (reached < now.revision)
    throw expired('The provided continue parameter is too old to display a consistent list result.');
  const sorted = [...before].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  return { objects: sorted, revision };
}
