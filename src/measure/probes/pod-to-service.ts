import { isIP } from 'node:net';
import type { LedgerEntry } from '../../model/conformance.ts';
import { seconds } from '../../model/duration.ts';
import { describeError, HarnessError } from '../../model/errors.ts';
import { OWNER_LABEL } from '../../model/own-marks.ts';
import type { ProbePart, ProbeSpec } from '../../model/plan.ts';
import type { TopologyNode } from '../../model/topology.ts';
import type { KubernetesApi, KubernetesObject } from '../../ports/kubernetes.ts';
import type { TestImage } from '../../ports/lab.ts';
import type { ProbeAssignment, Question } from '../../ports/prober.ts';
import { numberParameter, type GroundTools, type Probe } from './probe.ts';

/** All pairs of eight nodes. */
const MOST_PAIRS = 56;

/** The test program's own port, and that of the Services. */
const PORT = 8080;

/** Of the time of a sample, how much the second leg may take: the rest is left for the pod to say so. */
const SECOND_LEG = 0.75;

/** From the creation of the pods until all are ready. */
const READY_WITHIN = seconds(90);
const LOOK_EVERY = { ms: 500 };

const NODE_LABEL = 'squall.dev/probe-node';

export const podToService: Probe = {
  name: 'pod-to-service',
  summary:
    'Does a pod on each node get an answer from the pod of each other node, through its Service? Each pair of nodes is a series of its own, and so is the way from here to each pod.',
  parameters: {
    pairs: {
      type: 'integer',
      describe:
        'At most so many ordered pairs of nodes; where there are more, each node asks and is asked about as often as any other.',
      default: MOST_PAIRS,
      minimum: 1,
      maximum: 400,
    },
  },
  needs: ['test-image', 'kubernetes'],
  mayCreate: (spec, run): readonly LedgerEntry[] => [
    {
      system: 'kubernetes',
      collection: '/api/v1/namespaces',
      name: namespaceOf(spec, run),
      createdBy: `probe ${spec.name}`,
    },
  ],
  ground: { lay, remedy: 'This host must reach node ports of the nodes, and their pods one another.' },
};

/** Makes what is not there yet, waits until every pod is ready, and says who asks whom. */
async function lay(
  spec: ProbeSpec,
  tools: GroundTools,
  signal: AbortSignal,
): Promise<readonly ProbeAssignment[]> {
  const { topology, testImage, kubernetes, run } = tools;
  if (kubernetes === undefined || testImage === undefined)
    throw new HarnessError(
      'SQ_ABILITY_MISSING',
      `Probe ${spec.name} needs the Kubernetes API and a test image, and one of them is not there.`,
    );
  const open = topology.live.nodes.filter(({ ready, schedulable }) => ready && schedulable);
  const names = open.map(({ name }) => name);
  const pairs = pairsOf(names, numberParameter(spec, 'pairs', MOST_PAIRS));
  if (pairs.length === 0)
    throw new HarnessError(
      'SQ_TARGET_NONE',
      `Probe ${spec.name} asks from one node to another, and ${names.length === 0 ? 'no node' : `only ${names.join()}`} takes pods.`,
    );
  const used = names.filter((name) => pairs.some((pair) => pair.includes(name)));
  const nodes = topology.nodes.filter(({ name }) => used.includes(name));
  const namespace = namespaceOf(spec, run);
  await make(kubernetes, '/api/v1/namespaces', namespaceObject(namespace, run), signal);
  const places = new Map<string, Place>();
  for (const [index, node] of nodes.entries()) {
    const labels = { [OWNER_LABEL]: run, [NODE_LABEL]: `n${index}` };
    const at = { name: `n${index}`, labels };
    const home = `namespaces/${namespace}`;
    await make(kubernetes, `/apis/apps/v1/${home}/daemonsets`, daemonSet(at, node, testImage), signal);
    const service = await make(kubernetes, `/api/v1/${home}/services`, serviceObject(at), signal);
    places.set(node.name, placeOf(spec, node, service));
  }
  await untilReady(spec, namespace, nodes.length, tools, signal);
  return assignmentsOf(spec, places, pairs);
}

/** Where a node's pod is asked: by everybody in the cluster, and from here. */
interface Place {
  readonly inside: string;
  readonly outside: string;
}

/**
 * Ordered pairs of nodes. Of more than `most`, those are taken in which asker and asked lie at few distances in the list, all
 * around, so that no node has more than its share.
 */
export function pairsOf(nodes: readonly string[], most: number): readonly (readonly [string, string])[] {
  const count = nodes.length;
  const rounds = Array.from({ length: Math.max(0, count - 1) }, (_, index) => index + 1).map((distance) =>
    nodes.map((from, at) => [from, nodes[(at + distance) % count] ?? from] as const),
  );
  const whole = rounds.slice(0, Math.floor(most / Math.max(1, count))).flat();
  const next = rounds[Math.floor(most / Math.max(1, count))] ?? [];
  const left = Math.min(next.length, most - whole.length);
  const some = Array.from({ length: left }, (_, k) => next[Math.floor((k * count) / left)]);
  return [...whole, ...some.filter((pair) => pair !== undefined)];
}

function assignmentsOf(
  spec: ProbeSpec,
  places: ReadonlyMap<string, Place>,
  pairs: readonly (readonly [string, string])[],
): readonly ProbeAssignment[] {
  const within = Math.max(1, Math.floor(spec.timeout.ms * SECOND_LEG));
  const get = { method: 'GET', headers: {}, expect: [200] };
  const assign = (part: ProbePart, via: string, question: Question): ProbeAssignment => ({
    spec: {
      ...spec,
      name: `${spec.name}/${part.from ?? 'host'}>${part.to}`,
      vantage: part.from ?? spec.vantage,
      // Who asks whom is what tells one question from the other.
      parameters: { ...spec.parameters, from: part.from ?? 'host', to: part.to },
      part,
    },
    question,
    access: { url: via, headers: {}, verify: true },
  });
  const controls = [...places].map(([to, { outside }]) =>
    assign({ of: spec.name, to }, outside, {
      kind: 'http',
      ask: { ...get, path: '/whoami', holds: isAt(to) },
    }),
  );
  const ways = pairs.flatMap(([from, to]): readonly ProbeAssignment[] => {
    const [asker, asked] = [places.get(from), places.get(to)];
    if (asker === undefined || asked === undefined) return [];
    const url = encodeURIComponent(`${asked.inside}/whoami`);
    const ask = { ...get, path: `/get?url=${url}&ms=${within}` };
    const then = { expect: [200], holds: isAt(to) };
    return [assign({ of: spec.name, from, to }, asker.outside, { kind: 'relayed', ask, then })];
  });
  return [...controls, ...ways];
}

/** How the test program says on which node it runs. */
const isAt = (node: string): string => `"node":${JSON.stringify(node)}`;

/** The run is in it, so that another run's is another's, and the sweeper knows it for ours. */
const namespaceOf = (spec: ProbeSpec, run: string): string =>
  `sq-${run}-${spec.name}`
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 63)
    .replace(/-+$/, '');

const namespaceObject = (name: string, run: string): object => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { [OWNER_LABEL]: run } },
});

interface At {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * One pod on one node. A DaemonSet makes it again when it is deleted, whatever state the node is in, and neither a drain nor the
 * loss of a node moves it: what is measured is the node's own way.
 */
function daemonSet({ name, labels }: At, node: TopologyNode, image: TestImage): object {
  const field = (variable: string, fieldPath: string): object => ({
    name: variable,
    valueFrom: { fieldRef: { fieldPath } },
  });
  const container = {
    name: 'main',
    image: image.name,
    imagePullPolicy: image.pullPolicy,
    args: ['serve', '-port', String(PORT)],
    env: [field('NODE_NAME', 'spec.nodeName'), field('POD_NAME', 'metadata.name')],
    readinessProbe: { httpGet: { path: '/readyz', port: PORT }, periodSeconds: 1 },
  };
  const hostname = node.labels['kubernetes.io/hostname'] ?? node.name;
  const pod = {
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    nodeSelector: { 'kubernetes.io/hostname': hostname },
    tolerations: [{ operator: 'Exists' }],
    containers: [container],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, labels },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
  };
}

/** Inside by its own address, as any Service; from here by a port of the node, which leads to that node's pod or to none. */
const serviceObject = ({ name, labels }: At): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, labels },
  spec: {
    type: 'NodePort',
    externalTrafficPolicy: 'Local',
    selector: labels,
    ports: [{ name: 'http', port: PORT, targetPort: PORT, protocol: 'TCP' }],
  },
});

/** Creates it, or takes what an earlier process of this run created. */
async function make(
  api: KubernetesApi,
  collection: string,
  object: object,
  signal: AbortSignal,
): Promise<KubernetesObject> {
  const { name } = (object as { readonly metadata: { readonly name: string } }).metadata;
  const known = await api.get(`${collection}/${name}`, signal);
  return known ?? api.create(collection, object, signal);
}

function placeOf(spec: ProbeSpec, node: TopologyNode, service: KubernetesObject): Place {
  const { clusterIP, ports } = service['spec'] as {
    readonly clusterIP?: string;
    readonly ports?: readonly { readonly nodePort?: number }[];
  };
  const address = node.addresses.find((one) => isIP(one) !== 0);
  const nodePort = ports?.[0]?.nodePort;
  if (address === undefined || clusterIP === undefined || nodePort === undefined)
    throw new HarnessError(
      'SQ_BAD_ANSWER',
      `Probe ${spec.name} cannot tell how the pod of ${node.name} is reached: node address ${address ?? 'none'}, Service ${clusterIP ?? 'none'}, node port ${nodePort ?? 'none'}.`,
    );
  return {
    inside: `http://${hostIn(clusterIP)}:${PORT}`,
    outside: `http://${hostIn(address)}:${nodePort}`,
  };
}

const hostIn = (address: string): string => (isIP(address) === 6 ? `[${address}]` : address);

async function untilReady(
  spec: ProbeSpec,
  namespace: string,
  count: number,
  { kubernetes, clock }: GroundTools,
  signal: AbortSignal,
): Promise<void> {
  const untilNs = clock.now().ns + READY_WITHIN.ms * 1e6;
  for (;;) {
    let found: string;
    try {
      const sets = await kubernetes?.list(`/apis/apps/v1/namespaces/${namespace}/daemonsets`, { signal });
      const ready = (sets ?? []).filter(
        ({ status }) => ((status ?? {}) as { readonly numberReady?: number }).numberReady === 1,
      );
      if (ready.length >= count) return;
      found = `${ready.length} of ${count} are`;
    } catch (error) {
      signal.throwIfAborted();
      found = describeError(error);
    }
    if (clock.now().ns >= untilNs)
      throw new HarnessError(
        'SQ_LAB',
        `The pods of probe ${spec.name} were not all ready within ${READY_WITHIN.ms / 1000} s: ${found}.`,
        { remedy: 'See whether every node can run the test image, or take the probe out of the plan.' },
      );
    await clock.sleep(LOOK_EVERY, signal);
  }
}
