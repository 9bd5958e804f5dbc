import { readFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import type { OwnPlace } from '../topology/index.ts';

/** Fixed by Kubernetes (kubernetes.io, "Accessing the Kubernetes API from a Pod"). */
const OWN_NAMESPACE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/**
 * Where this process runs. In a pod, the namespace is that of its service account, the name is that of its host, and the downward
 * API may say better in `SQUALL_POD_NAMESPACE`, `SQUALL_POD_NAME` and `SQUALL_NODE_NAME`.
 */
export async function findOwnPlace(environment: NodeJS.ProcessEnv): Promise<OwnPlace> {
  const host = hostname();
  const addresses = Object.values(networkInterfaces()).flatMap((each) =>
    (each ?? []).map(({ address }) => address),
  );
  const node = environment['SQUALL_NODE_NAME'];
  const namespace = environment['SQUALL_POD_NAMESPACE'] ?? (await ownNamespace(environment));
  return {
    host,
    addresses,
    ...(namespace === undefined ? {} : { pod: { namespace, name: environment['SQUALL_POD_NAME'] ?? host } }),
    ...(node === undefined ? {} : { node }),
  };
}

async function ownNamespace(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (environment['KUBERNETES_SERVICE_HOST'] === undefined) return undefined;
  return readFile(OWN_NAMESPACE, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}
