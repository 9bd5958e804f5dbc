import { HarnessError } from '../model/errors.ts';
import type { KubernetesObject } from '../ports/kubernetes.ts';
import type { CaseContext } from './case-context.ts';

/** Fields of an object that suites write or read as they stand in Kubernetes's own reference. */
export type Fields = Readonly<Record<string, unknown>>;

/** A pod as suites look at it. */
export interface Pod extends KubernetesObject {
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly Fields[];
    readonly [field: string]: unknown;
  };
  readonly status: {
    readonly phase?: string;
    readonly reason?: string;
    readonly podIP?: string;
    readonly hostIP?: string;
    readonly qosClass?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
    }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly [field: string]: unknown;
  };
}

export interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state: {
    readonly waiting?: { readonly reason?: string };
    readonly running?: Fields;
    readonly terminated?: Ended;
  };
  readonly lastState?: { readonly terminated?: Ended };
}

interface Ended {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
}

/** Where something lies in the API, and what it is called. */
export interface Placed {
  readonly name: string;
  /** Of the object itself. */
  readonly path: string;
}

/** What a pod of the test image is to be; all that is not said is as small as it can be. */
export interface PodWish {
  /** Part of the name. Default `pod`. */
  readonly what?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Of the test program; its verbs stand in `reference/images/test-app/main.go`. Default: it serves HTTP on port 8080. */
  readonly args?: readonly string[];
  /** More fields of the container, or others in their place. */
  readonly container?: Fields;
  /** More fields of the pod's spec, or others in their place. */
  readonly spec?: Fields;
}

/** The port on which the test program serves. */
export const TEST_PORT = 8080;

/** Makes a namespace for one suite or case. @returns its name; everything in it goes with it. */
export async function makeNamespace(
  { make, names }: CaseContext,
  what: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  const name = names.fresh(what);
  await make.object('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels },
  });
  return name;
}

/** A collection of a namespace: `inside(home, 'pods')`, `inside(home, 'jobs', 'batch/v1')`. */
export function inside(namespace: string, resource: string, group = 'v1'): string {
  const root = group === 'v1' ? '/api/v1' : `/apis/${group}`;
  return `${root}/namespaces/${namespace}/${resource}`;
}

/** A container of the test image. */
export function testContainer(
  { testImage }: CaseContext,
  args: readonly string[] = ['serve'],
  more: Fields = {},
): Fields {
  return { name: 'main', image: testImage.name, imagePullPolicy: testImage.pullPolicy, args, ...more };
}

/** The spec of a pod with one container of the test image: for pods, and for the templates of whatever makes pods. */
export function podSpec(context: CaseContext, wish: PodWish = {}): Fields {
  const container = testContainer(context, wish.args, wish.container);
  return {
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    containers: [container],
    ...wish.spec,
  };
}

/** The template of a workload whose pods carry these labels. */
export function podTemplate(
  context: CaseContext,
  labels: Readonly<Record<string, string>>,
  wish: PodWish = {},
): Fields {
  return { metadata: { labels, annotations: wish.annotations ?? {} }, spec: podSpec(context, wish) };
}

/** Creates a pod and does not wait for it. */
export async function makePod(context: CaseContext, namespace: string, wish: PodWish = {}): Promise<Placed> {
  const name = context.names.fresh(wish.what ?? 'pod');
  const metadata = { name, labels: wish.labels ?? {}, annotations: wish.annotations ?? {} };
  const collection = inside(namespace, 'pods');
  await context.make.object(collection, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: podSpec(context, wish),
  });
  return { name, path: `${collection}/${name}` };
}

/** Creates a pod and waits until it is ready. */
export async function runPod(
  context: CaseContext,
  namespace: string,
  wish: PodWish = {},
): Promise<Placed & { readonly pod: Pod }> {
  const placed = await makePod(context, namespace, wish);
  return { ...placed, pod: await untilPod(context, placed, 'it is ready', isReady) };
}

/** Creates a pod that does one thing and is not started again, and waits until it has ended. @returns it, and what it printed. */
export async function runOnce(
  context: CaseContext,
  namespace: string,
  wish: PodWish,
): Promise<{ readonly pod: Pod; readonly printed: string }> {
  const spec = { restartPolicy: 'Never', ...wish.spec };
  const placed = await makePod(context, namespace, { ...wish, spec });
  const pod = await untilPod(context, placed, 'it has ended', ({ status: { phase = '' } }) =>
    ['Succeeded', 'Failed'].includes(phase),
  );
  return { pod, printed: await logOf(context, placed) };
}

/** Looks at a pod until it is so. @returns it as it was then. */
export async function untilPod(
  { kubernetes, eventually }: CaseContext,
  { name, path }: Placed,
  says: string,
  isSo: (pod: Pod) => boolean,
): Promise<Pod> {
  const look = async (): Promise<Pod> => {
    const pod = (await kubernetes.get(path)) as Pod | undefined;
    if (pod !== undefined && isSo(pod)) return pod;
    throw new Error(pod === undefined ? 'It is not there.' : `Its status is ${JSON.stringify(pod.status)}.`);
  };
  return eventually(`of the pod ${name} ${says}`, look, { every: { ms: 100 } });
}

/** The pods of a label, as they are now. */
export async function podsOf(
  { kubernetes }: CaseContext,
  namespace: string,
  labelSelector: string,
): Promise<readonly Pod[]> {
  return (await kubernetes.list(inside(namespace, 'pods'), { labelSelector })) as readonly Pod[];
}

/** Waits until exactly so many pods of a label are there, all of them ready and none of them on its way out. */
export async function untilReadyPods(
  context: CaseContext,
  namespace: string,
  labelSelector: string,
  count: number,
): Promise<readonly Pod[]> {
  const look = async (): Promise<readonly Pod[]> => {
    const pods = await podsOf(context, namespace, labelSelector);
    const ready = pods.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined);
    if (ready.length === count && pods.length === count) return ready;
    throw new Error(`${ready.length} of ${pods.length} pods are ready.`);
  };
  return context.eventually(`${count} pods of ${labelSelector} are ready`, look, {
    every: { ms: 100 },
  });
}

export const isReady = ({ status }: Pod): boolean =>
  status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;

/** Waits until an object is gone. */
export async function untilGone({ kubernetes, eventually }: CaseContext, path: string): Promise<void> {
  const look = async (): Promise<void> => {
    if ((await kubernetes.get(path)) !== undefined) throw new Error(`${path} is still there.`);
  };
  await eventually(`${path} is gone`, look);
}

/** What a container printed. */
export async function logOf(
  { kubernetes }: CaseContext,
  { path }: Placed,
  container = 'main',
): Promise<string> {
  const { status, body } = await kubernetes.request<unknown>({
    method: 'GET',
    path: `${path}/log`,
    query: { container },
  });
  if (status !== 200)
    throw new HarnessError('SQ_BAD_ANSWER', `The log of ${path} was answered with ${status}.`, {
      facts: { status },
    });
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/**
 * Asks the program of a pod, through the API server and not through a Service.
 * @param question a path of `reference/images/test-app/serve.go`, with its query.
 * @throws SQ_BAD_ANSWER with the answer when it is not 200.
 */
export async function askPod<Answer>(
  { kubernetes }: CaseContext,
  { path, name }: Placed,
  question: string,
): Promise<Answer> {
  const [asked = '', query = ''] = question.split('?', 2);
  const answer = await kubernetes.request<Answer>({
    method: 'GET',
    path: `${path}:${TEST_PORT}/proxy${asked}`,
    query: Object.fromEntries(new URLSearchParams(query)),
  });
  if (answer.status === 200) return answer.body;
  const says = `The pod ${name} answered ${answer.status} to ${question}: ${JSON.stringify(answer.body).slice(0, 300)}`;
  throw new HarnessError('SQ_BAD_ANSWER', says, { facts: { status: answer.status } });
}

/** What a pod got that fetched something over the cluster's own network. */
export interface Fetched {
  /** 0 when no answer came. */
  readonly status: number;
  readonly body: string;
  /** Why no answer came. */
  readonly says: string;
}

/** Has a pod fetch a URL, over a connection of its own: what a user inside of the cluster would get. */
export async function fetchFrom(context: CaseContext, pod: Placed, url: string, ms = 2000): Promise<Fetched> {
  return askPod<Fetched>(context, pod, `/get?url=${encodeURIComponent(url)}&ms=${ms}`);
}
