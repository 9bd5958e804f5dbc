import type { Timer } from '../model/topology.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import type { Described } from './describe-workloads.ts';
import { addressKeepers } from './timer-sources/address-keepers.ts';
import { componentFlags } from './timer-sources/component-flags.ts';
import { kubeletConfiguration } from './timer-sources/kubelet-configuration.ts';
import { openstackConfiguration } from './timer-sources/openstack-configuration.ts';
import { podSpecifications } from './timer-sources/pod-specifications.ts';
import type { TimerSource } from './timer-sources/timer-source.ts';
import { TIMERS } from './timers.ts';

/** Where times are looked for. Of two that say the same timer, the first counts: the nearer to what decides, the earlier. */
const SOURCES: readonly TimerSource[] = [
  podSpecifications,
  componentFlags,
  kubeletConfiguration,
  addressKeepers,
  openstackConfiguration,
];

/** Kubernetes 1.32 raised the grace period from 40 s to 50 s (kubernetes/kubernetes#126287). */
const LONGER_GRACE_SINCE_MINOR = 32;

/** The timers of a cluster in the order of `TIMERS`: what is set explicitly, and otherwise the documented default. */
export function readTimers(objects: ClusterObjects, described: Described): readonly Timer[] {
  const found = new Map<string, Timer>();
  for (const timer of SOURCES.flatMap((source) => source(objects, described))) {
    if (!found.has(timer.name)) found.set(timer.name, timer);
  }
  return TIMERS.flatMap((kind): readonly Timer[] => {
    const set = found.get(kind.name);
    if (set !== undefined) return [set];
    if (kind.name === 'node-monitor-grace-period') return [defaultGrace(objects.version)];
    if (kind.defaultMs === undefined) return [];
    return [{ name: kind.name, value: { ms: kind.defaultMs }, source: `default: ${kind.documented ?? ''}` }];
  });
}

function defaultGrace(version: string): Timer {
  const minor = Number(/^v?1\.(\d+)/.exec(version)?.[1] ?? LONGER_GRACE_SINCE_MINOR);
  const ms = minor >= LONGER_GRACE_SINCE_MINOR ? 50_000 : 40_000;
  const source = `default: kube-controller-manager reference, --node-monitor-grace-period of Kubernetes ${version}`;
  return { name: 'node-monitor-grace-period', value: { ms }, source };
}
