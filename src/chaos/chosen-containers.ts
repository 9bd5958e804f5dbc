import type { ParameterSpecs, ParameterValues } from '../model/catalogue.ts';
import { HarnessError } from '../model/errors.ts';
import type { HealingEntry } from '../model/injection.ts';
import type { BoundTarget } from '../model/schedule.ts';
import type { KubernetesApi, KubernetesObject } from '../ports/kubernetes.ts';
import type { FaultOrder } from './fault.ts';
import { containersOf, podPath } from './pods.ts';

/** The very container that is hurt, as it was before. */
export interface ChosenContainer {
  readonly pod: string;
  readonly container: string;
  /** With the scheme of its runtime, as the API shows it. */
  readonly id: string;
  readonly restarts: number;
}

/** Which container of a pod a fault means. */
export const CONTAINER: NonNullable<ParameterSpecs[string]> = {
  type: 'string',
  describe:
    'Name of the container; default the one that `kubectl` takes: the annotated default, else the first.',
};

export const nameOf = ({ pod, container }: ChosenContainer): string => `${container} in ${pod}`;

/**
 * What a journal keeps from before a fault on containers: which ones it is for. `chosenIn` reads it.
 * @throws SQ_TARGET_CHANGED for a pod that was replaced. @throws SQ_INJECT_FAILED as `choose` does.
 */
export async function chooseContainers(
  { targets, parameters }: FaultOrder,
  api: KubernetesApi,
  signal: AbortSignal,
): Promise<{ readonly chosen: readonly ChosenContainer[] }> {
  const chosen: ChosenContainer[] = [];
  for (const target of targets) {
    const pod = await api.get(podPath(target), signal);
    if (pod?.metadata.uid !== target.uid)
      throw new HarnessError('SQ_TARGET_CHANGED', `The pod ${target.name} was replaced meanwhile.`);
    chosen.push(choose(pod, parameters));
  }
  return { chosen };
}

/** @throws SQ_INJECT_FAILED when hurting it would show nothing, or end it for good. */
function choose(pod: KubernetesObject, { container }: ParameterValues): ChosenContainer {
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
    throw refused(`has a container ${found.name} that does not run, so hurting it would show nothing`);
  return { pod: name, container: found.name, id: found.containerID, restarts: found.restartCount };
}

/** Of the spec: the order of statuses is not promised. */
function firstContainer({ spec }: KubernetesObject): string | undefined {
  const { containers } = (spec ?? {}) as { readonly containers?: readonly { readonly name: string }[] };
  return containers?.[0]?.name;
}

/** A container that was chosen, with the pod that it was chosen for. */
export interface HurtContainer extends ChosenContainer {
  readonly target: BoundTarget;
  /** Its id as its runtime calls it: without the scheme. */
  readonly runtimeId: string;
}

/** What `chooseContainers` chose. */
export function chosenIn({ before, targets }: HealingEntry): readonly HurtContainer[] {
  const chosen = Array.isArray(before['chosen']) ? (before['chosen'] as readonly ChosenContainer[]) : [];
  return chosen.flatMap((each) => {
    const target = targets.find(({ name }) => name === each.pod);
    return target === undefined ? [] : [{ ...each, target, runtimeId: each.id.replace(/^.*?:\/\//, '') }];
  });
}
