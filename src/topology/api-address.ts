import type { KubernetesObject } from '../ports/kubernetes.ts';
import type { ConfigurationFile } from './cluster-objects.ts';
import { listAt, textAt } from './object-fields.ts';

/** By which its holder is known among what is held. */
export const ADDRESS = 'api-address';

/** The lease that stands for the API address, by the names that address holders use; kube-vip's is the second. */
export const ADDRESS_LEASES: readonly string[] = ['api-address', 'plndr-cp-lock'];

/** By what users reach the API: what the kubeconfig names, and what the cluster was set up with. A way of our own (a tunnel) is none. */
export function apiHosts(apiUrl: string, files: readonly ConfigurationFile[]): readonly string[] {
  const hosts = [hostOf(apiUrl), controlPlaneEndpoint(files)].filter((host) => host !== undefined);
  return [...new Set(hosts)].filter((host) => !isLoopback(host));
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.');

/** The node that holds the API address, as far as objects tell: by a lease, or because the address is the node's own. */
export function holderInApi(
  {
    nodes,
    leases,
  }: { readonly nodes: readonly KubernetesObject[]; readonly leases: readonly KubernetesObject[] },
  hosts: readonly string[],
): string | undefined {
  const names = nodes.map(({ metadata }) => metadata.name);
  const lease = leases.find(({ metadata }) => ADDRESS_LEASES.includes(metadata.name));
  const byLease = nodeOfHolder(textAt(lease, 'spec', 'holderIdentity') ?? '', names);
  if (byLease !== undefined) return byLease;
  return nodes.find((node) => addressesOf(node).some((address) => hosts.includes(address)))?.metadata.name;
}

/** Controllers hold leases as `<node>_<uuid>`, others as the node's name alone. */
export function nodeOfHolder(identity: string, nodes: readonly string[]): string | undefined {
  const name = identity.split('_')[0] ?? '';
  return nodes.find((node) => node === identity || node === name);
}

const addressesOf = (node: unknown): readonly string[] =>
  listAt(node, 'status', 'addresses').map((each) => (textAt(each, 'address') ?? '').toLowerCase());

/** The address that kubeadm was told to reach the API by; undefined where it was not told one, or is not there. */
function controlPlaneEndpoint(files: readonly ConfigurationFile[]): string | undefined {
  const file = files.find(
    ({ from, name }) => from.endsWith('/kubeadm-config') && name === 'ClusterConfiguration',
  );
  const found = /^controlPlaneEndpoint:\s*"?([^\s"#]+)/m.exec(textAt(file, 'text') ?? '')?.[1];
  return found === undefined ? undefined : hostOf(`https://${found}`);
}

/** The host of a URL, without the brackets of an IPv6 address; undefined when it is no URL. */
function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '').toLowerCase() : undefined;
}
