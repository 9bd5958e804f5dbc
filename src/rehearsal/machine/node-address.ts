import { AddressKeeper } from '../front/address-keeper.ts';
import { checkHealth } from '../front/health-check.ts';
import { HolderView } from '../front/holder-view.ts';
import type { Advert } from '../front/holder-view.ts';
import { backendName } from '../front/load-balancer.ts';
import { CONTROL_NODES, FRONTS, PROCESSES, UNIT_PORTS } from '../lab-layout.ts';
import { timer } from '../timers.ts';
import type { Host } from './host.ts';
import type { UnitProgram } from './unit-keeper.ts';

/** Keepalived of a node, and where the node believes the address to be. */
export interface NodeAddress {
  holder(): string | undefined;
  readonly keepalived: UnitProgram;
}

export function nodeAddress({ self, wire, time }: Host, onMaster: (master: boolean) => void): NodeAddress {
  const view = new HolderView(time.nowMs, () => undefined);
  let keeper: AddressKeeper | undefined;
  wire.onMessage('vrrp', (from, body) => {
    const advert = body as Advert;
    view.hear(from, advert);
    if (CONTROL_NODES.some((node) => node === from)) keeper?.hear(advert);
  });
  const send = (advert: Advert): void => {
    view.hear(self, advert);
    for (const peer of PROCESSES)
      if (peer !== self) wire.send(peer, 'vrrp', UNIT_PORTS.keepalived, advert, 'datagram');
  };
  const check = (): Promise<boolean> => {
    const stream = wire.connect(self, backendName('kubernetes'), FRONTS.kubernetes);
    return checkHealth(stream, '/readyz', timer('keepalived.check-timeout'));
  };
  return {
    holder: () => view.holder,
    keepalived: {
      start: () => void (keeper = new AddressKeeper({ self, nowMs: time.nowMs, send, onMaster, check })),
      stop: () => {
        keeper?.stop();
        keeper = undefined;
      },
    },
  };
}
