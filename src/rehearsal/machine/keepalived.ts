import { setTimeout as sleep } from 'node:timers/promises';
import { ObjectClient } from '../cluster-api/object-client.ts';
import { AddressKeeper } from '../front/address-keeper.ts';
import type { HolderView } from '../front/holder-view.ts';

import type { LoopContext } from '../loops/loop.ts';
import type { Host } from './host.ts';

const AGAIN_MS = 300;

/** Keepalived of a control node, and its notify script. @returns how to stop it */
export function startKeepalived({ self, wire }: Host, view: HolderView, api: LoopContext): () => void {
  const keeper: AddressKeeper = new AddressKeeper(self, wire, view, () => {
    void noteHolder(api, self, () => keeper.isMaster);
  });
  return () => keeper.stop();
}

/** Writes into a lease which node holds the address, as a notify script would: until it is written or another node holds it. */
async function noteHolder(api: LoopContext, self: string, stillHolds: () => boolean): Promise<void> {
  const objects = new ObjectClient(api);
  const metadata = { name: 'api-address', namespace: 'kube-system' };
  for (; stillHolds(); await sleep(AGAIN_MS))
    try {
      const spec = { holderIdentity: self, renewTime: `${new Date().toISOString().slice(0, -1)}000Z` };
      if (await objects.change({ plural: 'leases', ...metadata }, (lease) => ({ ...lease, spec }))) return;
      await objects.create('leases', { metadata, spec });
      return;
    } catch {
      // The API is not there yet, or not any more: that is when the address moves.
    }
}
