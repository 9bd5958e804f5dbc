import type { Unknown } from '../model/topology.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import { controlPods, flagOf } from './component-flag.ts';
import type { Described } from './describe-workloads.ts';
import { isControlNode } from './node-roles.ts';
import type { TimerOwner } from './timers.ts';

type Why = Pick<Unknown, 'reason' | 'remedy'>;

/** By an annotation on nodes or on the namespace `kube-system`, whoever runs a cluster says what its objects do not. */
const SAY_SO = 'Say it by an annotation `squall.dev/timer.<name>` on the namespace kube-system.';

/**
 * Why a timer was found nowhere: because whoever goes by it was looked at and keeps to its default, because there is nobody
 * here who goes by it, or because that could not be looked at.
 */
export function whyUnset(
  owner: TimerOwner,
  objects: ClusterObjects,
  { services }: Described,
): 'default' | 'absent' | Why {
  switch (owner) {
    case 'kube-controller-manager':
    case 'kube-scheduler':
    case 'kube-apiserver':
    case 'etcd':
      return ofComponent(owner, objects);
    case 'kubelet':
      return ofKubelet(objects);
    case 'api-address':
      return ofAddress(objects);
    case 'balancer':
      // Whether anything stands in front of the API servers cannot be told from inside.
      return unread(objects, 'configmap kube-system/haproxy-config') ?? 'absent';
    case 'readiness':
      return {
        reason: 'No workload that answers users has a readiness probe, so its pods count as ready at once.',
      };
    case 'pods':
      return 'default';
    case 'mariadb':
      return ofProject(
        objects,
        'mariadb-etc',
        services.some((each) => each.service === 'mariadb' && each.roles.includes('database')),
      );
    case 'nova':
      return ofProject(
        objects,
        'nova-etc',
        services.some((each) => each.service === 'nova'),
      );
    case 'neutron':
      return ofProject(
        objects,
        'neutron-etc',
        services.some((each) => each.service === 'neutron' && each.roles.includes('agent')),
      );
    case 'rpc':
      return ofQueue(objects, services);
    case 'cloud-address':
    case 'cloud-balancer':
      // Much may stand in front of a cloud that nothing inside of it knows of.
      return unreadIn(objects, /^configmap (?!kube-system\/).*\/haproxy-config$/) ?? 'absent';
  }
}

function ofComponent(component: string, objects: ClusterObjects): 'default' | Why {
  const pods = controlPods(objects, component);
  if (pods.length === 0) {
    return {
      reason: `The cluster shows no pod of ${component}, so what it was started with cannot be read.`,
      remedy: SAY_SO,
    };
  }
  const file = pods
    .map((pod) => flagOf(pod, '--config-file') ?? flagOf(pod, '--config'))
    .find((each) => each !== undefined);
  // A configuration file beats flags, and lies on the node.
  if (file !== undefined)
    return { reason: `${component} reads its configuration from ${file} on its node.`, remedy: SAY_SO };
  return 'default';
}

function ofKubelet(objects: ClusterObjects): 'default' | Why {
  const from = 'configmap kube-system/kubelet-config';
  if (objects.files.some((file) => file.from === from || file.from.startsWith('kubelet of ')))
    return 'default';
  return (
    unread(objects, from) ?? {
      reason: 'There is no ConfigMap kube-system/kubelet-config, and no kubelet said what it goes by.',
      remedy: SAY_SO,
    }
  );
}

/** One control node has nobody to hand its address to. */
function ofAddress(objects: ClusterObjects): 'absent' | Why {
  if (objects.nodes.filter(isControlNode).length < 2) return 'absent';
  const unreadFile = objects.unread.find(({ from }) => /keepalived/.test(from));
  if (unreadFile !== undefined) return { reason: `${unreadFile.from}: ${unreadFile.reason}`, remedy: SAY_SO };
  return {
    reason:
      'Nothing in the cluster tells by what its API address moves between the control nodes, or how fast.',
    remedy: SAY_SO,
  };
}

function ofProject(objects: ClusterObjects, name: string, isThere: boolean): 'default' | 'absent' | Why {
  if (!isThere) return 'absent';
  if (objects.files.some(({ from }) => from.endsWith(`/${name}`))) return 'default';
  const hidden = objects.unread.find(({ from }) => from.endsWith(`/${name}`));
  return hidden === undefined
    ? { reason: `There is neither a ConfigMap nor a Secret ${name}.` }
    : { reason: hidden.reason };
}

/** Whether services speak over a queue at all is written in their own files: a model of a cloud has none. */
function ofQueue(objects: ClusterObjects, services: Described['services']): 'default' | 'absent' | Why {
  const isThere = services.some((each) => each.roles.includes('queue'));
  const why = ofProject(objects, 'nova-etc', isThere && services.some((each) => each.service === 'nova'));
  if (why !== 'default') return why;
  const speaks = objects.files.some(
    ({ from, text }) => from.endsWith('/nova-etc') && /^\s*transport_url\s*=/m.test(text),
  );
  return speaks ? 'default' : 'absent';
}

const unreadIn = ({ unread: all }: ClusterObjects, from: RegExp): Why | undefined => {
  const found = all.find((each) => from.test(each.from));
  return found === undefined ? undefined : { reason: found.reason };
};

const unread = ({ unread: all }: ClusterObjects, from: string): Why | undefined => {
  const found = all.find((each) => each.from === from);
  return found === undefined ? undefined : { reason: found.reason };
};
