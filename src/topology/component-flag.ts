import type { KubernetesObject } from '../ports/kubernetes.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import { field, listAt, textAt } from './object-fields.ts';

/** The pods of a component of the control plane, such as `kube-scheduler`. */
export const controlPods = (objects: ClusterObjects, component: string): readonly KubernetesObject[] =>
  objects.pods.filter(
    ({ metadata }) => metadata.namespace === 'kube-system' && metadata.labels?.['component'] === component,
  );

/**
 * What a pod's containers were started with for a flag, or have for it in their environment.
 * Both `--flag=value` and `--flag value`; of several the last counts, as in Go's flag libraries.
 */
export function flagOf(pod: KubernetesObject, flag: string, variable?: string): string | undefined {
  for (const container of listAt(pod, 'spec', 'containers')) {
    const text =
      flagValue([...listAt(container, 'command'), ...listAt(container, 'args')], flag) ??
      variableValue(container, variable);
    if (text !== undefined) return text;
  }
  return undefined;
}

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
