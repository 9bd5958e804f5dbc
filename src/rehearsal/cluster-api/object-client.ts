import { StoreConflict, type Expected } from '../replica.ts';
import type { WatchedStore } from '../watched-store.ts';
import { numberAt, objectAt, sameJson, textAt, type Json } from './json.ts';
import { objectOf, timestamp, type KubeObject } from './kube-object.ts';
import { newObject } from './new-object.ts';
import { alreadyExists, conflict } from './refusal.ts';
import { pluralOf, prefixOf, resourceNamed } from './resources.ts';
import { validate } from './validate.ts';

export type { KubeObject };

/** Where an object is; with a UID, no other one that has the name by now. */
export interface Ref {
  readonly plural: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid?: string;
}

const refTo = ({ kind, metadata }: KubeObject): Ref => ({ plural: pluralOf(kind), ...metadata });

export interface ObjectClientContext {
  readonly store: WatchedStore;
  /** Milliseconds since 1970, UTC. */
  readonly nowMs: () => number;
  /** Lower-case hexadecimal digits. */
  readonly token: (length: number) => string;
}

type Listed = { readonly objects: readonly KubeObject[]; readonly revision: number };
type Edit = (present: KubeObject) => KubeObject | undefined | null;

/** As often as client-go's `retry.DefaultRetry`. */
const TRIES = 5;

const keyOf = ({ plural, namespace = '-', name }: Ref): string => `${prefixOf(plural, namespace)}${name}`;

/**
 * Objects over the store, for the API server and the loops alike. Everything throws `StoreUnavailable` as the store does, and
 * `Refusal` where the API refuses.
 */
export class ObjectClient {
  readonly #context: ObjectClientContext;

  constructor(context: ObjectClientContext) {
    this.#context = context;
  }

  async get(ref: Ref): Promise<KubeObject | undefined> {
    const document = await this.#context.store.get(keyOf(ref));
    const object = document === undefined ? undefined : objectOf(document);
    return ref.uid === undefined || ref.uid === object?.metadata.uid ? object : undefined;
  }

  /** Those of a namespace, or of all, at one revision of the store. */
  async list(plural: string, namespace?: string): Promise<Listed> {
    const { documents, revision } = await this.#context.store.list(prefixOf(plural, namespace));
    return { objects: documents.map(objectOf), revision };
  }

  /** Fills in its own metadata and defaults. @throws Refusal AlreadyExists, Invalid. */
  async create(plural: string, given: Json): Promise<KubeObject> {
    const object = newObject(resourceNamed(plural), given, this.#context);
    const exists = alreadyExists(resourceNamed(plural), object.metadata.name);
    return this.#put(object, 'absent').catch((error: unknown) => {
      throw error instanceof StoreConflict ? exists : error;
    });
  }

  /**
   * Makes of what is there what `edit` gives, again from the start when another writer was faster; nothing is written when
   * that is undefined or the same, and the object is taken away when it is null. Undefined when it is not there.
   * @param what an object is taken for what is there until the store says otherwise
   * @throws Refusal Conflict, Invalid.
   */
  async change(what: Ref | KubeObject, edit: Edit): Promise<KubeObject | undefined> {
    const ref = 'kind' in what ? refTo(what) : what;
    let present = 'kind' in what ? what : await this.get(ref);
    for (let tries = 1; ; tries += 1) {
      const edited = present === undefined ? undefined : edit(present);
      if (present === undefined || edited === undefined || sameJson(edited, present)) return present;
      const revision = Number(present.metadata.resourceVersion);
      try {
        if (edited !== null) return await this.#put(counted(edited, present), revision);
        await this.#context.store.delete(keyOf(ref), revision);
        return present;
      } catch (error) {
        if (!(error instanceof StoreConflict)) throw error;
        if (tries >= TRIES) throw conflict(resourceNamed(ref.plural), ref.name);
        present = await this.get(ref);
      }
    }
  }

  /**
   * Takes it away, or marks it where somebody has to do something first: a kubelet stops a pod that runs, a namespace is
   * emptied, finalizers are waited for. Gives it as it is now, or was.
   * @param graceSeconds what a pod that runs gets to end; by default what it says itself, or 30
   */
  async delete(what: Ref | KubeObject, graceSeconds?: number): Promise<KubeObject | undefined> {
    return this.change(what, (present) => {
      const { kind, metadata, spec } = present;
      const runs = kind === 'Pod' && textAt(spec, 'nodeName') !== undefined;
      const seconds = runs ? (graceSeconds ?? numberAt(spec, 'terminationGracePeriodSeconds') ?? 30) : 0;
      const held = kind === 'Namespace' || (metadata.finalizers ?? []).length > 0 || seconds > 0;
      return held ? marked(present, seconds, this.#context.nowMs()) : null;
    });
  }

  async #put(object: KubeObject, expected: Expected): Promise<KubeObject> {
    validate(object);
    const { resourceVersion: _, ...metadata } = object.metadata;
    return objectOf(await this.#context.store.put(keyOf(refTo(object)), { ...object, metadata }, expected));
  }
}

function counted(edited: KubeObject, { metadata: { generation }, spec }: KubeObject): KubeObject {
  if (generation === undefined || sameJson(edited['spec'], spec)) return edited;
  return { ...edited, metadata: { ...edited.metadata, generation: generation + 1 } };
}

/** A second deletion may only shorten what the first one gave. */
function marked(object: KubeObject, seconds: number, nowMs: number): KubeObject {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata;
  if (deletionTimestamp !== undefined && deletionGracePeriodSeconds <= seconds) return object;
  const mark = { deletionTimestamp: timestamp(nowMs + seconds * 1000), deletionGracePeriodSeconds: seconds };
  const status = {
    ...objectAt(object, 'status'),
    ...(object.kind === 'Namespace' ? { phase: 'Terminating' } : {}),
  };
  return { ...object, status, metadata: { ...object.metadata, ...mark } };
}
