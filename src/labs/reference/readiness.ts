import { HarnessError } from '../../model/errors.ts';
import type { ContainerEngine } from '../../ports/container-engine.ts';
import { ClusterReader, type Fields, type KubeObject } from './cluster-reader.ts';
import { containerOf, DNS_ADDRESS, NODE_SHAPES } from './shape.ts';

/** What is asked after each start; nothing that was true before it counts. */
export interface WholeOrder {
  readonly cluster: ClusterReader;
  /** UTC, ISO 8601: leases must have been renewed after it. */
  readonly since: string;
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
    lackingPod(pods, nodes.length)
  );
}

function lackingNode(
  nodes: readonly KubeObject[],
  leases: readonly KubeObject[],
  since: string,
): string | undefined {
  const beginning = Date.parse(since);
  const missing = NODE_SHAPES.find(({ name }) => !nodes.some(({ metadata }) => metadata.name === name));
  if (missing !== undefined) return `${missing.name} has not joined`;
  const stale = leases.find(({ spec }) => !(Date.parse(String(spec['renewTime'])) > beginning));
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

function lackingPod(pods: readonly KubeObject[], nodes: number): string | undefined {
  const behind = pods.find((pod) => !isReady(pod));
  if (behind !== undefined) return `${behind.metadata.name} is not ready`;
  return pods.length < SYSTEM_PODS || nodes < NODE_SHAPES.length
    ? 'not all system pods are there'
    : undefined;
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

/** Through the Service, from a node, as a pod there would. @throws SQ_LAB with what came instead. */
export async function askName(engine: ContainerEngine, node: string, signal: AbortSignal): Promise<void> {
  const script = `exec 3<>/dev/tcp/${DNS_ADDRESS}/53 && printf '${QUESTION}' >&3 && head -c 12 <&3 | od -An -tx1`;
  const { stdout, stderr } = await engine.exec(
    containerOf(node),
    ['/bin/bash', '-c', script],
    { timeout: { ms: 3000 } },
    signal,
  );
  const bytes = stdout.trim().split(/\s+/);
  // Length, id, flags with a code of 0, one question, one answer or more.
  const answered = bytes[2] === '53' && bytes[3] === '51' && (parseInt(bytes[5] ?? 'f', 16) & 15) === 0;
  if (!answered || Number.parseInt(`${bytes[8] ?? '0'}${bytes[9] ?? '0'}`, 16) < 1)
    throw new HarnessError('SQ_LAB', `The name service gave no address: ${stdout.trim()} ${stderr.trim()}`);
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
