import { answer, isDryRun, parseJson, type ApiAnswer, type ApiCall } from './api-call.ts';
import { deleteWith } from './delete-objects.ts';
import { at, listAt, numberAt, objectAt, textAt, textsAt, type Json } from './json.ts';
import { timestamp, uuidOf, type KubeObject } from './object-client.ts';
import { badRequest, conflict, notFound, Refusal, successStatus } from './refusal.ts';
import { resourceNamed } from './resources.ts';
import { selectorMatches } from './selectors.ts';
import { patchObject, updateObject } from './write-objects.ts';

const BUDGETS = resourceNamed('poddisruptionbudgets');

async function expectPresent({ objects, resource, namespace, name = '' }: ApiCall): Promise<KubeObject> {
  const object = await objects.get(resource, namespace, name);
  if (object === undefined) throw notFound(resource, name);
  return object;
}

const scaleOf = (object: KubeObject): Json => {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const labels = Object.entries(textsAt(object, 'spec', 'selector', 'matchLabels'));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(object, 'spec', 'replicas') ?? 1 },
    status: {
      replicas: numberAt(object, 'status', 'replicas') ?? 0,
      selector: labels.map(([key, value]) => `${key}=${value}`).join(','),
    },
  };
};

/** How many replicas a workload has and shall have. */
export async function scaleObject(call: ApiCall): Promise<ApiAnswer> {
  const present = await expectPresent(call);
  if (call.method === 'GET') return answer(200, scaleOf(present));
  const given = parseJson(call.body);
  const replicas = call.contentType.endsWith('json-patch+json')
    ? at(
        listAt({ given }, 'given').find((each) => textAt(each, 'path') === '/spec/replicas'),
        'value',
      )
    : at(given, 'spec', 'replicas');
  if (typeof replicas !== 'number') throw badRequest('spec.replicas: Required value');
  const version = call.method === 'PUT' ? textAt(given, 'metadata', 'resourceVersion') : undefined;
  const body = JSON.stringify({
    ...(version === undefined ? {} : { metadata: { resourceVersion: version } }),
    spec: { replicas },
  });
  const merge = {
    ...call,
    method: 'PATCH',
    subresource: undefined,
    contentType: 'application/merge-patch+json',
    body,
  };
  const changed = await patchObject(merge);
  return answer(200, scaleOf(changed.body as unknown as KubeObject));
}

export async function statusOfObject(call: ApiCall): Promise<ApiAnswer> {
  if (call.method === 'GET') return answer(200, await expectPresent(call));
  return call.method === 'PUT' ? updateObject(call) : patchObject(call);
}

/** Binds a pod to a node, as a scheduler does. */
export async function bindPod(call: ApiCall): Promise<ApiAnswer> {
  const { objects, resource, namespace, name = '', context } = call;
  const target = textAt(parseJson(call.body), 'target', 'name');
  if (target === undefined) throw badRequest('target.name: Required value');
  const changed = await objects.change(resource, namespace, name, (pod) => {
    const bound = textAt(pod, 'spec', 'nodeName');
    if (bound !== undefined && bound !== '')
      throw conflict(resource, name, `pod ${name} is already assigned to node "${bound}"`);
    return boundTo(pod, target, timestamp(context.nowMs()));
  });
  if (changed === undefined) throw notFound(resource, name);
  return answer(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}

/** A pod with its node, and the condition that says since when. */
export function boundTo(pod: KubeObject, node: string, at: string): KubeObject {
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: at };
  const others = listAt(pod, 'status', 'conditions').filter(
    (each) => textAt(each, 'type') !== 'PodScheduled',
  );
  return {
    ...pod,
    spec: { ...objectAt(pod, 'spec'), nodeName: node },
    status: { ...objectAt(pod, 'status'), conditions: [...others, scheduled] },
  };
}

export const isReady = (pod: KubeObject): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  listAt(pod, 'status', 'conditions').some(
    (each) => textAt(each, 'type') === 'Ready' && textAt(each, 'status') === 'True',
  );

/** A count, or a percentage of the whole, rounded up as the disruption controller does. */
export function amountOf(value: unknown, whole: number): number | undefined {
  if (typeof value === 'number') return value;
  const percent = typeof value === 'string' ? /^(\d+)%$/.exec(value)?.[1] : undefined;
  return percent === undefined ? undefined : Math.ceil((whole * Number(percent)) / 100);
}

/** How many pods of a budget may be disrupted now. */
export function disruptionsAllowed(
  budget: KubeObject,
  pods: readonly KubeObject[],
  expected = pods.length,
): number {
  return Math.max(0, pods.filter(isReady).length - desiredHealthy(budget, expected));
}

/** How many pods of a budget must stay. */
export function desiredHealthy(budget: KubeObject, expected: number): number {
  const least = amountOf(at(budget, 'spec', 'minAvailable'), expected);
  const most = amountOf(at(budget, 'spec', 'maxUnavailable'), expected);
  return least ?? (most === undefined ? expected : Math.max(0, expected - most));
}

/** Deletes a pod unless a budget forbids it. @throws Refusal TooManyRequests. */
export async function evictPod(call: ApiCall): Promise<ApiAnswer> {
  const { objects, resource, namespace } = call;
  const given = call.body.trim() === '' ? {} : parseJson(call.body);
  const pod = await expectPresent(call);
  const budgets = (await objects.list(BUDGETS, namespace)).objects.filter((budget) =>
    selectorMatches(at(budget, 'spec', 'selector'), pod.metadata.labels ?? {}),
  );
  const pods = budgets.length === 0 ? [] : (await objects.list(resource, namespace)).objects;
  for (const budget of isReady(pod) ? budgets : []) {
    const covered = pods.filter((each) =>
      selectorMatches(at(budget, 'spec', 'selector'), each.metadata.labels ?? {}),
    );
    const expected = numberAt(budget, 'status', 'expectedPods') ?? covered.length;
    if (disruptionsAllowed(budget, covered, Math.max(expected, covered.length)) > 0) continue;
    const { name } = budget.metadata;
    const message = `The disruption budget ${name} does not allow evicting pods currently`;
    throw new Refusal(
      429,
      'TooManyRequests',
      "Cannot evict pod as it would violate the pod's disruption budget.",
      {
        causes: [{ reason: 'DisruptionBudget', message }],
      },
    );
  }
  if (isDryRun(call)) return answer(201, successStatus({}));
  await deleteWith(call, {
    graceSeconds: numberAt(given, 'deleteOptions', 'gracePeriodSeconds'),
    uid: textAt(given, 'deleteOptions', 'preconditions', 'uid'),
    resourceVersion: undefined,
    orphan: false,
  });
  return answer(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}

/** What the asking user may do; reviews are computed and never stored. */
export function reviewAccess(
  plural: string,
  given: unknown,
  admin: boolean,
  token: (n: number) => string,
): Json {
  const READ = ['get', 'list', 'watch'];
  const metadata = { uid: uuidOf(token), creationTimestamp: null };
  const common = { apiVersion: 'authorization.k8s.io/v1', metadata };
  if (plural === 'selfsubjectaccessreviews') {
    const verb =
      textAt(given, 'spec', 'resourceAttributes', 'verb') ??
      textAt(given, 'spec', 'nonResourceAttributes', 'verb') ??
      '';
    const status = { allowed: admin || READ.includes(verb) };
    return { kind: 'SelfSubjectAccessReview', ...common, spec: objectAt(given, 'spec'), status };
  }
  const verbs = admin ? ['*'] : READ;
  const status = {
    resourceRules: [{ verbs, apiGroups: ['*'], resources: ['*'] }],
    nonResourceRules: [{ verbs, nonResourceURLs: ['*'] }],
    incomplete: false,
  };
  return { kind: 'SelfSubjectRulesReview', ...common, spec: objectAt(given, 'spec'), status };
}
