import { createHash } from 'node:crypto';
import { listAt, objectAt, textAt, type Json } from '../cluster-api/json.ts';
import { timestamp, type KubeObject } from '../cluster-api/object-client.ts';
import { nodeAddress } from '../cluster-api/static-pods.ts';
import { conditionFrom } from './loop.ts';

/** What the kubelet says about a pod. */
export interface PodFacts {
  readonly running: boolean;
  readonly ready: boolean;
  readonly startedMs: number;
  readonly restarts: number;
  readonly address: string;
}

/** Stands for the digest that a node would have pulled for an image: the same name, the same digest. */
const imageId = (image: string): string => {
  const name = image.split('@')[0]?.replace(/:[^:/]+$/, '') ?? image;
  return `${name}@sha256:${createHash('sha256').update(image).digest('hex')}`;
};

/** The status of a pod as its kubelet writes it; times of conditions change only with them. */
export function podStatus(pod: KubeObject, node: string, facts: PodFacts, nowMs: number): Json {
  const present = listAt(pod, 'status', 'conditions');
  const find = (type: string): unknown => present.find((each) => textAt(each, 'type') === type);
  const { running, ready, restarts } = facts;
  const is = (yes: boolean): string => (yes ? 'True' : 'False');
  const readiness = ready ? {} : { reason: 'ContainersNotReady', message: 'containers with unready status' };
  const started = { startedAt: timestamp(facts.startedMs) };
  return {
    ...objectAt(pod, 'status'),
    // A pod whose containers start again has been running before.
    phase: running || restarts > 0 ? 'Running' : 'Pending',
    hostIP: nodeAddress(node),
    podIP: facts.address,
    podIPs: [{ ip: facts.address }],
    startTime: textAt(pod, 'status', 'startTime') ?? timestamp(nowMs),
    conditions: [
      conditionFrom(find('PodScheduled'), { type: 'PodScheduled', status: 'True' }, nowMs),
      conditionFrom(find('Initialized'), { type: 'Initialized', status: 'True' }, nowMs),
      conditionFrom(
        find('ContainersReady'),
        { type: 'ContainersReady', status: is(ready), ...readiness },
        nowMs,
      ),
      conditionFrom(find('Ready'), { type: 'Ready', status: is(ready), ...readiness }, nowMs),
    ],
    containerStatuses: listAt(pod, 'spec', 'containers').map((container) => ({
      name: textAt(container, 'name') ?? '',
      image: textAt(container, 'image') ?? '',
      imageID: imageId(textAt(container, 'image') ?? ''),
      ready,
      started: running,
      restartCount: restarts,
      state: running ? { running: started } : { waiting: { reason: 'ContainerCreating' } },
    })),
  };
}
