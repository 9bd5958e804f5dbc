import type { Duration } from '../../model/duration.ts';
import type { ParameterValues } from '../../model/catalogue.ts';
import { HarnessError } from '../../model/errors.ts';
import type { HealingEntry } from '../../model/injection.ts';
import { evictPods } from '../evict-pods.ts';
import { notSeen, seen, type Fault, type FaultTools, type Finding } from '../fault.ts';
import { backendEjected, podReplaced } from '../fault-timers.ts';
import { kubernetesOf, podPath } from '../pods.ts';
import { durationOf } from '../read-parameters.ts';
import { windowOf } from '../read-timers.ts';

const NAME = 'pod-delete';

const CEILING = { ms: 60_000 };

/** Beside the ceiling: the last request. */
const LAST_REQUEST_MS = 10_000;

/** Deletes pods by name and UID. Nothing has to be undone: putting the pod back is its workload's work, and is judged. */
export const podDelete: Fault = {
  name: NAME,
  version: 1,
  summary: 'Deletes pods; their workloads replace them.',
  acts: 'pod',
  lasts: false,
  parameters: {
    how: {
      type: 'enum',
      values: ['force', 'grace', 'eviction'],
      describe:
        '`force` kills the containers at once, `grace` tells them to end first, and `eviction` asks as a drain does, so that disruption budgets may refuse.',
      default: 'force',
    },
    gracePeriod: {
      type: 'duration',
      describe:
        'How long containers may take to end after they are told, from the deletion; default what the pod itself says, and 0s with `force`.',
    },
    ceiling: {
      type: 'duration',
      describe:
        'How long budgets may refuse an eviction, from the first try; after that the fault counts as not injected.',
      default: '60s',
    },
  },
  needs: ['kubernetes'],
  expiryHolder: 'none',
  refuses: (parameters) =>
    howOf(parameters) === 'force' && (graceOf(parameters)?.ms ?? 0) > 0
      ? '`how: force` leaves no time to end, so `gracePeriod` belongs to `grace` or `eviction`.'
      : undefined,
  patience: (parameters) =>
    howOf(parameters) === 'eviction' ? { inject: { ms: ceilingOf(parameters).ms + LAST_REQUEST_MS } } : {},
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
  inject: (entry, tools, signal) =>
    howOf(entry.parameters) === 'eviction' ? evict(entry, tools, signal) : deletePods(entry, tools, signal),
  async verify(entry, tools, signal): Promise<Finding> {
    const api = kubernetesOf(tools, NAME);
    const graceful = howOf(entry.parameters) !== 'force';
    const there: string[] = [];
    for (const pod of entry.targets) {
      const now = await api.get(podPath(pod), signal);
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

async function deletePods(entry: HealingEntry, tools: FaultTools, signal: AbortSignal): Promise<void> {
  const api = kubernetesOf(tools, NAME);
  const grace = howOf(entry.parameters) === 'force' ? { ms: 0 } : graceOf(entry.parameters);
  const options = grace === undefined ? {} : { gracePeriodSeconds: Math.ceil(grace.ms / 1000) };
  const gone = await Promise.all(
    entry.targets.map(async (pod) => {
      const deleted = await api.delete(podPath(pod), { uid: pod.uid, ...options, signal });
      return deleted ? [] : [pod.name];
    }),
  );
  if (gone.flat().length > 0) {
    throw new HarnessError(
      'SQ_TARGET_CHANGED',
      `The pods ${gone.flat().join(', ')} were replaced before they could be deleted.`,
    );
  }
}

function evict(entry: HealingEntry, tools: FaultTools, signal: AbortSignal): Promise<void> {
  const gracePeriod = graceOf(entry.parameters);
  return evictPods(
    entry.targets.map(({ name, namespace = '', uid }) => ({ name, namespace, uid })),
    { ceiling: ceilingOf(entry.parameters), ...(gracePeriod === undefined ? {} : { gracePeriod }) },
    { api: kubernetesOf(tools, NAME), clock: tools.clock },
    signal,
  );
}

const howOf = ({ how }: ParameterValues): 'force' | 'grace' | 'eviction' =>
  how === 'grace' || how === 'eviction' ? how : 'force';

const graceOf = (parameters: ParameterValues): Duration | undefined => durationOf(parameters, 'gracePeriod');

const ceilingOf = (parameters: ParameterValues): Duration => durationOf(parameters, 'ceiling') ?? CEILING;
