import { createHash } from 'node:crypto';
import {
  createObjectClient,
  type KubeObject,
  type ObjectClient,
  type OwnerReference,
} from '../cluster-api/object-client.ts';
import { objectOf, timestamp } from '../cluster-api/object-client.ts';
import { numberAt, textAt } from '../cluster-api/json.ts';
import { withDeletion } from '../cluster-api/delete-objects.ts';
import { Refusal } from '../cluster-api/refusal.ts';
import { RESOURCES, type Resource } from '../cluster-api/resources.ts';
import { StoreConflict, StoreUnavailable } from '../replica.ts';
import { timer } from '../timers.ts';
import type { WatchedStore } from '../watched-store.ts';

/** What every loop is given by the process that runs it. */
export interface LoopContext {
  readonly store: WatchedStore;
  /** Milliseconds since 1970, UTC. */
  readonly nowMs: () => number;
  /** Lower-case hexadecimal digits. */
  readonly token: (length: number) => string;
  /** Milliseconds between the end of a look at the cluster and the next one. Default: 200. */
  readonly tickMs?: number;
  /** Told what no loop expects; the loop goes on. Default: nobody is told. */
  report?(error: unknown): void;
}

export type Stop = () => void;

const TICK_MS = 200;

/** Runs `look` again and again, never twice at once. What the store refuses is tried again at the next tick. */
export function startTicking(
  context: Pick<LoopContext, 'report' | 'tickMs'>,
  look: () => Promise<void>,
  everyMs = context.tickMs ?? TICK_MS,
): Stop {
  let stopped = false;
  let next: NodeJS.Timeout | undefined;
  const tick = async (): Promise<void> => {
    try {
      await look();
    } catch (error) {
      if (!isPassing(error)) context.report?.(error);
    }
    if (!stopped) next = setTimeout(() => void tick(), everyMs);
  };
  void tick();
  return () => {
    stopped = true;
    clearTimeout(next);
  };
}

/** Whether an error says no more than that another try may work. */
export const isPassing = (error: unknown): boolean =>
  error instanceof StoreUnavailable || error instanceof StoreConflict || error instanceof Refusal;

export const clientOf = ({ store, nowMs, token }: LoopContext): ObjectClient =>
  createObjectClient({
    store,
    nowMs,
    token,
    tolerationSeconds: timer('default-unreachable-toleration') / 1000,
  });

/** All objects at one revision, so that what is missing in it was really missing. */
export interface Snapshot {
  of(plural: string): readonly KubeObject[];
  /** What has this owner, of one kind. */
  ownedBy(plural: string, owner: KubeObject): readonly KubeObject[];
}

export async function takeSnapshot(store: WatchedStore): Promise<Snapshot> {
  const { documents } = await store.list('');
  const byPlural = new Map<string, KubeObject[]>(RESOURCES.map(({ plural }) => [plural, []]));
  for (const document of documents) byPlural.get(document.key.split('/')[0] ?? '')?.push(objectOf(document));
  const of = (plural: string): readonly KubeObject[] => byPlural.get(plural) ?? [];
  return {
    of,
    ownedBy: (plural, { metadata: owner }) =>
      of(plural).filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === owner.uid)),
  };
}

/** What a controller works with in one tick. */
export interface ControllerTools {
  readonly objects: ObjectClient;
  readonly snapshot: Snapshot;
  readonly nowMs: () => number;
  readonly token: (length: number) => string;
  /** Does it, or leaves it to the next tick when somebody else was faster. @throws StoreUnavailable. */
  readonly attempt: (work: Promise<unknown>) => Promise<void>;
}

export const attempt = async (work: Promise<unknown>): Promise<void> => {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof StoreConflict)) throw error;
  }
};

export const ownerOf = ({ apiVersion, kind, metadata }: KubeObject): OwnerReference => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
});

/** As controllers delete: a pod that runs is marked, and its kubelet takes it away; the rest is gone at once. */
export async function deleteAsController(
  { objects, nowMs }: Pick<ControllerTools, 'objects' | 'nowMs'>,
  object: KubeObject,
): Promise<void> {
  const resource = resourceOfKind(object);
  const seconds = numberAt(object, 'spec', 'terminationGracePeriodSeconds') ?? 30;
  const runs = resource.plural === 'pods' && textAt(object, 'spec', 'nodeName') !== undefined;
  if (runs) await objects.update(resource, withDeletion(object, seconds, nowMs()));
  else await objects.remove(resource, object);
}

const resourceOfKind = (object: KubeObject): Resource => {
  const found = RESOURCES.find(({ kind }) => kind === object.kind);
  if (found === undefined) throw new Error(`No resource is of kind ${object.kind}.`);
  return found;
};

/** A condition that keeps the time of its last change while it stays what it was. */
export function conditionFrom(
  present: unknown,
  wanted: {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
  },
  nowMs: number,
): Readonly<Record<string, unknown>> {
  const since =
    textAt(present, 'status') === wanted.status ? textAt(present, 'lastTransitionTime') : undefined;
  return { ...wanted, lastTransitionTime: since ?? timestamp(nowMs) };
}

/** Ten letters and digits that stand for a pod template. */
export const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 10);
