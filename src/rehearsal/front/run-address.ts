import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { FRONTS, FRONT_NAMES, NODES, UNIT_PORTS, portsFile, unitsOf, writeWhole } from '../lab-layout.ts';
import type { Front, LabPorts } from '../lab-layout.ts';
import { openControlPort } from '../machine/control-port.ts';
import { joinLab } from '../machine/host.ts';
import type { Host } from '../machine/host.ts';
import { ClientRelay } from './client-relay.ts';
import { HolderView } from './holder-view.ts';
import type { Advert } from './holder-view.ts';

/** A fault at a front itself, to hold measuring against something that is known to the nanosecond. */
interface Planted {
  readonly kind: 'reset' | 'blackhole';
}

/** The process that stands for the network in front of the nodes: their address, and the way to each of them. */
export async function runAddress(labFolder: string): Promise<void> {
  const host = await joinLab(labFolder, 'address');
  const relays = new Set<ClientRelay>();
  const view = new HolderView(host.time.nowMs, (holder) => {
    host.truth({ kind: 'holder', node: holder ?? null });
    silenceAll(relays, (node) => NODES.includes(node ?? '') && node !== holder);
    if (holder !== undefined) for (const relay of relays) relay.orphan();
  });
  host.wire.onMessage('vrrp', (from, body) => view.hear(from, body as Advert));
  host.wire.onPeer = (peer, there) => {
    if (there) return;
    host.truth({ kind: 'process', name: peer, state: 'dead' });
    silenceAll(relays, (node) => node === peer);
  };
  const planted = new Map<Front, Planted>();
  const ports = await listenToAll(host, view, relays, planted);
  await host.wire.start();
  await openControlPort(host, {
    'GET /holder': () => ({ holder: view.holder ?? null }),
    'POST /plant': (body) => plant(host, planted, relays, body as PlantOrder),
  });
  writeWhole(portsFile(labFolder), JSON.stringify(ports));
}

interface PlantOrder extends Planted {
  readonly front: Front;
  readonly forMs: number;
}

/** By relay: which front it came through. */
const frontOf = new WeakMap<ClientRelay, Front>();
const clientOf = new WeakMap<ClientRelay, Socket>();

function plant(
  host: Host,
  planted: Map<Front, Planted>,
  relays: ReadonlySet<ClientRelay>,
  order: PlantOrder,
): void {
  const { front, kind, forMs } = order;
  planted.set(front, { kind });
  host.truth({ kind: 'planted', front, down: true });
  for (const relay of relays) {
    if (frontOf.get(relay) !== front) continue;
    if (kind === 'reset') clientOf.get(relay)?.resetAndDestroy();
    else relay.silence();
  }
  host.time.after(forMs, () => {
    planted.delete(front);
    host.truth({ kind: 'planted', front, down: false });
  });
}

function silenceAll(relays: ReadonlySet<ClientRelay>, which: (node: string | undefined) => boolean): void {
  for (const relay of relays) if (which(relay.node)) relay.silence();
}

async function listenToAll(
  host: Host,
  view: HolderView,
  relays: Set<ClientRelay>,
  planted: ReadonlyMap<Front, Planted>,
): Promise<LabPorts> {
  const relay = (
    client: Socket,
    target: () => string | undefined,
    name: string,
    port: number,
  ): ClientRelay => {
    const one = new ClientRelay(client, () => {
      const node = target();
      return node === undefined ? undefined : { node, stream: host.wire.connect(node, name, port) };
    });
    return one;
  };
  const fronts: Partial<Record<Front, number>> = {};
  for (const front of FRONT_NAMES)
    fronts[front] = await listenOn((client) => {
      const kind = planted.get(front)?.kind;
      if (kind === 'reset') return void client.resetAndDestroy();
      if (kind === 'blackhole') return void client.on('error', () => undefined).resume();
      const one = relay(client, () => view.holder, `front/${front}`, FRONTS[front]);
      frontOf.set(one, front);
      clientOf.set(one, client);
      relays.add(one);
      client.once('close', () => relays.delete(one));
    });
  const nodes: Record<string, number> = {};
  const units: Record<string, number> = {};
  for (const node of NODES) {
    nodes[node] = await listenOn((client) => void relay(client, () => node, 'node', 22));
    for (const unit of unitsOf(node))
      units[`${node}/${unit}`] = await listenOn(
        (client) => void relay(client, () => node, `unit/${unit}`, UNIT_PORTS[unit]),
      );
  }
  return { fronts: fronts as Record<Front, number>, nodes, units };
}

async function listenOn(accept: (client: Socket) => void): Promise<number> {
  const server: Server = createServer({ noDelay: true, allowHalfOpen: true }, accept);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 1024, resolve));
  return (server.address() as AddressInfo).port;
}
