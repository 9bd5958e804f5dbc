import type { Duplex } from 'node:stream';
import { HolderView } from '../front/holder-view.ts';
import type { Advert } from '../front/holder-view.ts';
import { LoadBalancer } from '../front/load-balancer.ts';
import { askOver } from '../front/streams.ts';
import { FRONTS, FRONT_NAMES, isControlNode, unitsOf } from '../lab-layout.ts';
import { timer } from '../timers.ts';
import { openControlPort } from './control-port.ts';
import { joinLab } from './host.ts';
import type { Host } from './host.ts';
import { Replicas } from './pod-programs.ts';
import { unitPrograms } from './unit-programs.ts';
import { Units } from './units.ts';

interface StopOrder {
  readonly unit: string;
  readonly startAgainAfterMs: number;
  /** The mark of whoever stops it. */
  readonly id?: string;
}

/** One machine of the lab, from power-on until it is killed. */
export async function runMachine(labFolder: string, self: string): Promise<void> {
  const host = joinLab(labFolder, self);
  const { wire } = host;
  const replicas = new Replicas(host);
  const view = new HolderView();
  wire.serve('vrrp', (advert, from) => view.hear(from, advert as Advert));
  const programs = unitPrograms(host, replicas, view, (unit) => units.isRunning(unit));
  const units: Units = new Units(new Map(unitsOf(self).map((unit) => [unit, programs[unit]])));
  const balancer = isControlNode(self) ? balancerOf(host) : undefined;
  wire.onOpen = (name, stream) => {
    const [kind, what = ''] = name.split('/');
    const front = FRONT_NAMES.find((each) => each === what);
    if (kind === 'node') return greet(stream);
    if (kind === 'unit') return units.isRunning(what) && answerAsUnit(replicas, what, stream);
    if (front === undefined || (kind === 'front' && balancer === undefined)) return false;
    if (kind === 'backend') return replicas.take(front, stream);
    balancer?.serve(front, stream);
    return true;
  };
  await wire.start();
  await openControlPort(host, {
    'GET /units': () => units.list(),
    'POST /units/stop': ({ unit, startAgainAfterMs, id }: StopOrder) =>
      units.stop(unit, startAgainAfterMs, id),
    'POST /units/start': ({ unit }: { unit: string }) => units.start(unit),
    'POST /reach': ({ to, timeoutMs }: { to: string; timeoutMs: number }) =>
      askOver(wire.connect(to, 'node', 22), '\n', timeoutMs),
  });
  for (const unit of unitsOf(self)) units.start(unit);
}

function balancerOf({ self, wire, truth }: Host): LoadBalancer {
  const balancer = new LoadBalancer(
    (node, name, port) => wire.connect(node, name, port),
    (front, backends) => truth({ kind: 'balancer', node: self, front, backends }),
  );
  // One that is not there, or frozen, is passed over as its connection would be.
  const connects = (node: string): Promise<boolean> =>
    wire.ask(node, 'api-server', FRONTS.kubernetes, null, timer('haproxy.connect-timeout')).then(
      () => true,
      () => false,
    );
  wire.serve('api', async (call) => {
    const tried: string[] = [];
    for (let node; (node = balancer.next('kubernetes', tried)) !== undefined; tried.push(node))
      if (await connects(node))
        return wire.ask(node, 'api-server', FRONTS.kubernetes, call, timer('api-client-read-idle-timeout'));
    throw new Error('No API server is available.');
  });
  return balancer;
}

/** As sshd does: whoever connects is spoken to first. */
function greet(stream: Duplex): boolean {
  stream.resume().on('end', () => stream.end());
  return stream.write('SSH-2.0-Rehearsal\r\n');
}

/** A unit has its own port, and no other sign of life is asked of it. */
function answerAsUnit(replicas: Replicas, unit: string, stream: Duplex): boolean {
  if (unit === 'kube-apiserver') return replicas.take('kubernetes', stream);
  stream.once('data', () => {
    stream.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n');
  });
  return true;
}
