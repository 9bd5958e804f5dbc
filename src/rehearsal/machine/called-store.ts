import { StoreConflict, StoreUnavailable } from '../replica.ts';
import type { Document, DocumentStore, Expected } from '../replica.ts';
import type { WatchedStore } from '../watched-store.ts';

/** A call of a store that is somewhere else. */
export interface StoreCall {
  readonly method: 'get' | 'list' | 'put' | 'delete';
  readonly key: string;
  readonly value?: Document['value'];
  readonly expected?: Expected | undefined;
}

type Called =
  | { readonly value?: unknown }
  | { readonly conflict: { readonly present?: Document | undefined } }
  | { readonly unavailable: string; readonly definite: boolean };

export const isWrite = ({ method }: StoreCall): boolean => method === 'put' || method === 'delete';

export async function perform(store: DocumentStore, call: StoreCall): Promise<unknown> {
  const { method, key, value = {}, expected } = call;
  if (method === 'get') return store.get(key);
  if (method === 'list') return store.list(key);
  if (method === 'put') return store.put(key, value, expected ?? 'any');
  return store.delete(key, typeof expected === 'number' ? expected : undefined);
}

/** What is answered to a call, as it travels. */
export async function answerCall(store: DocumentStore, call: StoreCall): Promise<Called> {
  try {
    return { value: await perform(store, call) };
  } catch (error) {
    if (error instanceof StoreConflict) return { conflict: { present: error.present } };
    if (error instanceof StoreUnavailable) return { unavailable: error.message, definite: error.definite };
    throw error;
  }
}

/** @param ask brings the call to `answerCall`; when it rejects, nobody knows what became of a write */
export async function callOver(
  ask: (call: StoreCall) => Promise<unknown>,
  call: StoreCall,
): Promise<unknown> {
  const answer = (await ask(call).catch((error: unknown) => {
    throw new StoreUnavailable((error as Error).message, !isWrite(call));
  })) as Called;
  if ('conflict' in answer) throw new StoreConflict(call.key, answer.conflict.present);
  if ('unavailable' in answer) throw new StoreUnavailable(answer.unavailable, answer.definite);
  return answer.value;
}

/** The store that `call` reaches. Nobody follows from afar: kubelets of the model and pods look again and again. */
export function storeOver(call: (call: StoreCall) => Promise<unknown>): WatchedStore {
  return {
    get: (key) => call({ method: 'get', key }) as Promise<Document | undefined>,
    list: (key) => call({ method: 'list', key }) as ReturnType<WatchedStore['list']>,
    put: (key, value, expected) => call({ method: 'put', key, value, expected }) as Promise<Document>,
    delete: (key, expected) => call({ method: 'delete', key, expected }) as Promise<boolean>,
    revision: () => 0,
    follow: () => {
      throw new StoreUnavailable('This store is followed at its members only.', true);
    },
  };
}

/** The store that is there at the moment of each call; while there is none, nothing answers. */
export function storeBehind(present: () => WatchedStore | undefined): WatchedStore {
  const find = (): WatchedStore => {
    const store = present();
    if (store !== undefined) return store;
    throw new StoreUnavailable('The store does not answer: it is stopped here.', true);
  };
  return {
    ...storeOver(async (call) => perform(find(), call)),
    revision: () => present()?.revision() ?? 0,
    follow: (prefix, after, signal) => find().follow(prefix, after, signal),
  };
}
