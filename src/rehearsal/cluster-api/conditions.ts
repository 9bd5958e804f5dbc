import { listAt, objectAt, textAt, type Json } from './json.ts';
import { timestamp, type KubeObject } from './kube-object.ts';

/** Whether the object has this condition. */
export const isTrue = (object: KubeObject, type: string): boolean =>
  textAt(conditionOf(object, type), 'status') === 'True';

/** A pod that is being deleted is not ready, whatever it says. */
export const isReady = (pod: KubeObject): boolean =>
  pod.metadata.deletionTimestamp === undefined && isTrue(pod, 'Ready');

export const conditionOf = (object: KubeObject, type: string | undefined): unknown =>
  listAt(object, 'status', 'conditions').find((each) => textAt(each, 'type') === type);

/** The object with that condition, which keeps the time of its last change while its status stays what it was. */
export function withCondition(object: KubeObject, wanted: Json, nowMs: number): KubeObject {
  const before = conditionOf(object, textAt(wanted, 'type'));
  const since =
    textAt(before, 'status') === wanted['status'] ? textAt(before, 'lastTransitionTime') : undefined;
  const others = listAt(object, 'status', 'conditions').filter((each) => each !== before);
  const conditions = [...others, { ...wanted, lastTransitionTime: since ?? timestamp(nowMs) }];
  return { ...object, status: { ...objectAt(object, 'status'), conditions } };
}

export const withSpec = (object: KubeObject, changes: Json): KubeObject => {
  return { ...object, spec: { ...objectAt(object, 'spec'), ...changes } };
};
