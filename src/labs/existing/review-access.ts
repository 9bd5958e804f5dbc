import { HarnessError } from '../../model/errors.ts';
import type { KubernetesApi } from '../../ports/kubernetes.ts';
import type { AccessFamily, AccessRule } from './needed-access.ts';

/** What a cluster says of one rule: the verbs that it refuses, or that it could not be asked. */
export interface ReviewedRule {
  /** In words, such as `leases.coordination.k8s.io in kube-system`. */
  readonly about: string;
  readonly refused: readonly string[];
  /** Why it is not known; absent when the cluster answered for every verb. */
  readonly unknown?: string;
}

export interface ReviewedFamily {
  readonly family: AccessFamily;
  readonly rules: readonly ReviewedRule[];
}

const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

/** Asks the cluster, verb by verb, what this user may do (kubernetes.io, SelfSubjectAccessReview v1). Changes nothing. */
export async function reviewAccess(
  kubernetes: Pick<KubernetesApi, 'request'>,
  families: readonly AccessFamily[],
  signal: AbortSignal,
): Promise<readonly ReviewedFamily[]> {
  const reviewed: ReviewedFamily[] = [];
  // One family after the other: a cluster that is short of breath is not asked sixty things at once.
  for (const family of families) {
    const rules = family.rules.map((rule) => reviewRule(kubernetes, rule, signal));
    const paths = (family.paths ?? []).map((path) => reviewPath(kubernetes, path, signal));
    reviewed.push({ family, rules: await Promise.all([...rules, ...paths]) });
  }
  return reviewed;
}

async function reviewRule(
  kubernetes: Pick<KubernetesApi, 'request'>,
  rule: AccessRule,
  signal: AbortSignal,
): Promise<ReviewedRule> {
  const [resource = '', subresource] = rule.resource.split('/');
  const { group, namespace } = rule;
  const asked = rule.verbs.flatMap((verb) =>
    (rule.names ?? [undefined]).map(async (name) => {
      const attributes = {
        verb,
        group,
        resource,
        ...(subresource === undefined ? {} : { subresource }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(name === undefined ? {} : { name }),
      };
      return { verb, answer: await review(kubernetes, { resourceAttributes: attributes }, signal) };
    }),
  );
  const where = namespace === undefined ? '' : ` in ${namespace}`;
  const names = rule.names === undefined ? '' : ` ${rule.names.join(', ')}`;
  const full = group === '' ? rule.resource : `${rule.resource}.${group}`;
  return summary(`${full}${names}${where}`, await Promise.all(asked));
}

async function reviewPath(
  kubernetes: Pick<KubernetesApi, 'request'>,
  path: string,
  signal: AbortSignal,
): Promise<ReviewedRule> {
  const answer = await review(kubernetes, { nonResourceAttributes: { path, verb: 'get' } }, signal);
  return summary(path, [{ verb: 'get', answer }]);
}

/** `yes`, `no`, or why it is not known. */
type Answer = { readonly allowed: boolean } | { readonly unknown: string };

async function review(
  kubernetes: Pick<KubernetesApi, 'request'>,
  spec: object,
  signal: AbortSignal,
): Promise<Answer> {
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec };
  try {
    const answer = await kubernetes.request<{
      readonly status?: { readonly allowed?: unknown; readonly evaluationError?: unknown };
    }>({ method: 'POST', path: REVIEWS, body, signal });
    const allowed = answer.body?.status?.allowed;
    if (answer.status === 201 && typeof allowed === 'boolean') return { allowed };
    return { unknown: `the cluster answered a review with ${answer.status}` };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HarnessError) return { unknown: error.message };
    throw error;
  }
}

function summary(
  about: string,
  asked: readonly { readonly verb: string; readonly answer: Answer }[],
): ReviewedRule {
  const verbs = (of: (answer: Answer) => boolean): readonly string[] => [
    ...new Set(asked.filter(({ answer }) => of(answer)).map(({ verb }) => verb)),
  ];
  const [unknown] = asked.flatMap(({ answer }) => ('unknown' in answer ? [answer.unknown] : []));
  return {
    about,
    refused: verbs((answer) => 'allowed' in answer && !answer.allowed),
    ...(unknown === undefined ? {} : { unknown }),
  };
}
