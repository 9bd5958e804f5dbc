import { StoreConflict, type Document, type Expected } from '../replica.ts';
import type { WatchedStore } from '../watched-store.ts';
import { fillDefaults, type DefaultsContext } from './defaults.ts';
import { isJson, sameJson, type Json } from './json.ts';
import { alreadyExists, conflict, notFound } from './refusal.ts';
import { apiVersionOf, keyOf, prefixOf, type Resource } from './resources.ts';

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly generation?: number;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly [field: string]: unknown;
}

/** An object as the API shows it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** A collection at one revision of the store. */
export interface Collection {
  readonly objects: readonly KubeObject[];
  readonly revision: number;
}

export interface ObjectClientContext extends DefaultsContext {
  readonly store: WatchedStore;
}

/**
 * Objects over the store, for the API server and the loops alike. Everything throws `StoreUnavailable` as the store does, and
 * `Refusal` where the API refuses.
 */
export interface ObjectClient {
  get(resource: Resource, namespace: string | undefined, name: string): Promise<KubeObject | undefined>;
  list(resource: Resource, namespace?: string): Promise<Collection>;
  /** What `create` would store: metadata of its own and defaults filled in. */
  prepare(resource: Resource, object: Json): KubeObject;
  /** @throws Refusal AlreadyExists. */
  create(resource: Resource, object: Json): Promise<KubeObject>;
  /**
   * Replaces what is there if its version is still that of the object; writes nothing when nothing would change.
   * @throws Refusal Conflict, NotFound.
   */
  update(resource: Resource, object: KubeObject): Promise<KubeObject>;
  /**
   * Changes whatever is there, again from the start when another writer was faster. Undefined when it is not there, and what is
   * there when `edit` gives undefined.
   */
  change(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    edit: (present: KubeObject) => Json | undefined,
  ): Promise<KubeObject | undefined>;
  /** Takes it out of the store, if its version is still that of the object. @throws Refusal Conflict. */
  remove(resource: Resource, object: KubeObject): Promise<boolean>;
}

/** As often as client-go's `retry.DefaultRetry`. */
const TRIES = 5;

/** An object as stored, with the version that the store gave it. */
export function objectOf({ value, revision }: Document): KubeObject {
  const object = value as unknown as KubeObject;
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}

const stored = (object: KubeObject): Json => {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
};

/** Seconds are all that the API's times have. */
export const timestamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

export function uuidOf(token: (length: number) => string): string {
  const digits = token(32);
  // The version 4 and the variant of RFC 9562.
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}

export function createObjectClient(context: ObjectClientContext): ObjectClient {
  const { store } = context;
  const put = async (resource: Resource, object: KubeObject, expected: Expected): Promise<KubeObject> => {
    const { namespace, name } = object.metadata;
    try {
      return objectOf(await store.put(keyOf(resource, namespace, name), stored(object), expected));
    } catch (error) {
      if (!(error instanceof StoreConflict)) throw error;
      if (expected === 'absent') throw alreadyExists(resource, name);
      throw error.present === undefined ? notFound(resource, name) : conflict(resource, name);
    }
  };
  const client: ObjectClient = {
    async get(resource, namespace, name) {
      const document = await store.get(keyOf(resource, namespace, name));
      return document === undefined ? undefined : objectOf(document);
    },
    async list(resource, namespace) {
      const { documents, revision } = await store.list(prefixOf(resource, namespace));
      return { objects: documents.map(objectOf), revision };
    },
    prepare: (resource, object) =>
      withOwnMetadata(resource, fillDefaults(resource, object, context), context),
    create: (resource, object) => put(resource, client.prepare(resource, object), 'absent'),
    async update(resource, object) {
      const { namespace, name, resourceVersion } = object.metadata;
      const document = await store.get(keyOf(resource, namespace, name));
      if (document === undefined) throw notFound(resource, name);
      if (String(document.revision) !== resourceVersion) throw conflict(resource, name);
      const present = objectOf(document);
      if (sameJson(present, object)) return present;
      return put(resource, object, document.revision);
    },
    async change(resource, namespace, name, edit) {
      for (let tries = 1; ; tries += 1) {
        const present = await client.get(resource, namespace, name);
        if (present === undefined) return undefined;
        const edited = edit(present);
        if (edited === undefined || sameJson(edited, present)) return present;
        try {
          const whole = { ...(edited as unknown as KubeObject) };
          const meta = { ...whole.metadata, resourceVersion: present.metadata.resourceVersion };
          return await put(resource, { ...whole, metadata: meta }, Number(meta.resourceVersion));
        } catch (error) {
          if (tries >= TRIES || !isConflict(error)) throw error;
        }
      }
    },
    async remove(resource, { metadata }) {
      const { namespace, name, resourceVersion } = metadata;
      try {
        return await store.delete(keyOf(resource, namespace, name), Number(resourceVersion));
      } catch (error) {
        throw error instanceof StoreConflict ? conflict(resource, name) : error;
      }
    },
  };
  return client;
}

const isConflict = (error: unknown): boolean => (error as { reason?: unknown }).reason === 'Conflict';

function withOwnMetadata(resource: Resource, object: Json, context: ObjectClientContext): KubeObject {
  const given = isJson(object['metadata']) ? object['metadata'] : {};
  const { namespace, generateName, name, resourceVersion: _, ...rest } = given;
  const generated = typeof generateName === 'string' ? `${generateName}${context.token(5)}` : '';
  return {
    ...object,
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: {
      ...rest,
      name: typeof name === 'string' && name !== '' ? name : generated,
      ...(typeof generateName === 'string' ? { generateName } : {}),
      ...(resource.namespaced ? { namespace: String(namespace) } : {}),
      uid: uuidOf(context.token),
      creationTimestamp: timestamp(context.nowMs()),
      ...(resource.generation ? { generation: 1 } : {}),
      resourceVersion: '',
    },
  };
}
