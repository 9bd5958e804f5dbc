import type { Json } from '../cluster-api/json.ts';
import type { KubeObject } from '../cluster-api/kube-object.ts';
import type { LoopContext } from './loop.ts';

/** Runs pods on one node. The kubelet decides when; what runs in them is the runner's. */
export interface PodRunner {
  /** Not called for static pods. What throws is tried again at the next look. */
  start(pod: KubeObject): void;
  /** Not called for what was never started. */
  stop(pod: KubeObject): void;
  /** What a readiness probe of it would find; asked for static pods too. A promise that takes longer than 1 s counts as no. */
  ready(pod: KubeObject): boolean | Promise<boolean>;
  /** Whether it runs although this kubelet has not started it, as after a restart of the kubelet alone. Default: no. */
  running?(pod: KubeObject): boolean;
}

export interface KubeletContext extends LoopContext {
  readonly node: string;
  readonly runner: PodRunner;
  /** What it runs from its own disk, as the API shows it; their mirrors are made again when they are gone. */
  readonly staticPods: readonly Json[];
}
