import type { ClusterReader } from './cluster-reader.ts';

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';

/** Components of which one leads, and whose others wait for a leader who is silent until its lease is over. */
const LED = ['kube-controller-manager', 'kube-scheduler'];

interface Lease {
  readonly metadata: { readonly resourceVersion: string };
  readonly spec: { readonly renewTime?: string };
}

/**
 * Takes the leases of leaders that are in a snapshot: those processes ended before it was started from, and the others would wait
 * for them for fifteen seconds all the same. A lease that was renewed since is somebody's, and stays.
 * @param since UTC, ISO 8601.
 * @returns what is in the way; undefined when it is done.
 */
export async function freeLeaders(
  cluster: Pick<ClusterReader, 'ask'>,
  since: string,
): Promise<string | undefined> {
  for (const name of LED) {
    const found = await cluster.ask('GET', `${LEASES}/${name}`);
    if (found?.status === 404) continue;
    if (found?.status !== 200) return 'the API does not answer through its address';
    const { metadata, spec } = found.body as Lease;
    if (Date.parse(spec.renewTime ?? '') > Date.parse(since)) continue;
    const preconditions = { resourceVersion: metadata.resourceVersion };
    const freed = await cluster.ask('DELETE', `${LEASES}/${name}`, { preconditions });
    if (freed?.status !== 200 && freed?.status !== 409) return `the lease of ${name} cannot be freed`;
  }
  return undefined;
}
