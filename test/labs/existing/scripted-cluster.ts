import type { Duration } from '../../../src/model/duration.ts';
import { HarnessError } from '../../../src/model/errors.ts';
import type { Chance, Clock } from '../../../src/ports/clock.ts';
import type { KubernetesApi, KubernetesObject } from '../../../src/ports/kubernetes.ts';
import type { NodeTools } from '../../../src/labs/existing/run-on-node.ts';
import { attributesOf, type Asked } from './recording-proxy.ts';

/** What a node makes of a script: its output and exit code, or nothing at all, as when its kubelet is stopped. */
export type OnNode = (
  node: string,
  script: string,
) => { exitCode?: number; output: string } | 'nothing' | object;

interface Made {
  readonly pod: KubernetesObject;
  readonly node: string;
  readonly script: string;
}

const PODS = '/api/v1/namespaces/squall-node-access/pods';

/** A cluster whose nodes do what a test says; notes what is asked of it, and which pods are left. */
export class ScriptedCluster {
  readonly asked: Asked[] = [];
  readonly made: Made[] = [];
  readonly pods = new Map<string, KubernetesObject>();
  readonly slept: number[] = [];
  nodes: KubernetesObject[] = [];
  refuse: string | undefined;
  readonly #onNode: OnNode;
  #ns = 0;
  #tokens = 0;

  constructor(onNode: OnNode) {
    this.#onNode = onNode;
  }

  get scripts(): readonly string[] {
    return this.made.map(({ node, script }) => `${node}: ${script}`);
  }

  tools(): NodeTools {
    const chance: Chance = { token: () => `t${(this.#tokens += 1)}` };
    return {
      kubernetes: async () => this.api,
      clock: this.clock,
      chance,
      settings: { image: 'registry.test/tools:1' },
    };
  }

  readonly clock: Clock = {
    id: 'scripted',
    now: () => ({ clock: 'scripted', ns: this.#ns }),
    wall: () => '2026-01-01T00:00:00.000Z',
    sleep: async ({ ms }: Duration, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      this.#ns += ms * 1e6;
      this.slept.push(ms);
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    },
    after: () => () => undefined,
  };

  readonly api: KubernetesApi = {
    name: 'scripted',
    list: async (collection) => {
      this.asked.push(attributesOf('GET', collection));
      return collection === '/api/v1/nodes' ? this.nodes : [...this.pods.values()];
    },
    create: async (collection, object) => {
      this.asked.push(attributesOf('POST', collection));
      if (this.refuse !== undefined)
        throw new HarnessError('SQ_AUTH', this.refuse, { facts: { status: 403 } });
      const pod = object as KubernetesObject;
      const { nodeName, containers } = pod['spec'] as {
        nodeName: string;
        containers: readonly { command: readonly string[] }[];
      };
      const script = containers[0]?.command.at(-1) ?? '';
      this.made.push({ pod, node: nodeName, script });
      this.pods.set(`${PODS}/${pod.metadata.name}`, pod);
      return pod;
    },
    get: async (path, signal) => {
      signal?.throwIfAborted();
      this.asked.push(attributesOf('GET', path));
      const pod = this.pods.get(path);
      const made = this.made.find(({ pod: each }) => each === pod);
      if (pod === undefined || made === undefined) return undefined;
      const answer = this.#onNode(made.node, made.script);
      if (answer === 'nothing') return { ...pod, status: { phase: 'Pending' } };
      if (!('output' in answer)) return { ...pod, status: answer };
      const { exitCode = 0 } = answer;
      const phase = exitCode === 0 ? 'Succeeded' : 'Failed';
      return { ...pod, status: { phase, containerStatuses: [{ state: { terminated: { exitCode } } }] } };
    },
    request: async ({ method, path }) => {
      this.asked.push(attributesOf(method, path));
      const made = this.made.find(({ pod }) => path === `${PODS}/${pod.metadata.name}/log`);
      const answer = made === undefined ? undefined : this.#onNode(made.node, made.script);
      const at = this.clock.now();
      const body =
        answer !== undefined && typeof answer === 'object' && 'output' in answer ? answer.output : '';
      return { status: 200, headers: {}, body: body as never, sent: at, received: at, url: path };
    },
    delete: async (path) => {
      this.asked.push(attributesOf('DELETE', path));
      return this.pods.delete(path);
    },
    patch: () => Promise.reject(new Error('nothing is patched')),
    watch: () => {
      throw new Error('nothing is watched');
    },
    access: () => Promise.reject(new Error('nobody else is let in')),
  };
}

export const node = (name: string, address: string, podCidr: string): KubernetesObject => ({
  metadata: { name },
  spec: { podCIDR: podCidr, podCIDRs: [podCidr] },
  status: {
    addresses: [
      { type: 'Hostname', address: name },
      { type: 'InternalIP', address },
    ],
    conditions: [{ type: 'Ready', status: 'True' }],
  },
});
