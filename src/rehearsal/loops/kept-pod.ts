import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isReady, withCondition } from '../cluster-api/conditions.ts';
import { listAt, numberAt, objectAt, textAt, type Json } from '../cluster-api/json.ts';
import type { KubeObject } from '../cluster-api/kube-object.ts';
import { nodeAddress } from '../cluster-api/static-pods.ts';
import { NODES } from '../lab-layout.ts';
import { timer } from '../timers.ts';
import type { KubeletContext } from './pod-runner.ts';

/** One pod as the kubelet of its node knows it. */
export class KeptPod {
  /** As the API showed it last. */
  pod: KubeObject;
  /** From the node's own part of the pod network, or the node's where it is static. */
  readonly address: string;
  readonly #context: KubeletContext;
  readonly #isStatic: boolean;
  readonly #startAtMs: number;
  readonly #restarts: number;
  #running: boolean;
  #ready: boolean;
  #failures = 0;
  #probing = false;
  #nextProbeMs = 0;
  #goneAtMs: number | undefined;

  /** @param used addresses of other pods on the node */
  constructor(context: KubeletContext, pod: KubeObject, used: readonly string[]) {
    const { runner, node, nowMs } = context;
    this.#context = context;
    this.pod = pod;
    this.#isStatic = pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
    this.#running = this.#isStatic || (runner.running?.(pod) ?? false);
    this.#startAtMs = nowMs() + (this.#running ? 0 : timer('pod-start'));
    const ranBefore = textAt(pod, 'status', 'phase') === 'Running';
    const restarts = numberAt(pod, 'status', 'containerStatuses', 0, 'restartCount') ?? 0;
    this.#restarts = restarts + (ranBefore && !this.#running ? 1 : 0);
    // What runs already was ready or not before this kubelet looked.
    this.#ready = this.#running && isReady(pod);
    const network = Array.from({ length: 250 }, (_, last) => `10.244.${NODES.indexOf(node)}.${last + 2}`);
    const free = network.find((address) => !used.includes(address)) ?? nodeAddress(node);
    this.address = this.#isStatic ? nodeAddress(node) : (textAt(pod, 'status', 'podIP') ?? free);
  }

  /** Whether it may be taken out of the API. */
  isGone(): boolean {
    if (this.pod.metadata.deletionTimestamp === undefined) return false;
    return this.#isStatic || this.#context.nowMs() >= (this.#goneAtMs ?? Number.POSITIVE_INFINITY);
  }

  end(): void {
    if (this.#running && !this.#isStatic) this.#context.runner.stop(this.pod);
    this.#running = false;
    this.#ready = false;
  }

  /** What time alone makes of it. A pod that cannot be started keeps no other one waiting. */
  advance(): void {
    const { runner, nowMs, report } = this.#context;
    try {
      if (this.pod.metadata.deletionTimestamp !== undefined && !this.#isStatic) {
        // A pod that does not run has nothing to wait for.
        this.#goneAtMs ??= nowMs() + (this.#running ? timer('pod-stop') : 0);
        this.end();
      } else if (!this.#running && nowMs() >= this.#startAtMs) {
        runner.start(this.pod);
        this.#running = true;
      }
      if (this.#running && !this.#probing && nowMs() >= this.#nextProbeMs) void this.#probe();
    } catch (error) {
      report?.(error);
    }
  }

  async #probe(): Promise<void> {
    const { runner, nowMs } = this.#context;
    const probe = objectAt(this.pod, 'spec', 'containers', 0, 'readinessProbe');
    const periodMs = 1000 * (numberAt(probe, 'periodSeconds') ?? timer('readiness-period') / 1000);
    const threshold = numberAt(probe, 'failureThreshold') ?? timer('readiness-failure-threshold');
    this.#probing = true;
    // As long as Probe v1 waits by default (timeoutSeconds).
    const late = sleep(1000, false, { ref: false });
    const asked = (async () => runner.ready(this.pod))().catch(() => false);
    const found = await Promise.race([asked, late]);
    this.#probing = false;
    if (!this.#running) return;
    // Until it is ready for the first time, nobody waits a whole period to notice.
    this.#nextProbeMs = nowMs() + (found || this.#ready ? periodMs : Math.min(periodMs, timer('pod-start')));
    this.#failures = found ? 0 : this.#failures + 1;
    // A static pod has no probe here but its process: when that is gone, it is seen at once.
    this.#ready = found || (this.#ready && this.#failures < threshold && !this.#isStatic);
  }

  /** The pod with what this kubelet says of it. */
  shown(pod: KubeObject): KubeObject {
    const { node, nowMs } = this.#context;
    const started = this.#running || this.#goneAtMs !== undefined;
    const [ready, restartCount] = [this.#ready, this.#restarts];
    const containerStatuses = listAt(pod, 'spec', 'containers').map((container): Json => {
      const image = textAt(container, 'image') ?? '';
      return {
        name: textAt(container, 'name'),
        image,
        imageID: imageId(image),
        ready,
        started,
        restartCount,
      };
    });
    // A pod whose containers start again has been running before.
    const phase = started || restartCount > 0 ? 'Running' : 'Pending';
    const own = { phase, hostIP: nodeAddress(node), podIP: this.address, containerStatuses };
    const status = { ...objectAt(pod, 'status'), ...own };
    return withCondition({ ...pod, status }, { type: 'Ready', status: ready ? 'True' : 'False' }, nowMs());
  }
}

/** Stands for the digest that a node would have pulled for an image: the same name, the same digest. */
const imageId = (image: string): string =>
  `${image.replace(/:[^:/]+$/, '')}@sha256:${createHash('sha256').update(image).digest('hex')}`;
