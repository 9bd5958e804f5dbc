import type { ParameterValues } from '../../model/catalogue.ts';
import { HarnessError } from '../../model/errors.ts';
import type { HealingEntry } from '../../model/injection.ts';
import type { BoundTarget } from '../../model/schedule.ts';
import type { KubernetesObject } from '../../ports/kubernetes.ts';
import { notSeen, seen, type Fault, type FaultTools } from '../fault.ts';
import { backendEjected, containerRestarted } from '../fault-timers.ts';
import { containersOf, kubernetesOf, podPath } from '../pods.ts';
import { windowOf } from '../read-timers.ts';

const NAME = 'container-kill';

/** The very container that is killed, as it was before. */
interface Chosen {
  readonly pod: string;
  readonly container: string;
  /** With the scheme of its runtime, as the API shows it. */
  readonly id: string;
  readonly restarts: number;
}

/** Kills the main process of one container. Its node starts it again, or does not: that is judged, and not healed. */
export const containerKill: Fault = {
  name: NAME,
  version: 1,
  summary:
    'Kills the main process of a container in pods; the pod stays, and its node starts the container again.',
  acts: 'pod',
  lasts: false,
  parameters: {
    container: {
      type: 'string',
      describe:
        'Name of the container; default the one that `kubectl` takes: the annotated default, else the first.',
    },
  },
  needs: ['kubernetes', 'containers'],
  expiryHolder: 'none',
  // A kubelet looks at its containers every second, and reports what it saw when its own queue lets it.
  patience: () => ({ verify: { ms: 20_000 } }),
  predict(timers, { roles }) {
    const ejected = roles.includes('api') ? backendEjected(timers) : { min: 0, max: 1000, because: [] };
    const restarted = containerRestarted(timers);
    return windowOf({
      outage: [0, ejected.max],
      redundancy: [0, restarted.max],
      because: [...ejected.because, ...restarted.because],
    });
  },
  async before({ targets, parameters }, tools, signal) {
    const api = kubernetesOf(tools, NAME);
    const chosen: Chosen[] = [];
    for (const target of targets) {
      const pod = await api.get(podPath(target), signal);
      if (pod?.metadata.uid !== target.uid)
        throw new HarnessError('SQ_TARGET_CHANGED', `The pod ${target.name} was replaced meanwhile.`);
      chosen.push(choose(pod, parameters));
    }
    return { chosen };
  },
  async inject(entry, tools) {
    const { containers } = tools.lab.abilities;
    if (containers === undefined) {
      throw new HarnessError(
        'SQ_ABILITY_MISSING',
        `The lab ${tools.lab.name} cannot kill single containers.`,
      );
    }
    await Promise.all(
      chosenIn(entry).map(({ target, id }) => containers.kill(target.node, id.slice(id.indexOf('://') + 3))),
    );
  },
  async verify(entry, tools, signal) {
    const same: string[] = [];
    for (const chosen of chosenIn(entry))
      if (await stillRuns(chosen, tools, signal)) same.push(nameOf(chosen));
    const names = chosenIn(entry).map(nameOf).join(', ');
    return same.length === 0
      ? seen(`The API no longer shows the containers that ran before: ${names}.`)
      : notSeen(`The API still shows ${same.join(', ')} running as before.`);
  },
  heal: async () => undefined,
  verifyHealed: async () => seen('A killed container is started again by its node; nothing of ours stays.'),
};

/** @throws SQ_INJECT_FAILED when killing it would show nothing, or end it for good. */
function choose(pod: KubernetesObject, { container }: ParameterValues): Chosen {
  const { name, annotations } = pod.metadata;
  const { restartPolicy = 'Always' } = (pod['spec'] ?? {}) as { readonly restartPolicy?: string };
  const refused = (says: string): HarnessError =>
    new HarnessError('SQ_INJECT_FAILED', `The pod ${name} ${says}.`);
  if (restartPolicy === 'Never')
    throw refused('does not have its containers started again, so this would end it for good');
  const all = containersOf(pod);
  const wanted =
    typeof container === 'string'
      ? container
      : (annotations?.['kubectl.kubernetes.io/default-container'] ?? firstContainer(pod));
  const found = all.find((each) => each.name === wanted);
  if (found === undefined)
    throw refused(
      `has no container ${wanted ?? 'at all'}; it has ${all.map((each) => each.name).join(', ')}`,
    );
  if (!found.running || !found.containerID.includes('://'))
    throw refused(`has a container ${found.name} that does not run, so killing it would show nothing`);
  return { pod: name, container: found.name, id: found.containerID, restarts: found.restartCount };
}

/** Of the spec: the order of statuses is not promised. */
function firstContainer({ spec }: KubernetesObject): string | undefined {
  const { containers } = (spec ?? {}) as { readonly containers?: readonly { readonly name: string }[] };
  return containers?.[0]?.name;
}

function chosenIn({ before, targets }: HealingEntry): readonly (Chosen & { readonly target: BoundTarget })[] {
  const chosen = Array.isArray(before['chosen']) ? (before['chosen'] as readonly Chosen[]) : [];
  return chosen.flatMap((each) => {
    const target = targets.find(({ name }) => name === each.pod);
    return target === undefined ? [] : [{ ...each, target }];
  });
}

async function stillRuns(
  { target, container, id, restarts }: Chosen & { readonly target: BoundTarget },
  tools: FaultTools,
  signal: AbortSignal,
): Promise<boolean> {
  const pod = await kubernetesOf(tools, NAME).get(podPath(target), signal);
  if (pod?.metadata.uid !== target.uid) return false;
  const now = containersOf(pod).find(({ name }) => name === container);
  return now !== undefined && now.running && now.containerID === id && now.restartCount === restarts;
}

const nameOf = ({ pod, container }: Chosen): string => `${container} in ${pod}`;
