import type { Containers, Inspect } from '../../ports/lab.ts';
import { containerFreezerOf } from './container-freezer.ts';
import type { LabTools } from './lab-tools.ts';
import { mustOnNode } from './node-exec.ts';

/** The namespace of containerd in which the kubelet keeps the containers of pods. */
const PODS = 'k8s.io';

interface Interface {
  readonly addr_info?: readonly { readonly local?: string }[];
}

/** What a node itself can say. */
export function inspectOf(tools: LabTools): Inspect {
  return {
    async addresses(node, timeout) {
      const said = await mustOnNode(tools, node, ['ip', '-json', 'address', 'show'], { timeout });
      return (JSON.parse(said) as readonly Interface[]).flatMap(({ addr_info: found = [] }) =>
        found.flatMap(({ local }) => (local === undefined ? [] : [local])),
      );
    },
    async file(node, path, timeout) {
      // A file that is not there is an answer, and a node that cannot be asked is none.
      const read = 'if [ -e "$1" ]; then printf y; cat "$1"; else printf n; fi';
      const said = await mustOnNode(tools, node, ['sh', '-c', read, 'sh', path], { timeout });
      return said.startsWith('y') ? said.slice(1) : undefined;
    },
  };
}

/** Containers of pods, by the containerd of their node. */
export function containersOf(tools: LabTools): Containers {
  return {
    async kill(node, id) {
      const running = await mustOnNode(tools, node, ['ctr', '--namespace', PODS, 'tasks', 'list', '--quiet']);
      if (!running.split('\n').includes(id)) return;
      await mustOnNode(tools, node, ['ctr', '--namespace', PODS, 'tasks', 'kill', '--signal', 'SIGKILL', id]);
    },
    freezer: containerFreezerOf(tools),
  };
}
