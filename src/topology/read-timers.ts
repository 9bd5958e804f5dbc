import type { Timer, Unknown } from '../model/topology.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import { controlPods, flagOf } from './component-flag.ts';
import type { Described } from './describe-workloads.ts';
import { addressKeepers } from './timer-sources/address-keepers.ts';
import { componentFlags } from './timer-sources/component-flags.ts';
import { declaredTimers } from './timer-sources/declared-timers.ts';
import { kubeletConfiguration } from './timer-sources/kubelet-configuration.ts';
import { leaseDurations } from './timer-sources/lease-durations.ts';
import { openstackConfiguration } from './timer-sources/openstack-configuration.ts';
import { podSpecifications } from './timer-sources/pod-specifications.ts';
import type { TimerSource } from './timer-sources/timer-source.ts';
import { TIMERS, type TimerKind } from './timers.ts';
import { whyUnset } from './why-unset.ts';

/** Where times are looked for. Of two that say the same timer, the first counts: the nearer to what decides, the earlier. */
const SOURCES: readonly TimerSource[] = [
  podSpecifications,
  componentFlags,
  leaseDurations,
  kubeletConfiguration,
  addressKeepers,
  openstackConfiguration,
  declaredTimers,
];

/** Kubernetes 1.32 raised the grace period from 40 s to 50 s (kubernetes/kubernetes#126287). */
const LONGER_GRACE_SINCE_MINOR = 32;

export interface ReadTimers {
  readonly timers: readonly Timer[];
  readonly unknownTimers: readonly Unknown[];
}

/**
 * The timers of a cluster in the order of `TIMERS`: what is set explicitly, and otherwise the documented default, but only
 * where whoever goes by it was seen. The rest is unknown; what has no meaning in this cluster is left out.
 */
export function readTimers(objects: ClusterObjects, described: Described): ReadTimers {
  const found = new Map<string, Timer>();
  for (const timer of SOURCES.flatMap((source) => source(objects, described))) {
    if (!found.has(timer.name)) found.set(timer.name, timer);
  }
  const timers: Timer[] = [];
  const unknownTimers: Unknown[] = [];
  for (const kind of TIMERS.filter((each) => !(each.ofLeaders && electsNone(each.owner, objects)))) {
    const set = found.get(kind.name);
    if (set !== undefined) {
      timers.push(set);
      continue;
    }
    const why = whyUnset(kind.owner, objects, described);
    const fallback = why === 'default' ? defaultOf(kind, objects.version) : undefined;
    if (fallback !== undefined) timers.push(fallback);
    else if (typeof why === 'object') unknownTimers.push({ what: kind.name, ...why });
  }
  return { timers, unknownTimers };
}

function electsNone(component: string, objects: ClusterObjects): boolean {
  const pods = controlPods(objects, component);
  return pods.length > 0 && pods.every((pod) => flagOf(pod, '--leader-elect') === 'false');
}

function defaultOf(kind: TimerKind, version: string): Timer | undefined {
  const { name, documented = '' } = kind;
  if (name === 'node-monitor-grace-period') return defaultGrace(version);
  if (kind.defaultMs === undefined) return undefined;
  return { name, value: { ms: kind.defaultMs }, source: `default: ${documented}`, origin: 'default' };
}

function defaultGrace(version: string): Timer {
  const minor = Number(/^v?1\.(\d+)/.exec(version)?.[1] ?? LONGER_GRACE_SINCE_MINOR);
  const ms = minor >= LONGER_GRACE_SINCE_MINOR ? 50_000 : 40_000;
  const source = `default: kube-controller-manager reference, --node-monitor-grace-period of Kubernetes ${version}`;
  return { name: 'node-monitor-grace-period', value: { ms }, source, origin: 'default' };
}
