import { objectOf, type KubeObject } from '../cluster-api/kube-object.ts';
import { ObjectClient, type ObjectClientContext } from '../cluster-api/object-client.ts';
import { Refusal } from '../cluster-api/refusal.ts';
import { StoreUnavailable } from '../replica.ts';

/** What every loop is given by the process that runs it. */
export interface LoopContext extends ObjectClientContext {
  /** How much faster than the rehearsal's timers its clock goes. Default: 1. */
  readonly faster?: number;
  /** Told what no loop expects; the loop goes on. Default: nobody is told. */
  readonly report?: (error: unknown) => void;
}

export interface LeaderContext extends LoopContext {
  /** While false, nothing is done. */
  isLeader(): boolean;
}

export type Stop = () => void;

/** Milliseconds between two looks at the cluster. */
export const LOOK_MS = 200;

/** Runs `look` again and again, never twice at once. What the store or the API refuses is tried again the next time. */
export function startLoop(context: LoopContext, everyMs: number, look: () => Promise<void>): Stop {
  const { report, faster = 1 } = context;
  let stopped = false;
  let next: NodeJS.Timeout | undefined;
  const turn = async (): Promise<void> => {
    try {
      await look();
    } catch (error) {
      if (!(error instanceof StoreUnavailable || error instanceof Refusal)) report?.(error);
    }
    if (!stopped) next = setTimeout(() => void turn(), everyMs / faster);
  };
  void turn();
  return () => {
    stopped = true;
    clearTimeout(next);
  };
}

/** Does it, or leaves it to the next look when the API refuses. @throws StoreUnavailable. */
export async function attempt(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
  });
}

/** What a controller works with in one look: all objects at one revision, so that what is missing was really missing. */
export interface ControllerTools extends LoopContext {
  readonly objects: ObjectClient;
  /** Since when the store has answered without a gap. */
  readonly readableSinceMs: number;
  readonly of: (plural: string) => readonly KubeObject[];
  readonly ownedBy: (plural: string, owner: KubeObject) => readonly KubeObject[];
}

export async function toolsNow(context: LoopContext, readableSinceMs: number): Promise<ControllerTools> {
  const { documents } = await context.store.list('');
  const of: ControllerTools['of'] = (plural) =>
    documents.filter(({ key }) => key.startsWith(`${plural}/`)).map(objectOf);
  const ownedBy: ControllerTools['ownedBy'] = (plural, { metadata: { uid } }) =>
    of(plural).filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid));
  return { ...context, objects: new ObjectClient(context), readableSinceMs, of, ownedBy };
}

/** Brings the cluster nearer to what one object asks for. */
export type Sync = (tools: ControllerTools, object: KubeObject) => Promise<unknown>;
