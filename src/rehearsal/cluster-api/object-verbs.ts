import type { WatchedStore } from '../watched-store.ts';
import { isReady } from './conditions.ts';
import { at, isJson, listAt, numberAt, objectAt, sameJson, textAt, type Json } from './json.ts';
import type { KubeObject } from './kube-object.ts';
import type { ObjectClient, Ref } from './object-client.ts';
import { badRequest, conflict, forbidden, notFound, Refusal } from './refusal.ts';
import { resourceNamed, type Resource } from './resources.ts';
import { matcherOf, selectorMatches } from './selectors.ts';

/** What one request asks, once it is known who asks and what the path means. */
export interface ApiCall {
  readonly store: WatchedStore;
  readonly objects: ObjectClient;
  readonly resource: Resource;
  /** What the path names; a name that is empty is none. */
  readonly ref: Ref;
  readonly query: URLSearchParams;
  readonly contentType: string;
  /** Parsed; undefined when there is none. */
  readonly body: unknown;
}

/** What can be done, by method and by what the path names, with the status of success. */
export const OBJECT_VERBS: Readonly<Record<string, readonly [number, (call: ApiCall) => Promise<Json>]>> = {
  'GET collection': [200, listObjects],
  'POST collection': [201, createObject],
  'GET object': [200, expectPresent],
  'PUT object': [200, (call) => replace(call, givenObject(call))],
  'PATCH object': [200, patchObject],
  'DELETE object': [200, (call) => deleteObject(call, call.body)],
  'POST eviction': [201, evictPod],
};

async function expectPresent({ objects, resource, ref }: ApiCall): Promise<KubeObject> {
  const object = await objects.get(ref);
  if (object === undefined) throw notFound(resource, ref.name);
  return object;
}

async function listObjects({ objects, resource, ref, query }: ApiCall): Promise<Json> {
  const matches = matcherOf(query);
  const listed = await objects.list(ref.plural, ref.namespace);
  const metadata = { resourceVersion: String(listed.revision) };
  const { kind, apiVersion } = resource;
  return { kind: `${kind}List`, apiVersion, metadata, items: listed.objects.filter(matches) };
}

const unsupported = (): Refusal => new Refusal(415, 'UnsupportedMediaType', 'the media type is not accepted');

/** The object that a client sent. @throws Refusal BadRequest when it is not what the path says, UnsupportedMediaType. */
function givenObject({ body, contentType, resource, ref }: ApiCall): Json {
  if (contentType !== 'application/json') throw unsupported();
  if (!isJson(body)) throw badRequest('the body of the request is not an object');
  const { kind, apiVersion } = resource;
  const path = ref.name === '' ? { namespace: ref.namespace } : { namespace: ref.namespace, name: ref.name };
  const metadata = { ...path, ...objectAt(body, 'metadata') };
  const given = { kind, apiVersion, ...body, metadata };
  const isAsAsked = sameJson(given, { ...given, kind, apiVersion, metadata: { ...metadata, ...path } });
  if (!isAsAsked) throw badRequest('the object is not of the kind, namespace and name of the request');
  return given;
}

async function createObject(call: ApiCall): Promise<Json> {
  const { objects, resource, ref } = call;
  const given = givenObject(call);
  if (ref.namespace !== undefined) {
    const place = { plural: 'namespaces', name: ref.namespace };
    const home = await expectPresent({ ...call, resource: resourceNamed('namespaces'), ref: place });
    if ('deletionTimestamp' in home.metadata)
      throw forbidden(resource, '', 'its namespace is being terminated');
  }
  return objects.create(ref.plural, given);
}

async function patchObject(call: ApiCall): Promise<Json> {
  const [, kind] = /^application\/(merge|strategic-merge)-patch\+json$/.exec(call.contentType) ?? [];
  if (kind === undefined) throw unsupported();
  return replace(call, (present) => objectAt(merged(present, call.body, kind !== 'merge')));
}

/** A JSON merge patch (RFC 7396); or, with `byName`, as much of a strategic one as merges lists of what has names. */
function merged(target: unknown, patch: unknown, byName: boolean): unknown {
  if (byName && Array.isArray(patch) && patch.every(nameOf)) {
    const entries = new Map(listAt(target).map((each) => [nameOf(each), each]));
    for (const each of patch) entries.set(nameOf(each), merged(entries.get(nameOf(each)), each, byName));
    return [...entries.values()];
  }
  if (!isJson(patch)) return patch;
  const result: Record<string, unknown> = { ...objectAt(target) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || (byName && key.startsWith('$'))) delete result[key];
    else result[key] = merged(result[key], value, byName);
  }
  return result;
}

const nameOf = (entry: unknown): string | undefined => textAt(entry, 'name');

/** Puts another one, or what is made of the object, into its place; its identity stays, and its status, which controllers write. */
async function replace(call: ApiCall, by: Json | ((present: KubeObject) => Json)): Promise<Json> {
  const { objects, resource, ref } = call;
  const changed = await objects.change(ref, (present) => {
    const { kind, apiVersion, status } = present;
    const edited = typeof by === 'function' ? by(present) : by;
    const { labels, annotations, ownerReferences, finalizers, ...own } = objectAt(edited, 'metadata');
    const { uid = present.metadata.uid, resourceVersion = present.metadata.resourceVersion } = own;
    if (!sameJson([uid, resourceVersion], [present.metadata.uid, present.metadata.resourceVersion]))
      throw conflict(resource, ref.name);
    // The last finalizer is gone of what was waiting for it.
    const { deletionTimestamp, finalizers: before = [] } = present.metadata;
    if (deletionTimestamp !== undefined && before.length > 0 && listAt(finalizers).length === 0) return null;
    const metadata = { ...present.metadata, labels, annotations, ownerReferences, finalizers };
    return { ...edited, kind, apiVersion, status, metadata: metadata as KubeObject['metadata'] };
  });
  if (changed === undefined) throw notFound(resource, ref.name);
  return changed;
}

/** @param options DeleteOptions, or undefined. */
async function deleteObject(call: ApiCall, options: unknown): Promise<Json> {
  const { objects, resource, ref } = call;
  const present = await expectPresent(call);
  const { uid } = present.metadata;
  if (![uid, undefined].includes(textAt(options, 'preconditions', 'uid'))) throw conflict(resource, ref.name);
  const left = await objects.delete(present, numberAt(options, 'gracePeriodSeconds'));
  return left?.metadata.deletionTimestamp === undefined ? SUCCESS : left;
}

const SUCCESS: Json = { kind: 'Status', apiVersion: 'v1', status: 'Success' };

/** Deletes a pod unless a budget forbids it. @throws Refusal TooManyRequests. */
async function evictPod(call: ApiCall): Promise<Json> {
  const { objects, ref } = call;
  const pod = await expectPresent(call);
  const all = async (plural: string): Promise<readonly KubeObject[]> =>
    (await objects.list(plural, ref.namespace)).objects;
  for (const { spec } of isReady(pod) ? await all('poddisruptionbudgets') : []) {
    const covers = (labels: Json | undefined): boolean => selectorMatches(at(spec, 'selector'), labels);
    if (!covers(pod.metadata.labels)) continue;
    const pods = (await all('pods')).filter(({ metadata }) => covers(metadata.labels));
    // By what the owners of its pods shall have, so that a missing one counts as a disruption.
    const expected = [...(await all('replicasets')), ...(await all('statefulsets'))]
      .filter((set) => covers(objectAt(set, 'spec', 'template', 'metadata', 'labels')))
      .reduce((sum, set) => sum + (numberAt(set, 'spec', 'replicas') ?? 0), 0);
    const needed = numberAt(spec, 'minAvailable') ?? expected - (numberAt(spec, 'maxUnavailable') ?? 0);
    const says = "Cannot evict pod as it would violate the pod's disruption budget.";
    if (pods.filter(isReady).length <= needed) throw new Refusal(429, 'TooManyRequests', says);
  }
  await deleteObject(call, at(call.body, 'deleteOptions'));
  return SUCCESS;
}
