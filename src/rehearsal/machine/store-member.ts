import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { diskInFile, MemberStore } from '../consensus/index.ts';
import type { Answer, MemberTimers, Question } from '../consensus/index.ts';
import { hostTime } from '../host-time.ts';
import { CONTROL_NODES, STORE_PORTS } from '../lab-layout.ts';
import type { StoreGroup } from '../lab-layout.ts';
import { StoreUnavailable } from '../replica.ts';
import type { WatchedStore } from '../watched-store.ts';
import type { Host } from './host.ts';
import { writeToLog } from './write-to-log.ts';

export const hexToken = (length: number): string => randomBytes(length).toString('hex').slice(0, length);

/** Starts the member of a group on this node; what it stored before is on the node's disk. */
export function startStoreMember(
  { self, wire, folder, truth }: Host,
  group: StoreGroup,
  timers: MemberTimers,
): { readonly store: MemberStore; readonly stop: () => void } {
  const name = `store/${group}`;
  const store = new MemberStore({
    self,
    peers: CONTROL_NODES.filter((node) => node !== self),
    disk: diskInFile(join(folder, `${group}.ndjson`)),
    timers,
    time: hostTime,
    ask: (peer, question, limitMs) =>
      wire.ask(peer, name, STORE_PORTS[group], question, limitMs) as Promise<Answer>,
    onLead: (term) => truth({ kind: 'leader', group, node: self, leads: term !== undefined }),
  });
  wire.serve(name, (question, from) => store.answer(from, question as Question));
  truth({ kind: 'member', group, node: self, up: true });
  return {
    store,
    stop: () => {
      wire.serve(name, undefined);
      truth({ kind: 'member', group, node: self, up: false });
      store.stop();
    },
  };
}

/** Writes what a new store holds, once in its life: what users deleted since must not come back with the next start. */
export async function seedOnce(store: WatchedStore, seed: () => Promise<void>): Promise<void> {
  for (let done = false; !done; await sleep(50))
    try {
      done = (await store.get('installation/done')) !== undefined;
      if (!done) await seed();
      if (!done) await store.put('installation/done', {}, 'any');
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) writeToLog(error);
    }
}
