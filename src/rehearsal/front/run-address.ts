import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import {
  ADDRESS,
  FRONTS,
  FRONT_NAMES,
  NODES,
  UNIT_PORTS,
  portsFile,
  unitsOf,
  writeWhole,
} from '../lab-layout.ts';
import type { Front } from '../lab-layout.ts';
import { openControlPort } from '../machine/control-port.ts';
import { joinLab } from '../machine/host.ts';
import { ClientRelay } from './client-relay.ts';
import { HolderView } from './holder-view.ts';
import type { Advert } from './holder-view.ts';

/** A fault at a front itself, to hold measuring against something that is known to the nanosecond. */
interface PlantOrder {
  readonly front: Front;
  readonly kind: 'reset' | 'blackhole';
  readonly forMs: number;
}

type Ports = Record<string, number>;

/** The process that stands for the network in front of the nodes: their address, and the way to each of them. */
export async function runAddress(labFolder: string): Promise<void> {
  const host = joinLab(labFolder, ADDRESS);
  const { wire, truth } = host;
  /** With the front that each came through. */
  const relays = new Map<ClientRelay, Front>();
  const planted = new Map<Front, PlantOrder['kind']>();
  const view = new HolderView((holder) => {
    truth({ kind: 'holder', node: holder ?? null });
    for (const [relay] of relays) {
      if (relay.node !== undefined && relay.node !== holder) relay.silence();
      if (holder !== undefined) relay.orphan();
    }
  });
  wire.serve('vrrp', (advert, from) => view.hear(from, advert as Advert));
  wire.onGone = (peer) => {
    truth({ kind: 'process', name: peer, state: 'dead' });
    for (const [relay] of relays) if (relay.node === peer) relay.silence();
  };
  const relayTo = (client: Socket, node: string | undefined, name: string, port: number): ClientRelay => {
    return new ClientRelay(client, () => {
      const to = node ?? view.holder;
      return to === undefined ? undefined : { node: to, stream: wire.connect(to, name, port) };
    });
  };
  const plant = ({ front, kind, forMs }: PlantOrder): void => {
    planted.set(front, kind);
    truth({ kind: 'planted', front, down: true });
    for (const [relay, through] of relays)
      if (through === front && kind === 'reset') relay.reset();
      else if (through === front) relay.silence();
    setTimeout(() => {
      planted.delete(front);
      truth({ kind: 'planted', front, down: false });
    }, forMs);
  };
  const [fronts, nodes, units]: [Ports, Ports, Ports] = [{}, {}, {}];
  for (const front of FRONT_NAMES)
    fronts[front] = await listenOn((client) => {
      const kind = planted.get(front);
      if (kind === 'reset') return void client.resetAndDestroy();
      if (kind === 'blackhole') return void client.on('error', () => undefined).resume();
      const relay = relayTo(client, undefined, `front/${front}`, FRONTS[front]);
      relays.set(relay, front);
      client.once('close', () => relays.delete(relay));
    });
  for (const node of NODES) {
    nodes[node] = await listenOn((client) => void relayTo(client, node, 'node', 22));
    for (const unit of unitsOf(node))
      units[`${node}/${unit}`] = await listenOn(
        (client) => void relayTo(client, node, `unit/${unit}`, UNIT_PORTS[unit]),
      );
  }
  await wire.start();
  await openControlPort(host, { 'POST /plant': plant });
  writeWhole(portsFile(labFolder), JSON.stringify({ fronts, nodes, units }));
}

async function listenOn(accept: (client: Socket) => void): Promise<number> {
  const server = createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: true }, accept);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 1024, resolve));
  return (server.address() as AddressInfo).port;
}
