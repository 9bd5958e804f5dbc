import { LoadBalancer } from '../front/load-balancer.ts';
import { CONTROL_NODES, FRONTS, FRONT_NAMES, UNIT_PORTS, isControlNode, unitsOf } from '../lab-layout.ts';
import type { Unit } from '../lab-layout.ts';
import type { WireStream } from '../links/wire-stream.ts';
import { createApiClient } from './api-client.ts';
import { ApiStore } from './api-store.ts';
import { apiServerUnits } from './api-server.ts';
import { openControlPort } from './control-port.ts';
import { Databases } from './databases.ts';
import { joinLab } from './host.ts';
import type { Host } from './host.ts';
import { lookAt } from './look-at.ts';
import { nodeAddress } from './node-address.ts';
import type { NodeAddress } from './node-address.ts';
import { NodeLoops } from './node-loops.ts';
import { noteAddressHolder } from './note-address-holder.ts';
import { Replicas } from './pod-programs.ts';
import { UnitKeeper } from './unit-keeper.ts';
import type { UnitProgram } from './unit-keeper.ts';

/** One machine of the lab, from power-on until it is killed. */
export async function runMachine(labFolder: string, self: string): Promise<void> {
  const host = await joinLab(labFolder, self);
  const replicas = new Replicas(host);
  const databases = new Databases(host);
  const { keeper, address } = unitsOn(host, replicas, databases);
  const balancer = isControlNode(self) ? balancerOf(host) : undefined;
  host.wire.onOpen = (name, stream) => {
    if (name === 'node') return greet(stream);
    const [kind, what = ''] = name.split('/');
    if (kind === 'unit') return answerAsUnit(keeper, replicas, what, stream);
    const front = FRONT_NAMES.find((each) => each === what);
    if (front === undefined) return false;
    if (kind === 'backend') return replicas.take(front, stream);
    if (kind !== 'front' || balancer === undefined) return false;
    balancer.serve(front, stream);
    return true;
  };
  await host.wire.start();
  await openControlPort(host, {
    'GET /units': () => keeper.list(),
    'POST /units/stop': (body) => {
      const { unit, startAgainAfterMs, id } = body as {
        unit: string;
        startAgainAfterMs: number;
        id?: string;
      };
      keeper.stop(known(keeper, unit), startAgainAfterMs, id);
    },
    'POST /units/start': (body) => keeper.start(known(keeper, (body as { unit: string }).unit)),
    'POST /reach': (body) => {
      const { to, timeoutMs } = body as { to: string; timeoutMs: number };
      return lookAt(host.wire.connect(to, 'node', 22), timeoutMs).then((look) => ({ look }));
    },
    'GET /holder': () => ({ holder: address.holder() ?? null }),
  });
  for (const unit of unitsOf(self)) keeper.start(unit);
}

function known(keeper: UnitKeeper, unit: string): Unit {
  if (!keeper.has(unit)) throw new Error(`There is no unit ${unit} on this node.`);
  return unit;
}

function balancerOf({ self, wire, truth }: Host): LoadBalancer {
  return new LoadBalancer({
    nodes: CONTROL_NODES,
    connect: (node, name, port) => wire.connect(node, name, port),
    onChange: (front, backends) => truth({ kind: 'balancer', node: self, front, backends }),
  });
}

function unitsOn(
  host: Host,
  replicas: Replicas,
  databases: Databases,
): { keeper: UnitKeeper; address: NodeAddress } {
  const { self, wire, layout } = host;
  const toApi = (): WireStream => {
    const node = address.holder();
    if (node === undefined) throw new Error('Nobody holds the address.');
    return wire.connect(node, 'front/kubernetes', FRONTS.kubernetes);
  };
  const api = createApiClient(toApi, layout.adminToken);
  let isMaster = false;
  const address: NodeAddress = nodeAddress(host, (master) => {
    isMaster = master;
    if (master) void noteAddressHolder(api, self, () => isMaster);
  });
  // A kubelet comes through the address; what runs beside an API server uses that one.
  const distant = new ApiStore(createApiClient(toApi, layout.controlToken));
  const { etcd, apiServer, beside } = apiServerUnits(host, replicas);
  const running = (unit: Unit): boolean => keeper.running(unit);
  const loops = new NodeLoops({ host, replicas, databases, distant, beside, running });
  const programs: Record<Unit, UnitProgram> = {
    kubelet: loops.kubelet,
    containerd: { start: () => undefined, stop: () => undefined },
    keepalived: address.keepalived,
    etcd,
    'kube-apiserver': apiServer,
    'kube-controller-manager': loops.controllers,
    'kube-scheduler': loops.scheduler,
  };
  const keeper: UnitKeeper = new UnitKeeper(new Map(unitsOf(self).map((unit) => [unit, programs[unit]])));
  return { keeper, address };
}

/** As sshd does: whoever connects is spoken to first. */
function greet(stream: WireStream): boolean {
  stream.on('data', () => undefined);
  stream.on('end', () => stream.end());
  stream.write('SSH-2.0-Rehearsal\r\n');
  return true;
}

/** A unit has its own port, and no other sign of life is asked of it. */
function answerAsUnit(keeper: UnitKeeper, replicas: Replicas, unit: string, stream: WireStream): boolean {
  if (!keeper.has(unit) || !keeper.running(unit)) return false;
  if (unit === 'kube-apiserver') return replicas.take('kubernetes', stream);
  stream.once('data', () => {
    stream.end(
      `HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\nX-Port: ${UNIT_PORTS[unit]}\r\n\r\nok\n`,
    );
  });
  return true;
}
