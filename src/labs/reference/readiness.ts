import type { ContainerEngine } from '../../ports/container-engine.ts';
import type { ClusterReader, Fields, KubeObject } from './cluster-reader.ts';
import { containerOf, DNS_ADDRESS, NODE_SHAPES } from './shape.ts';

/** What is asked after each start; nothing that was true before it counts. */
export interface WholeOrder {
  readonly cluster: ClusterReader;
  /** UTC, ISO 8601: the lease of that node must have been renewed after it, and its pods started. */
  readonly since: (node: string) => string;
}

/** What is not there yet, in words; undefined when all is. */
export async function lacksOf({ cluster, since }: WholeOrder): Promise<string | undefined> {
  const [nodes, leases, deployments, daemonSets, pods] = await Promise.all([
    cluster.list('/api/v1/nodes'),
    cluster.list('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'),
    cluster.list('/apis/apps/v1/namespaces/kube-system/deployments'),
    cluster.list('/apis/apps/v1/namespaces/kube-system/daemonsets'),
    cluster.list('/api/v1/namespaces/kube-system/pods'),
  ]);
  if (!nodes || !leases || !deployments || !daemonSets || !pods)
    return 'the API does not answer through its address';
  return (
    lackingNode(nodes, leases, since) ??
    lackingReplicas(deployments, daemonSets) ??
    lackingPod(pods, nodes.length, since)
  );
}

function lackingNode(
  nodes: readonly KubeObject[],
  leases: readonly KubeObject[],
  since: WholeOrder['since'],
): string | undefined {
  const missing = NODE_SHAPES.find(({ name }) => !nodes.some(({ metadata }) => metadata.name === name));
  if (missing !== undefined) return `${missing.name} has not joined`;
  const stale = leases.find(
    ({ metadata, spec }) => !(Date.parse(String(spec['renewTime'])) > Date.parse(since(metadata.name))),
  );
  if (stale !== undefined || leases.length < NODE_SHAPES.length)
    return `${stale?.metadata.name ?? 'a node'} has not renewed its lease`;
  const behind = nodes.find((node) => !isReady(node));
  return behind === undefined ? undefined : `${behind.metadata.name} is not ready`;
}

function lackingReplicas(
  deployments: readonly KubeObject[],
  daemonSets: readonly KubeObject[],
): string | undefined {
  const few = deployments.find(({ spec, status }) => status?.['readyReplicas'] !== spec['replicas']);
  if (few !== undefined || deployments.length === 0)
    return `${few?.metadata.name ?? 'the name service'} does not have all its replicas`;
  const partly = daemonSets.find(({ status }) => Number(status?.['numberReady']) < NODE_SHAPES.length);
  return partly === undefined && daemonSets.length > 0
    ? undefined
    : `${partly?.metadata.name ?? 'kube-proxy'} is not on every node`;
}

/** Each control node has four static pods, each node a proxy, and there are two of the name service. */
const SYSTEM_PODS = 3 * 4 + 5 + 2;

function lackingPod(
  pods: readonly KubeObject[],
  nodes: number,
  since: WholeOrder['since'],
): string | undefined {
  const behind = pods.find((pod) => !isReady(pod));
  if (behind !== undefined) return `${behind.metadata.name} is not ready`;
  // What is stored of a pod may be older than the start of its node.
  const old = pods.find((pod) => !startedAfter(pod, since(String(pod.spec['nodeName']))));
  if (old !== undefined) return `${old.metadata.name} has not started yet`;
  return pods.length < SYSTEM_PODS || nodes < NODE_SHAPES.length
    ? 'not all system pods are there'
    : undefined;
}

/** Whole seconds are kept of a start, so one in the second of `since` counts. */
function startedAfter({ status }: KubeObject, since: string): boolean {
  const containers = (status?.['containerStatuses'] ?? []) as readonly {
    readonly state?: { readonly running?: { readonly startedAt: string } };
  }[];
  return containers.every(
    ({ state }) => Date.parse(state?.running?.startedAt ?? '') + 1000 > Date.parse(since),
  );
}

const isReady = ({ status }: KubeObject): boolean =>
  Array.isArray(status?.['conditions']) &&
  (status['conditions'] as readonly Fields[]).some(
    (each) => each['type'] === 'Ready' && each['status'] === 'True',
  );

/** The question for \`kubernetes.default.svc.cluster.local\` over TCP, in octal, and how much of an answer tells that it is there. */
const QUESTION = [
  String.raw`\000\066\123\121\001\000\000\001\000\000\000\000\000\000`,
  String.raw`\012kubernetes\007default\003svc\007cluster\005local\000\000\001\000\001`,
].join('');

/** Through the Service, from a node, as a pod there would. @returns what came instead of an address; undefined when one came. */
export async function askName(
  engine: ContainerEngine,
  node: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const script = `exec 3<>/dev/tcp/${DNS_ADDRESS}/53 && printf '${QUESTION}' >&3 && head -c 12 <&3 | od -An -tx1`;
  const { stdout } = await engine.exec(
    containerOf(node),
    ['/bin/bash', '-c', script],
    { timeout: { ms: 3000 } },
    signal,
  );
  return hasAddress(stdout) ? undefined : 'the name service does not answer';
}

/** @param dump the beginning of an answer over TCP, as hexadecimal bytes: length, id, flags, and how many of what. */
export function hasAddress(dump: string): boolean {
  const bytes = dump
    .trim()
    .split(/\s+/)
    .map((byte) => Number.parseInt(byte, 16));
  const [, , id1, id2, , flags = 15, , , answersHigh = 0, answersLow = 0] = bytes;
  return id1 === 0x53 && id2 === 0x51 && (flags & 15) === 0 && answersHigh * 256 + answersLow > 0;
}

const POD = '/api/v1/namespaces/default/pods';

/** Runs a pod to prove that one can run, and removes it again. @returns false while it does not run yet. */
export async function runTestPod(cluster: ClusterReader, image: string): Promise<boolean> {
  const name = 'squall-first-pod';
  const found = await cluster.ask('GET', `${POD}/${name}`);
  if (found?.status === 404) {
    await cluster.ask('POST', POD, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: {
        terminationGracePeriodSeconds: 0,
        automountServiceAccountToken: false,
        containers: [{ name: 'idle', image, imagePullPolicy: 'Never' }],
      },
    });
    return false;
  }
  if (found?.status !== 200 || !isReady(found.body as KubeObject)) return false;
  const gone = await cluster.ask('DELETE', `${POD}/${name}`, { gracePeriodSeconds: 0 });
  return gone?.status === 200;
}
