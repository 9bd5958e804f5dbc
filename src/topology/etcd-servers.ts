import { flagOf } from './component-flag.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import { byText } from './object-fields.ts';

/** Hosts that the API servers name as their etcd, other than their own node. */
export function etcdServers(objects: ClusterObjects): readonly string[] {
  const named = objects.pods
    .filter(({ metadata }) => metadata.labels?.['component'] === 'kube-apiserver')
    .flatMap((pod) => (flagOf(pod, '--etcd-servers') ?? '').split(','))
    .filter((url) => URL.canParse(url))
    .map((url) => new URL(url).hostname);
  return [...new Set(named)].filter((host) => !host.startsWith('127.') && host !== 'localhost').sort(byText);
}
