import { numberAt, type Json } from '../cluster-api/json.ts';
import type { KubeObject } from '../cluster-api/object-client.ts';
import { timer } from '../timers.ts';
import type { LoopContext } from './loop.ts';

/** Runs pods on one node. The kubelet decides when; what runs in them is the runner's. */
export interface PodRunner {
  /** Not called for static pods. What throws is tried again at the next tick. */
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

/** Of a pod's readiness probe, or the rehearsal's timers where it has none. */
export function probeOf(pod: KubeObject): { readonly periodMs: number; readonly failures: number } {
  const probe = ['spec', 'containers', 0, 'readinessProbe'] as const;
  const period = numberAt(pod, ...probe, 'periodSeconds');
  return {
    periodMs: period === undefined ? timer('readiness-period') : period * 1000,
    failures: numberAt(pod, ...probe, 'failureThreshold') ?? timer('readiness-failure-threshold'),
  };
}
