import {
  answer,
  checkObject,
  isDryRun,
  parseJson,
  parseObject,
  type ApiAnswer,
  type ApiCall,
} from './api-call.ts';
import { isJson, objectAt, sameJson, textAt, type Json } from './json.ts';
import type { KubeObject } from './object-client.ts';
import { jsonPatch, mergePatch, strategicPatch } from './patches.ts';
import {
  alreadyExists,
  badRequest,
  conflict,
  forbidden,
  invalid,
  methodNotAllowed,
  notFound,
  unsupportedMediaType,
} from './refusal.ts';
import { resourceNamed } from './resources.ts';
import { validate } from './validate.ts';

const NAMESPACES = resourceNamed('namespaces');

export async function createObject(call: ApiCall): Promise<ApiAnswer> {
  const { objects, resource, namespace } = call;
  const dry = isDryRun(call);
  const given = parseObject(call);
  if ((textAt(given, 'metadata', 'resourceVersion') ?? '') !== '')
    throw badRequest('resourceVersion should not be set on objects to be created');
  if (resource.namespaced && namespace === undefined) throw methodNotAllowed();
  const prepared = objects.prepare(resource, given);
  validate(resource, prepared);
  if (namespace !== undefined) await expectNamespace(call, namespace, prepared.metadata.name);
  if (!dry) return answer(201, await objects.create(resource, named(given, prepared)));
  if ((await objects.get(resource, namespace, prepared.metadata.name)) !== undefined)
    throw alreadyExists(resource, prepared.metadata.name);
  const { resourceVersion: _, ...metadata } = prepared.metadata;
  return answer(201, { ...prepared, metadata });
}

/** With the name that was generated and checked, so that it is that one which is stored. */
const named = (given: Json, prepared: KubeObject): Json => ({
  ...given,
  metadata: { ...objectAt(given, 'metadata'), name: prepared.metadata.name },
});

/** @throws Refusal NotFound, or Forbidden when the namespace is being deleted. */
async function expectNamespace(
  { objects, resource }: ApiCall,
  namespace: string,
  name: string,
): Promise<void> {
  const found = await objects.get(NAMESPACES, undefined, namespace);
  if (found === undefined) throw notFound(NAMESPACES, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  const message = `namespace ${namespace} is being terminated`;
  const says = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw forbidden(resource, name, says, [
    { reason: 'NamespaceTerminating', message, field: 'metadata.namespace' },
  ]);
}

export async function updateObject(call: ApiCall): Promise<ApiAnswer> {
  const { name = '', resource } = call;
  const given = parseObject(call);
  const own = textAt(given, 'metadata', 'name');
  if (own !== undefined && own !== name)
    throw badRequest(`the name of the object (${own}) does not match the name on the URL (${name})`);
  const version = textAt(given, 'metadata', 'resourceVersion') ?? '';
  return replace(call, (present) => {
    if (version !== '' && version !== present.metadata.resourceVersion) throw conflict(resource, name);
    return given;
  });
}

export async function patchObject(call: ApiCall): Promise<ApiAnswer> {
  const { resource, namespace, name = '', contentType, objects } = call;
  const apply = APPLY[contentType];
  if (apply === undefined) throw unsupportedMediaType(Object.keys(APPLY));
  const patch =
    contentType === APPLY_YAML && !call.body.trimStart().startsWith('{') ? undefined : parseJson(call.body);
  if (patch === undefined) throw unsupportedMediaType(Object.keys(APPLY));
  if (contentType === APPLY_YAML && (await objects.get(resource, namespace, name)) === undefined) {
    const object = checkObject(isJson(patch) ? patch : {}, resource, namespace);
    const body = JSON.stringify({ ...object, metadata: { ...objectAt(object, 'metadata'), name } });
    return createObject({ ...call, body, contentType: '' });
  }
  const version = textAt(patch, 'metadata', 'resourceVersion');
  return replace(call, (present) => {
    if (version !== undefined && version !== present.metadata.resourceVersion) throw conflict(resource, name);
    const patched = apply(present, patch);
    if (!isJson(patched)) throw badRequest('the patch leaves no object');
    return checkObject(patched, resource, namespace);
  });
}

const APPLY_YAML = 'application/apply-patch+yaml';
const APPLY: Readonly<Record<string, (target: unknown, patch: unknown) => unknown>> = {
  'application/json-patch+json': jsonPatch,
  'application/merge-patch+json': mergePatch,
  'application/strategic-merge-patch+json': strategicPatch,
  [APPLY_YAML]: strategicPatch,
};

/** Replaces the object by what `edit` makes of it, as far as the client may: with its identity, and status or the rest. */
async function replace(call: ApiCall, edit: (present: KubeObject) => Json): Promise<ApiAnswer> {
  const { objects, resource, namespace, name = '' } = call;
  const editable = (present: KubeObject): KubeObject => {
    const edited = settle(call, present, edit(present));
    validate(resource, edited, present);
    return edited;
  };
  if (isDryRun(call)) {
    const present = await objects.get(resource, namespace, name);
    if (present === undefined) throw notFound(resource, name);
    return answer(200, editable(present));
  }
  const changed = await objects.change(resource, namespace, name, editable);
  if (changed === undefined) throw notFound(resource, name);
  if (changed.metadata.deletionTimestamp === undefined || !isReleased(call, changed))
    return answer(200, changed);
  await objects.remove(resource, changed);
  return answer(200, changed);
}

/** Its last finalizer is gone, and nothing else holds it any more. */
const isReleased = ({ resource }: ApiCall, object: KubeObject): boolean =>
  resource.plural !== 'pods' &&
  resource.plural !== 'namespaces' &&
  (object.metadata.finalizers ?? []).length === 0;

const FIXED = [
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'namespace',
  'resourceVersion',
];

function settle(call: ApiCall, present: KubeObject, edited: Json): KubeObject {
  const { resource, subresource, name = '' } = call;
  const metadata = objectAt(edited, 'metadata');
  if (metadata['uid'] !== undefined && metadata['uid'] !== present.metadata.uid) {
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${textAt(metadata, 'uid') ?? ''}, UID in object meta: ${present.metadata.uid}`,
    );
  }
  if (metadata['name'] !== undefined && metadata['name'] !== name)
    throw invalid(resource, name, [
      {
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${JSON.stringify(metadata['name'])}: field is immutable`,
        field: 'metadata.name',
      },
    ]);
  if (subresource === 'status') return { ...present, status: edited['status'] };
  const fixed = Object.fromEntries(
    FIXED.filter((key) => present.metadata[key] !== undefined).map((key) => [key, present.metadata[key]]),
  );
  const free = Object.entries(metadata).filter(([key]) => !FIXED.includes(key));
  const { status: _, ...rest } = edited;
  const status = resource.status ? present['status'] : edited['status'];
  const whole: KubeObject = {
    ...rest,
    apiVersion: present.apiVersion,
    kind: present.kind,
    metadata: { ...(Object.fromEntries(free) as Json), ...fixed, name } as KubeObject['metadata'],
    ...(status === undefined ? {} : { status }),
  };
  const kept = resource.plural === 'services' ? withAddress(whole, present) : whole;
  if (!resource.generation || sameJson(kept['spec'], present['spec'])) return kept;
  return { ...kept, metadata: { ...kept.metadata, generation: (present.metadata.generation ?? 1) + 1 } };
}

/** A replaced service keeps its address when the new one names none. */
function withAddress(service: KubeObject, present: KubeObject): KubeObject {
  const { clusterIP, clusterIPs } = objectAt(present, 'spec');
  if (clusterIP === undefined || textAt(service, 'spec', 'clusterIP') !== undefined) return service;
  return { ...service, spec: { ...objectAt(service, 'spec'), clusterIP, clusterIPs } };
}
