import { numberAt, textAt, sameJson } from '../cluster-api/json.ts';
import type { KubeObject, ObjectClient } from '../cluster-api/object-client.ts';
import { resourceNamed } from '../cluster-api/resources.ts';
import { isReady } from '../cluster-api/subresources.ts';
import { nodeAddress } from '../cluster-api/static-pods.ts';
import { NODES } from '../lab-layout.ts';
import { timer } from '../timers.ts';
import { attempt, isPassing } from './loop.ts';
import { probeOf, type KubeletContext } from './pod-runner.ts';
import { podStatus } from './pod-status.ts';

const PODS = resourceNamed('pods');
const MIRROR = 'kubernetes.io/config.mirror';

/** What a readiness probe waits for at most, where a pod does not say otherwise (Probe v1, timeoutSeconds). */
const PROBE_TIMEOUT_MS = 1000;

/** One pod as this kubelet knows it. */
interface KeptPod {
  pod: KubeObject;
  readonly isStatic: boolean;
  readonly address: string;
  /** When it is to run. */
  readonly startAtMs: number;
  readonly restarts: number;
  running: boolean;
  ready: boolean;
  failures: number;
  nextProbeMs: number;
  probing: boolean;
  goneAtMs: number | undefined;
}

export interface PodKeeper {
  /** One look at the API, and what follows from it. */
  look(): Promise<void>;
}

export function createPodKeeper(context: KubeletContext, objects: ObjectClient): PodKeeper {
  const kept = new Map<string, KeptPod>();
  return {
    async look() {
      // What runs goes on running, and is looked at, also while the API does not answer.
      for (const each of kept.values()) tryAdvance(context, each);
      const all = (await objects.list(PODS)).objects;
      const mine = all.filter((pod) => textAt(pod, 'spec', 'nodeName') === context.node);
      forgetLost(context, kept, mine);
      for (const pod of mine) {
        const each = kept.get(pod.metadata.uid) ?? adopt(context, kept, pod);
        each.pod = pod;
        tryAdvance(context, each);
        await attempt(write(context, objects, kept, each));
      }
      for (const wanted of context.staticPods) {
        const name = textAt(wanted, 'metadata', 'name');
        if (!mine.some(({ metadata }) => metadata.name === name)) await attempt(objects.create(PODS, wanted));
      }
    },
  };
}

/** What was deleted at once, without waiting for its kubelet, is stopped when that is seen. */
function forgetLost(
  { runner }: KubeletContext,
  kept: Map<string, KeptPod>,
  mine: readonly KubeObject[],
): void {
  const present = new Set(mine.map(({ metadata }) => metadata.uid));
  for (const [uid, each] of kept) {
    if (present.has(uid)) continue;
    if (each.running && !each.isStatic) runner.stop(each.pod);
    kept.delete(uid);
  }
}

function adopt(context: KubeletContext, kept: Map<string, KeptPod>, pod: KubeObject): KeptPod {
  const { runner, nowMs, node } = context;
  const isStatic = pod.metadata.annotations?.[MIRROR] !== undefined;
  const running = isStatic || (runner.running?.(pod) ?? false);
  const ranBefore = textAt(pod, 'status', 'phase') === 'Running';
  const restarts = numberAt(pod, 'status', 'containerStatuses', 0, 'restartCount') ?? 0;
  const each: KeptPod = {
    pod,
    isStatic,
    address: isStatic ? nodeAddress(node) : freeAddress(node, pod, [...kept.values()]),
    startAtMs: nowMs() + (running ? 0 : timer('pod-start')),
    restarts: restarts + (ranBefore && !running ? 1 : 0),
    running,
    // What runs already was ready or not before this kubelet looked.
    ready: running && isReady(pod),
    failures: 0,
    nextProbeMs: nowMs(),
    probing: false,
    goneAtMs: undefined,
  };
  kept.set(pod.metadata.uid, each);
  return each;
}

/** From the node's own part of the pod network. */
function freeAddress(node: string, pod: KubeObject, others: readonly KeptPod[]): string {
  const before = textAt(pod, 'status', 'podIP');
  if (before !== undefined) return before;
  const used = new Set(others.map(({ address }) => address));
  const network = `10.244.${Math.max(0, NODES.indexOf(node))}`;
  let last = 2 + (Number.parseInt(pod.metadata.uid.slice(0, 2), 16) % 200);
  while (used.has(`${network}.${last}`)) last = (last % 253) + 2;
  return `${network}.${last}`;
}

/** One pod that cannot be started keeps no other one waiting. */
function tryAdvance(context: KubeletContext, each: KeptPod): void {
  try {
    advance(context, each);
  } catch (error) {
    context.report?.(error);
  }
}

/** What time alone makes of a pod. */
function advance(context: KubeletContext, each: KeptPod): void {
  const { runner, nowMs } = context;
  const leaving = each.pod.metadata.deletionTimestamp !== undefined;
  if (leaving && !each.isStatic) {
    if (each.goneAtMs !== undefined) return;
    if (each.running) runner.stop(each.pod);
    // A pod that does not run has nothing to wait for.
    each.goneAtMs = nowMs() + (each.running ? timer('pod-stop') : 0);
    each.running = false;
    each.ready = false;
    return;
  }
  if (!each.running) {
    if (nowMs() < each.startAtMs) return;
    runner.start(each.pod);
    each.running = true;
    each.nextProbeMs = nowMs();
  }
  if (each.probing || nowMs() < each.nextProbeMs) return;
  void probe(context, each);
}

async function probe({ runner, nowMs }: KubeletContext, each: KeptPod): Promise<void> {
  const { periodMs, failures } = probeOf(each.pod);
  each.probing = true;
  const found = await answerOf(() => runner.ready(each.pod));
  each.probing = false;
  if (!each.running) return;
  // Until it is ready for the first time, nobody waits a whole period to notice.
  each.nextProbeMs = nowMs() + (found || each.ready ? periodMs : Math.min(periodMs, timer('pod-start')));
  each.failures = found ? 0 : each.failures + 1;
  if (found) each.ready = true;
  // A static pod has no probe here but its process: when that is gone, it is seen at once.
  else if (each.failures >= failures || each.isStatic) each.ready = false;
}

async function answerOf(ask: () => boolean | Promise<boolean>): Promise<boolean> {
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    limit = setTimeout(() => resolve(false), PROBE_TIMEOUT_MS);
  });
  try {
    return await Promise.race([Promise.resolve().then(ask), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(limit);
  }
}

async function write(
  { node, nowMs }: KubeletContext,
  objects: ObjectClient,
  kept: Map<string, KeptPod>,
  each: KeptPod,
): Promise<void> {
  const { pod } = each;
  const { namespace, name, uid, deletionTimestamp } = pod.metadata;
  const isGone = deletionTimestamp !== undefined && (each.isStatic || (each.goneAtMs ?? Infinity) <= nowMs());
  if (isGone) {
    await removeMarked(objects, pod);
    kept.delete(uid);
    return;
  }
  const facts = {
    running: each.running || each.goneAtMs !== undefined,
    ready: each.ready,
    startedMs: each.startAtMs,
    restarts: each.restarts,
    address: each.address,
  };
  const status = podStatus(pod, node, facts, nowMs());
  if (sameJson(status, pod['status'])) return;
  await objects.change(PODS, namespace, name, (present) =>
    present.metadata.uid === uid
      ? { ...present, status: podStatus(present, node, facts, nowMs()) }
      : undefined,
  );
}

/** Takes a pod out of the API that is over; somebody may have written to it a moment ago. */
async function removeMarked(objects: ObjectClient, pod: KubeObject): Promise<void> {
  try {
    await objects.remove(PODS, pod);
  } catch (error) {
    if (!isPassing(error)) throw error;
    const { namespace, name, uid } = pod.metadata;
    const present = await objects.get(PODS, namespace, name);
    if (present?.metadata.uid === uid) await objects.remove(PODS, present);
  }
}
