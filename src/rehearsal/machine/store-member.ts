import { join } from 'node:path';
import { diskInFolder, MemberStore } from '../consensus/index.ts';
import type { MemberTimers, Message } from '../consensus/index.ts';
import { CONTROL_NODES } from '../lab-layout.ts';
import type { StoreGroup } from '../truth/index.ts';
import type { Host } from './host.ts';

/** Port numbers by which rules of links know the traffic of a group. */
const PEER_PORTS: Readonly<Record<StoreGroup, number>> = { etcd: 2380, mariadb: 4567 };

/** Starts the member of a group on this node; what it stored before is on the node's disk. */
export function startStoreMember(
  host: Host,
  group: StoreGroup,
  timers: MemberTimers,
): { store: MemberStore; stop: () => void } {
  const { self, wire, time, truth } = host;
  const channel = `store/${group}`;
  const store = new MemberStore({
    self,
    peers: CONTROL_NODES.filter((node) => node !== self),
    disk: diskInFolder(join(host.folder, group)),
    timers,
    time: { ...time, soon: (callback) => void setImmediate(callback) },
    send: (to, message) => wire.send(to, channel, PEER_PORTS[group], message),
    onLead: (term) => truth({ kind: 'leader', group, node: self, leads: term !== undefined }),
  });
  wire.onMessage(channel, (from, message) => store.receive(from, message as Message));
  truth({ kind: 'member', group, node: self, up: true });
  return {
    store,
    stop: () => {
      wire.onMessage(channel, undefined);
      truth({ kind: 'member', group, node: self, up: false });
      store.stop();
    },
  };
}
