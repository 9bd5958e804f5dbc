import type { WatchedStore } from '../watched-store.ts';
import { isReady } from './conditions.ts';
import { at, isJson, listAt, numberAt, objectAt, textAt, type Json } from './json.ts';
import { refTo, type KubeObject, type ObjectClient, type Ref } from './object-client.ts';
import { conflict, forbidden, notFound, Refusal } from './refusal.ts';
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
  'PUT object': [200, (call) => replace(call, () => givenObject(call))],
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

/** The object that a client sent. @throws Refusal BadRequest when it is not what the path says, UnsupportedMediaType. */
function givenObject({ body, contentType, resource, ref }: ApiCall): Json {
  if (contentType !== '' && contentType !== 'application/json') throw unsupported('application/json');
  if (!isJson(body)) throw new Refusal('BadRequest', 'the body of the request is not an object');
  const { apiVersion, kind } = resource;
  const metadata = objectAt(body, 'metadata');
  const { name = textAt(metadata, 'name'), namespace } = ref.name === '' ? { namespace: ref.namespace } : ref;
  const wanted = { apiVersion, kind, metadata: { ...metadata, name, namespace } };
  const given = { apiVersion, kind, ...body, metadata: { name, namespace, ...metadata } };
  for (const path of [['apiVersion'], ['kind'], ['metadata', 'name'], ['metadata', 'namespace']])
    if (at(given, ...path) !== at(wanted, ...path))
      throw new Refusal('BadRequest', `the ${path.join('.')} of the object is not the one of the request`);
  return given;
}

const unsupported = (accepted: string): Refusal =>
  new Refusal('UnsupportedMediaType', `the body is in an unknown format; accepted media types: ${accepted}`);

async function createObject(call: ApiCall): Promise<Json> {
  const { objects, resource, ref } = call;
  const given = givenObject(call);
  const home = ref.namespace === undefined ? undefined : { plural: 'namespaces', name: ref.namespace };
  const found = home && (await expectPresent({ ...call, resource: resourceNamed(home.plural), ref: home }));
  if (found?.metadata.deletionTimestamp !== undefined)
    throw forbidden(resource, textAt(given, 'metadata', 'name') ?? '', 'its namespace is being terminated');
  return objects.create(ref.plural, given);
}

const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';

async function patchObject(call: ApiCall): Promise<Json> {
  if (![MERGE, STRATEGIC].includes(call.contentType)) throw unsupported(`${MERGE}, ${STRATEGIC}`);
  const strategic = call.contentType === STRATEGIC;
  return replace(call, (present) => merged(present, objectAt(call, 'body'), strategic));
}

/**
 * A JSON merge patch (RFC 7396). A strategic one also merges entries of lists that have the same name, such as containers; its
 * directives are left out.
 */
function merged(target: Json, patch: Json, strategic: boolean): Json {
  const result: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    const before = listAt(target, key);
    if (value === null || (strategic && key.startsWith('$'))) delete result[key];
    else if (isJson(value)) result[key] = merged(objectAt(target, key), value, strategic);
    else if (!strategic || !Array.isArray(value) || !value.every(nameOf)) result[key] = value;
    else {
      const entries = new Map(before.map((each) => [nameOf(each), each]));
      for (const each of value as readonly Json[])
        entries.set(
          nameOf(each),
          merged(objectAt({ old: entries.get(nameOf(each)) }, 'old'), each, strategic),
        );
      result[key] = [...entries.values()];
    }
  }
  return result;
}

const nameOf = (entry: unknown): string | undefined => textAt(entry, 'name');

/** What of an object's metadata its writers may change. */
const FREE = ['labels', 'annotations', 'ownerReferences', 'finalizers'];

/** Puts what `edit` makes of the object into its place; its identity stays, and its status, which controllers write. */
async function replace(
  { objects, resource, ref }: ApiCall,
  edit: (present: KubeObject) => Json,
): Promise<Json> {
  const changed = await objects.change(ref, (present) => {
    const { apiVersion, kind, metadata, status } = present;
    const edited = edit(present);
    const given = objectAt(edited, 'metadata');
    for (const field of ['uid', 'resourceVersion'] as const)
      if (![metadata[field], undefined].includes(textAt(given, field))) throw conflict(resource, ref.name);
    // The last finalizer is gone of what was waiting for it.
    const leaving = metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length > 0;
    if (leaving && listAt(given, 'finalizers').length === 0) return null;
    const fixed = Object.entries(metadata).filter(([key]) => !FREE.includes(key));
    const free = Object.entries(given).filter(([key]) => FREE.includes(key));
    const whole = Object.fromEntries([...fixed, ...free]) as KubeObject['metadata'];
    return { ...edited, apiVersion, kind, metadata: whole, ...(status === undefined ? {} : { status }) };
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
  const left = await objects.delete(refTo(present), numberAt(options, 'gracePeriodSeconds'));
  return left?.metadata.deletionTimestamp === undefined ? SUCCESS : left;
}

const SUCCESS: Json = { kind: 'Status', apiVersion: 'v1', status: 'Success' };

/** Deletes a pod unless a budget forbids it. @throws Refusal TooManyRequests. */
async function evictPod(call: ApiCall): Promise<Json> {
  const { objects, ref } = call;
  const pod = await expectPresent(call);
  const here = async (plural: string): Promise<readonly KubeObject[]> =>
    (await objects.list(plural, ref.namespace)).objects;
  const pods = (await here('pods')).filter(isReady);
  const sets = [...(await here('replicasets')), ...(await here('statefulsets'))];
  for (const { spec } of isReady(pod) ? await here('poddisruptionbudgets') : []) {
    const covers = (labels: Json | undefined): boolean => selectorMatches(at(spec, 'selector'), labels);
    if (!covers(pod.metadata.labels)) continue;
    const healthy = pods.filter(({ metadata }) => covers(metadata.labels)).length;
    // By what the owners of its pods shall have, so that a missing one counts as a disruption.
    const expected = sets
      .filter((set) => covers(objectAt(set, 'spec', 'template', 'metadata', 'labels')))
      .reduce((sum, set) => sum + (numberAt(set, 'spec', 'replicas') ?? 0), 0);
    const needed = numberAt(spec, 'minAvailable') ?? expected - (numberAt(spec, 'maxUnavailable') ?? 0);
    if (healthy <= needed)
      throw new Refusal(
        'TooManyRequests',
        "Cannot evict pod as it would violate the pod's disruption budget.",
      );
  }
  await deleteObject(call, at(call.body, 'deleteOptions'));
  return SUCCESS;
}
