import type { KubernetesObject } from '../../ports/kubernetes.ts';
import { followCollection, type Fact, type NameChange } from './follow-collection.ts';
import type { Watcher } from './watcher.ts';

function factsOf(node: KubernetesObject): readonly Fact[] {
  const { conditions } = (node['status'] ?? {}) as {
    readonly conditions?: readonly { type?: string; status?: string }[];
  };
  const ready = conditions?.find((condition) => condition.type === 'Ready')?.status === 'True';
  const { name } = node.metadata;
  return [{ key: name, about: name, value: ready ? 'ready' : 'not-ready' }];
}

const nameChange: NameChange = (was, is) => {
  if (is === undefined) return { change: 'node-removed', was: was?.value ?? 'not-ready' };
  if (was === undefined) return { change: 'node-added', is: is.value };
  return { change: is.value === 'ready' ? 'node-ready' : 'node-not-ready', was: was.value, is: is.value };
};

/** Tells `node-ready`, `node-not-ready`, `node-added` and `node-removed`, about the node. */
export const nodes: Watcher = {
  name: 'nodes',
  summary: 'Follows which nodes the cluster counts as ready.',
  needs: 'kubernetes',
  watch: (tools, emit, signal) =>
    followCollection(
      { watcher: 'nodes', collection: '/api/v1/nodes', factsOf, nameChange },
      tools,
      emit,
      signal,
    ),
};
