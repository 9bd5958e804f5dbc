import { milliseconds, nanosecondsOf, seconds, type Duration } from '../../model/duration.ts';
import { HarnessError } from '../../model/errors.ts';
import type { Chance, Clock } from '../../ports/clock.ts';
import type { KubernetesApi, KubernetesObject } from '../../ports/kubernetes.ts';
import { NODE_ACCESS_NAMESPACE } from './needed-access.ts';
import { NODE_ACT_LABEL, renderNodePod, type NodeAccessSettings, type NodeAct } from './node-pod.ts';

export interface NodeTools {
  /** Opened at the first use, and once. */
  readonly kubernetes: () => Promise<KubernetesApi>;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly settings: NodeAccessSettings;
}

export interface NodeAnswer {
  readonly exitCode: number;
  /** What the script wrote, without what surrounds it. */
  readonly output: string;
}

const PODS = `/api/v1/namespaces/${NODE_ACCESS_NAMESPACE}/pods`;
const LOOK_EVERY = milliseconds(250);
/** From the pod's creation until its node must have begun it: it may have to pull the image. */
const BEGIN_WITHIN = seconds(60);

/**
 * Runs a script on a node, and waits for its end. The pod is deleted in any case.
 * @throws SQ_LAB when the node did not run it, or not to its end; `definite: false` once it may have begun.
 */
export async function runOnNode(tools: NodeTools, act: NodeAct, signal?: AbortSignal): Promise<NodeAnswer> {
  const kubernetes = await tools.kubernetes();
  await sweepEnded(kubernetes, signal);
  const pod = renderNodePod(act, tools.settings, tools.chance.token(6));
  const { metadata } = await kubernetes.create(PODS, pod, signal).catch((cause: unknown) => {
    throw explain(cause, act);
  });
  const path = `${PODS}/${metadata.name}`;
  try {
    const exitCode = await untilEnded(kubernetes, path, tools.clock, act, signal);
    const log = await kubernetes.request({ method: 'GET', path: `${path}/log`, ...(signal && { signal }) });
    if (log.status !== 200) throw failed(act, `its log could not be read (${log.status})`, false);
    return { exitCode, output: typeof log.body === 'string' ? log.body.trim() : '' };
  } finally {
    // An ended pod does no harm, and the next act deletes it; a failure here must not hide what came first.
    await kubernetes.delete(path, { gracePeriodSeconds: 0 }).catch(() => false);
  }
}

/** Runs a script that must succeed. @throws SQ_LAB with what it wrote. */
export async function doOnNode(tools: NodeTools, act: NodeAct, signal?: AbortSignal): Promise<string> {
  const { exitCode, output } = await runOnNode(tools, act, signal);
  if (exitCode === 0) return output;
  const says = output === '' ? '' : `: ${output.slice(-400)}`;
  throw failed(act, `it ended with ${exitCode}${says}`, false);
}

async function untilEnded(
  kubernetes: KubernetesApi,
  path: string,
  clock: Clock,
  act: NodeAct,
  signal: AbortSignal | undefined,
): Promise<number> {
  const began = clock.now().ns;
  const passed = (limit: Duration): boolean => clock.now().ns - began > nanosecondsOf(limit);
  const beginWithin = act.beginWithinSeconds === undefined ? BEGIN_WITHIN : seconds(act.beginWithinSeconds);
  const last = milliseconds(beginWithin.ms + act.deadlineSeconds * 1000);
  for (;;) {
    const pod = await kubernetes.get(path, signal);
    const state = stateOf(pod);
    if (state.kind === 'ended') return state.exitCode;
    if (state.kind === 'failed') throw failed(act, state.says, state.definite);
    if (state.kind === 'waiting' && passed(beginWithin)) {
      const says = `its kubelet did not begin the pod within ${beginWithin.ms / 1000} s, as when it is stopped or cut off`;
      throw failed(act, says, true);
    }
    if (passed(last)) throw failed(act, 'it did not end in time', false);
    await clock.sleep(LOOK_EVERY, signal);
  }
}

type PodState =
  | { readonly kind: 'waiting' | 'running' }
  | { readonly kind: 'ended'; readonly exitCode: number }
  | { readonly kind: 'failed'; readonly says: string; readonly definite: boolean };

/** Reasons for which a container never begins (kubelet, `pkg/kubelet/images` and `kuberuntime`). */
const HOPELESS = [
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
];

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: { readonly exitCode?: number };
}

export function stateOf(pod: KubernetesObject | undefined): PodState {
  if (pod === undefined) return { kind: 'failed', says: 'somebody deleted its pod', definite: false };
  const status = pod['status'] as
    | {
        readonly phase?: string;
        readonly reason?: string;
        readonly message?: string;
        readonly containerStatuses?: readonly { readonly state?: ContainerState }[];
      }
    | undefined;
  const state = status?.containerStatuses?.[0]?.state;
  const exitCode = state?.terminated?.exitCode;
  if (status?.phase === 'Failed' && (status.reason !== undefined || exitCode === undefined)) {
    const why = [status.reason, status.message].filter((each) => each !== undefined).join(': ');
    return { kind: 'failed', says: `the node ended its pod (${why})`, definite: false };
  }
  if (exitCode !== undefined) return { kind: 'ended', exitCode };
  const { reason = '', message = '' } = state?.waiting ?? {};
  if (HOPELESS.includes(reason))
    return { kind: 'failed', says: `its pod cannot begin (${reason}: ${message})`, definite: true };
  return { kind: status?.phase === 'Running' ? 'running' : 'waiting' };
}

/** Pods of acts whose harness was killed have ended by their deadline; they are only taken away here. */
async function sweepEnded(kubernetes: KubernetesApi, signal: AbortSignal | undefined): Promise<void> {
  const options = { labelSelector: NODE_ACT_LABEL, ...(signal && { signal }) };
  const pods = await kubernetes.list(PODS, options).catch(() => []);
  const ended = pods.filter((pod) => {
    const phase = (pod['status'] as { readonly phase?: string } | undefined)?.phase;
    return (
      pod.metadata.labels?.[NODE_ACT_LABEL] !== undefined && (phase === 'Succeeded' || phase === 'Failed')
    );
  });
  await Promise.all(
    ended.map(({ metadata }) =>
      kubernetes
        .delete(`${PODS}/${metadata.name}`, metadata.uid === undefined ? {} : { uid: metadata.uid })
        .catch(() => false),
    ),
  );
}

const REMEDY =
  'See docs/existing-clusters.md: docs/rbac/node-access.yaml must be applied, and every node must be able to pull the image of `existing.node-access`.';

const failed = (act: NodeAct, says: string, definite: boolean): HarnessError =>
  new HarnessError('SQ_LAB', `What was to be done on node ${act.node} (${act.what}) was not: ${says}.`, {
    definite,
    remedy: REMEDY,
    facts: { node: act.node, what: act.what },
  });

function explain(cause: unknown, act: NodeAct): unknown {
  if (!(cause instanceof HarnessError)) return cause;
  return new HarnessError('SQ_LAB', `No pod could be made on node ${act.node}: ${cause.message}`, {
    cause,
    definite: cause.definite,
    remedy: REMEDY,
    facts: cause.facts,
  });
}
