import type { ParameterValues } from '../../model/catalogue.ts';
import { HarnessError } from '../../model/errors.ts';
import type { BoundTarget } from '../../model/schedule.ts';
import type { KubernetesApi } from '../../ports/kubernetes.ts';
import { notSeen, seen, type Fault, type FaultTools, type Finding } from '../fault.ts';
import { backendEjected, podReplaced } from '../fault-timers.ts';
import { windowOf } from '../read-timers.ts';

/** Deletes pods by name and UID. Nothing has to be undone: putting the pod back is its workload's work, and is judged. */
export const podDelete: Fault = {
  name: 'pod-delete',
  version: 1,
  summary: 'Deletes pods; their workloads replace them.',
  acts: 'pod',
  lasts: false,
  parameters: {
    gracePeriod: {
      type: 'duration',
      describe:
        'How long containers may take to end after they are told, from the deletion; 0s kills them at once.',
      default: '0s',
    },
  },
  needs: ['kubernetes'],
  expiryHolder: 'none',
  predict(timers, { roles }) {
    const ejected = roles.includes('api') ? backendEjected(timers) : { min: 0, max: 1000, because: [] };
    const replaced = podReplaced(timers);
    return windowOf({
      outage: [0, ejected.max],
      redundancy: [0, replaced.max],
      because: [...ejected.because, ...replaced.because],
    });
  },
  before: async () => ({}),
  async inject(entry, tools, signal) {
    const api = kubernetesOf(tools);
    const gracePeriodSeconds = Math.ceil(gracePeriodMs(entry.parameters) / 1000);
    const gone = await Promise.all(
      entry.targets.map(async (pod) => {
        const deleted = await api.delete(pathOf(pod), { uid: pod.uid, gracePeriodSeconds, signal });
        return deleted ? [] : [pod.name];
      }),
    );
    if (gone.flat().length > 0) {
      throw new HarnessError(
        'SQ_TARGET_CHANGED',
        `The pods ${gone.flat().join(', ')} were replaced before they could be deleted.`,
      );
    }
  },
  async verify(entry, tools, signal): Promise<Finding> {
    const api = kubernetesOf(tools);
    const graceful = gracePeriodMs(entry.parameters) > 0;
    const there: string[] = [];
    for (const pod of entry.targets) {
      const now = await api.get(pathOf(pod), signal);
      if (now?.metadata.uid !== pod.uid) continue;
      if (!graceful || now.metadata.deletionTimestamp === undefined) there.push(pod.name);
    }
    const names = entry.targets.map(({ name }) => name).join(', ');
    return there.length === 0
      ? seen(`The API no longer has ${names} as they were${graceful ? ', or is ending them' : ''}.`)
      : notSeen(`The API still has ${there.join(', ')}.`);
  },
  heal: async () => undefined,
  verifyHealed: async () => seen('A deleted pod is replaced by its workload; nothing of ours stays.'),
};

function kubernetesOf({ kubernetes, lab }: FaultTools): KubernetesApi {
  if (kubernetes) return kubernetes;
  throw new HarnessError(
    'SQ_ABILITY_MISSING',
    `pod-delete needs the Kubernetes API, which the lab ${lab.name} does not have.`,
  );
}

const pathOf = ({ namespace, name }: BoundTarget): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace ?? '')}/pods/${encodeURIComponent(name)}`;

function gracePeriodMs(parameters: ParameterValues): number {
  const value = parameters['gracePeriod'];
  return typeof value === 'object' && 'ms' in value ? value.ms : 0;
}
