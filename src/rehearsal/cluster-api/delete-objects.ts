import { answer, isDryRun, parseJson, type ApiAnswer, type ApiCall } from './api-call.ts';
import { isJson, numberAt, objectAt, textAt, type Json } from './json.ts';
import { timestamp, type KubeObject } from './object-client.ts';
import { listObjects, matcherOf } from './read-objects.ts';
import { badRequest, conflict, forbidden, notFound, Refusal, successStatus } from './refusal.ts';
import { RESOURCES } from './resources.ts';

interface DeleteOptions {
  readonly graceSeconds: number | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly orphan: boolean;
}

export async function deleteObject(call: ApiCall): Promise<ApiAnswer> {
  return deleteWith(call, optionsOf(call));
}

export async function deleteCollection(call: ApiCall): Promise<ApiAnswer> {
  const options = optionsOf(call);
  const { objects } = await call.objects.list(call.resource, call.namespace);
  const listed = await listObjects({ ...call, asTable: false });
  for (const { metadata } of objects.filter(matcherOf(call))) {
    const one = { ...call, name: metadata.name, namespace: metadata.namespace };
    await deleteWith(one, options).catch((error: unknown) => {
      // Somebody else may have deleted it in the meantime.
      if (!(error instanceof Refusal && error.code === 404)) throw error;
    });
  }
  return listed;
}

function optionsOf({ body, query }: ApiCall): DeleteOptions {
  const given = body.trim() === '' ? {} : parseJson(body);
  if (!isJson(given)) throw badRequest('the options of a deletion are an object');
  const { kind = 'DeleteOptions' } = given;
  if (kind !== 'DeleteOptions') throw badRequest(`${String(kind)} cannot be handled as DeleteOptions`);
  const asked = query.get('gracePeriodSeconds');
  const graceSeconds = numberAt(given, 'gracePeriodSeconds') ?? (asked === null ? undefined : Number(asked));
  if (graceSeconds !== undefined && !(graceSeconds >= 0))
    throw badRequest('gracePeriodSeconds: Invalid value: must be greater than or equal to 0');
  const policy = textAt(given, 'propagationPolicy') ?? query.get('propagationPolicy') ?? 'Background';
  if (!['Background', 'Foreground', 'Orphan'].includes(policy))
    throw badRequest(`propagationPolicy: Unsupported value: "${policy}"`);
  return {
    graceSeconds,
    uid: textAt(given, 'preconditions', 'uid'),
    resourceVersion: textAt(given, 'preconditions', 'resourceVersion'),
    orphan: policy === 'Orphan' || given['orphanDependents'] === true,
  };
}

/** As often as a deletion is tried again when another writer was faster. */
const TRIES = 5;

export async function deleteWith(call: ApiCall, options: DeleteOptions): Promise<ApiAnswer> {
  const { objects, resource, namespace, name = '' } = call;
  for (let tries = 1; ; tries += 1) {
    const present = await objects.get(resource, namespace, name);
    if (present === undefined) throw notFound(resource, name);
    expectPreconditions(call, present, options);
    if (isDryRun(call)) return answer(200, present);
    try {
      if (options.orphan) await releaseDependents(call, present);
      return await deletePresent(call, present, options);
    } catch (error) {
      if (tries >= TRIES || !(error instanceof Refusal && error.reason === 'Conflict')) throw error;
    }
  }
}

function expectPreconditions(
  { resource, name = '' }: ApiCall,
  { metadata }: KubeObject,
  options: DeleteOptions,
): void {
  const { uid, resourceVersion } = options;
  if (uid !== undefined && uid !== metadata.uid)
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
    );
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const says = `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`;
    throw conflict(resource, name, says);
  }
  if (resource.plural === 'namespaces' && ['default', 'kube-system', 'kube-public'].includes(name))
    throw forbidden(resource, name, 'this namespace may not be deleted');
}

async function deletePresent(call: ApiCall, present: KubeObject, options: DeleteOptions): Promise<ApiAnswer> {
  const { objects, resource } = call;
  const { metadata } = present;
  const seconds = resource.plural === 'pods' ? podGrace(present, options) : 0;
  const held = resource.plural === 'namespaces' || (metadata.finalizers ?? []).length > 0 || seconds > 0;
  if (!held) {
    await objects.remove(resource, present);
    const group = resource.group === '' ? {} : { group: resource.group };
    return answer(
      200,
      successStatus({ name: metadata.name, ...group, kind: resource.plural, uid: metadata.uid }),
    );
  }
  const marked = withDeletion(present, seconds, call.context.nowMs());
  return answer(200, await objects.update(resource, marked));
}

function podGrace(pod: KubeObject, { graceSeconds }: DeleteOptions): number {
  const phase = textAt(pod, 'status', 'phase');
  if (textAt(pod, 'spec', 'nodeName') === undefined || phase === 'Succeeded' || phase === 'Failed') return 0;
  return graceSeconds ?? numberAt(pod, 'spec', 'terminationGracePeriodSeconds') ?? 30;
}

/** Marks an object as being deleted; a second deletion may only shorten what the first one gave. */
export function withDeletion(object: KubeObject, seconds: number, nowMs: number): KubeObject {
  const given = object.metadata.deletionGracePeriodSeconds;
  if (object.metadata.deletionTimestamp !== undefined && (given ?? 0) <= seconds) return object;
  const deletion = {
    deletionTimestamp: timestamp(nowMs + seconds * 1000),
    ...(seconds > 0 ? { deletionGracePeriodSeconds: seconds } : {}),
  };
  const status: Json =
    object.kind === 'Namespace' ? { status: { ...objectAt(object, 'status'), phase: 'Terminating' } } : {};
  return { ...object, ...status, metadata: { ...object.metadata, ...deletion } };
}

/** Takes the owner away from what it owns, so that nothing collects it. */
async function releaseDependents({ objects }: ApiCall, { metadata: owner }: KubeObject): Promise<void> {
  for (const resource of RESOURCES.filter(({ namespaced }) => namespaced)) {
    const { objects: all } = await objects.list(resource, owner.namespace);
    const owned = all.filter(({ metadata }) =>
      metadata.ownerReferences?.some(({ uid }) => uid === owner.uid),
    );
    for (const { metadata } of owned) {
      await objects.change(resource, metadata.namespace, metadata.name, (present) => {
        const left = present.metadata.ownerReferences?.filter(({ uid }) => uid !== owner.uid) ?? [];
        return { ...present, metadata: { ...present.metadata, ownerReferences: left } };
      });
    }
  }
}
