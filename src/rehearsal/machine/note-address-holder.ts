import type { ApiClient } from './api-client.ts';

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';
const NAME = 'api-address';
const AGAIN_MS = 300;

/**
 * Writes into a lease which node holds the address, as a notify script of keepalived would: it tries until it is written or
 * another node has the address.
 */
export async function noteAddressHolder(
  api: ApiClient,
  self: string,
  stillHolds: () => boolean,
): Promise<void> {
  while (stillHolds()) {
    const renewTime = `${new Date().toISOString().slice(0, -1)}000Z`;
    const spec = { holderIdentity: self, renewTime };
    try {
      const found = await api.ask({ method: 'GET', path: `${LEASES}/${NAME}` });
      if (found.status === 200) {
        const lease = found.body as Record<string, unknown>;
        const put = await api.ask({ method: 'PUT', path: `${LEASES}/${NAME}`, body: { ...lease, spec } });
        if (put.status === 200) return;
      } else if (found.status === 404) {
        const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: NAME }, spec };
        if ((await api.ask({ method: 'POST', path: LEASES, body })).status === 201) return;
      }
    } catch {
      // The API is not there yet, or not any more: that is when the address moves.
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
