import { describeError } from '../model/errors.ts';
import type { LockHolder, SharedState, StopOrder } from '../ports/state-store.ts';

/** Both forms of what runs share, as one. */
export interface JoinedState extends SharedState {
  /** What could not be asked of the cluster form since the last call, each reason once. */
  troubles(): readonly string[];
}

/**
 * The file form and, where there is one, the cluster form. The file form always counts. When the cluster form does not answer
 * (the API may be what was hurt, or nobody may write there), it says neither yes nor no: a lock is then held by the file alone, a
 * stop stands on this machine alone, and `troubles` says so. Only `renew` throws, for a lock that the cluster form has granted.
 */
export function joinStates(file: SharedState, cluster?: SharedState): JoinedState {
  const said = new Set<string>();
  const granted = new Set<string>();
  let fresh: string[] = [];
  const ask = async <T>(act: (state: SharedState) => Promise<T>): Promise<T | undefined> => {
    if (cluster === undefined) return undefined;
    try {
      return await act(cluster);
    } catch (error) {
      const says = `The cluster's own state could not be asked: ${describeError(error)}`;
      if (!said.has(says)) fresh.push(says);
      said.add(says);
      return undefined;
    }
  };
  return {
    async lock(identity, holder): Promise<LockHolder | undefined> {
      const here = await file.lock(identity, holder);
      if (here !== undefined) return here;
      const there = await ask(async (state) => ({ other: await state.lock(identity, holder) }));
      if (there?.other !== undefined) await file.unlock(identity, holder.run);
      else if (there !== undefined) granted.add(identity);
      return there?.other;
    },
    async renew(identity, run) {
      if (!(await file.renew(identity, run))) return false;
      return granted.has(identity) && cluster !== undefined ? cluster.renew(identity, run) : true;
    },
    async unlock(identity, run) {
      await ask((state) => state.unlock(identity, run));
      granted.delete(identity);
      await file.unlock(identity, run);
    },
    async holders() {
      return [...(await file.holders()), ...((await ask((state) => state.holders())) ?? [])];
    },
    async stop(order) {
      await file.stop(order);
      await ask((state) => state.stop(order));
    },
    async allow() {
      const here = await file.allow();
      return (await ask((state) => state.allow())) ?? here;
    },
    async stopped(): Promise<StopOrder | undefined> {
      return (await file.stopped()) ?? ask((state) => state.stopped());
    },
    troubles() {
      const now = fresh;
      fresh = [];
      return now;
    },
  };
}
