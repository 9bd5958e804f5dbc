import { HarnessError } from '../model/errors.ts';
import type { BoundTarget } from '../model/schedule.ts';
import type { KubernetesApi, KubernetesObject } from '../ports/kubernetes.ts';
import type { FaultTools } from './fault.ts';

/** The API through which a fault acts. @throws SQ_ABILITY_MISSING */
export function kubernetesOf({ kubernetes, lab }: FaultTools, fault: string): KubernetesApi {
  if (kubernetes) return kubernetes;
  throw new HarnessError(
    'SQ_ABILITY_MISSING',
    `${fault} needs the Kubernetes API, which the lab ${lab.name} does not have, or which was not given.`,
  );
}

export const podPath = ({ namespace, name }: Pick<BoundTarget, 'name' | 'namespace'>): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace ?? '')}/pods/${encodeURIComponent(name)}`;

export const nodePath = (node: string): string => `/api/v1/nodes/${encodeURIComponent(node)}`;

/** One container of a pod, as its node reports it. */
export interface ContainerStatus {
  readonly name: string;
  /** `<runtime>://<id>`; empty before it was ever started. */
  readonly containerID: string;
  readonly restartCount: number;
  readonly running: boolean;
}

export function containersOf(pod: KubernetesObject): readonly ContainerStatus[] {
  const { containerStatuses } = (pod['status'] ?? {}) as {
    readonly containerStatuses?: readonly RawStatus[];
  };
  return (containerStatuses ?? []).map(({ name, containerID, restartCount, state }) => ({
    name,
    containerID: containerID ?? '',
    restartCount: restartCount ?? 0,
    running: state?.running !== undefined,
  }));
}

interface RawStatus {
  readonly name: string;
  readonly containerID?: string;
  readonly restartCount?: number;
  readonly state?: { readonly running?: object };
}

/** What a drain does with a pod. */
export type DrainPart = 'evict' | 'stays' | 'stray';

/**
 * As `kubectl drain` sorts pods: mirrors of static pods and pods of DaemonSets stay, for nothing could move them, and so does what
 * has ended. A stray belongs to no workload, so nobody would bring it back.
 */
export function drainPartOf({ metadata, status }: KubernetesObject): DrainPart {
  const { annotations, ownerReferences = [] } = metadata;
  const { phase } = (status ?? {}) as { readonly phase?: string };
  if (annotations?.['kubernetes.io/config.mirror'] !== undefined) return 'stays';
  if (ownerReferences.some(({ kind }) => kind === 'DaemonSet' || kind === 'Node')) return 'stays';
  if (phase === 'Succeeded' || phase === 'Failed') return 'stays';
  return ownerReferences.length === 0 ? 'stray' : 'evict';
}
