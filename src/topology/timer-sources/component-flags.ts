import { parseDuration } from '../../model/duration.ts';
import type { Timer } from '../../model/topology.ts';
import type { KubernetesObject } from '../../ports/kubernetes.ts';
import type { ClusterObjects } from '../cluster-objects.ts';
import { byText, field, listAt, textAt } from '../object-fields.ts';
import { timerIf, type TimerSource } from './timer-source.ts';

/** A flag of a control plane component, and how its value reads. */
interface Flag {
  readonly timer: string;
  readonly component: string;
  readonly flag: string;
  readonly unit: 'duration' | 's' | 'ms';
  /** The same setting as an environment variable, where there is one. */
  readonly variable?: string;
}

const FLAGS: readonly Flag[] = [
  {
    timer: 'node-monitor-grace-period',
    component: 'kube-controller-manager',
    flag: '--node-monitor-grace-period',
    unit: 'duration',
  },
  {
    timer: 'unreachable-toleration',
    component: 'kube-apiserver',
    flag: '--default-unreachable-toleration-seconds',
    unit: 's',
  },
  {
    timer: 'leader-elect-lease-duration',
    component: 'kube-controller-manager',
    flag: '--leader-elect-lease-duration',
    unit: 'duration',
  },
  {
    timer: 'leader-elect-retry-period',
    component: 'kube-controller-manager',
    flag: '--leader-elect-retry-period',
    unit: 'duration',
  },
  {
    timer: 'etcd-heartbeat-interval',
    component: 'etcd',
    flag: '--heartbeat-interval',
    unit: 'ms',
    variable: 'ETCD_HEARTBEAT_INTERVAL',
  },
  {
    timer: 'etcd-election-timeout',
    component: 'etcd',
    flag: '--election-timeout',
    unit: 'ms',
    variable: 'ETCD_ELECTION_TIMEOUT',
  },
];

/** Flags of the control plane's pods. Where its members differ, the slowest counts: it may be the one that decides. */
export const componentFlags: TimerSource = (objects) =>
  FLAGS.flatMap((flag): readonly Timer[] => {
    const read = controlPods(objects, flag.component)
      .map((pod) => ({ pod, ms: readFlag(pod, flag) }))
      .filter((each): each is { pod: KubernetesObject; ms: number } => each.ms !== undefined)
      .sort((a, b) => b.ms - a.ms || byText(a.pod.metadata.name, b.pod.metadata.name));
    const [slowest] = read;
    if (slowest === undefined) return [];
    return timerIf(
      flag.timer,
      slowest.ms,
      `${flag.flag} of ${flag.component} in ${namespaceOf(slowest.pod)}`,
    );
  });

const namespaceOf = (pod: KubernetesObject): string => pod.metadata.namespace ?? '';

const controlPods = (objects: ClusterObjects, component: string): readonly KubernetesObject[] =>
  objects.pods.filter(
    ({ metadata }) => metadata.namespace === 'kube-system' && metadata.labels?.['component'] === component,
  );

function readFlag(pod: KubernetesObject, { flag, unit, variable }: Flag): number | undefined {
  for (const container of listAt(pod, 'spec', 'containers')) {
    const text =
      flagValue([...listAt(container, 'command'), ...listAt(container, 'args')], flag) ??
      variableValue(container, variable);
    if (text !== undefined) return toMs(text, unit);
  }
  return undefined;
}

/** Both `--flag=value` and `--flag value`; of several the last counts, as in Go's flag libraries. */
function flagValue(words: readonly unknown[], flag: string): string | undefined {
  let value: string | undefined;
  for (const [index, word] of words.entries()) {
    if (typeof word !== 'string') continue;
    if (word.startsWith(`${flag}=`)) value = word.slice(flag.length + 1);
    const next = words[index + 1];
    if (word === flag && typeof next === 'string') value = next;
  }
  return value;
}

function variableValue(container: unknown, variable: string | undefined): string | undefined {
  if (variable === undefined) return undefined;
  const entry = listAt(container, 'env').find((each) => field(each, 'name') === variable);
  return textAt(entry, 'value');
}

function toMs(text: string, unit: Flag['unit']): number | undefined {
  if (unit === 'duration') return parseDuration(text)?.ms;
  // etcd takes whole milliseconds, kube-apiserver whole seconds; a duration is understood as well, for clusters that write one.
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) * (unit === 's' ? 1000 : 1) : parseDuration(text)?.ms;
}
