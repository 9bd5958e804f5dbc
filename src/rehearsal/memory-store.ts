import { DocumentLog } from './consensus/document-log.ts';
import type { Operation } from './consensus/document-log.ts';
import { StoreConflict, StoreUnavailable } from './replica.ts';
import type { Document } from './replica.ts';
import type { WatchedStore } from './watched-store.ts';

export interface MemoryStore extends WatchedStore {
  /** While true, every call fails as without a majority of members. */
  cutOff(cut: boolean): void;
  /** Forgets all history up to now. */
  compact(): void;
}

/** A store of one member that lives in this process and ends with it. */
export function createMemoryStore(): MemoryStore {
  const log = new DocumentLog({ read: () => [], add: () => undefined, replace: () => undefined });
  let isCut = false;
  const reach = (): void => {
    if (isCut) throw new StoreUnavailable('No majority of the members answered.', true);
  };
  const write = async (operation: Operation): Promise<Document | undefined> => {
    reach();
    const { change, outcome } = log.resultOf(structuredClone(operation));
    if (outcome.conflict) throw new StoreConflict(operation.key, outcome.document);
    if (change !== undefined) log.accept({ term: 0, change });
    log.commit();
    return outcome.document;
  };
  return {
    cutOff: (cut) => void (isCut = cut),
    compact: () => log.forgetHistory(),
    revision: () => log.applied.revision,
    get: async (key) => (reach(), log.get(key)),
    list: async (prefix) => (reach(), log.list(prefix)),
    put: async (key, value, expected) => (await write({ kind: 'put', key, value, expected })) as Document,
    delete: async (key, expected = 'any' as never) =>
      (await write({ kind: 'delete', key, expected })) !== undefined,
    follow: (prefix, after, signal) => log.follow(prefix, after, signal),
  };
}
