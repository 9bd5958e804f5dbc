import { ACCESS_FAMILIES } from '../labs/existing/needed-access.ts';
import { reviewAccess, type ReviewedFamily } from '../labs/existing/review-access.ts';
import type { KubernetesApi } from '../ports/kubernetes.ts';
import { finding, type Finding } from './finding.ts';

/** What the cluster lets this user do, use by use: each refusal with the manifest that grants it. */
export async function lookAtAccess(
  kubernetes: Pick<KubernetesApi, 'request'>,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const families = await reviewAccess(kubernetes, ACCESS_FAMILIES, signal);
  return nothingCouldBeAsked(families) ?? families.flatMap(findingsOf);
}

/** One line and not one for each use, where the cluster answers nothing. */
export function nothingCouldBeAsked(families: readonly ReviewedFamily[]): readonly Finding[] | undefined {
  const reasons = families.flatMap(({ rules }) => rules.map(({ unknown }) => unknown));
  const [reason] = reasons;
  if (reason === undefined || reasons.includes(undefined)) return undefined;
  return [
    { check: 'access', result: 'unknown', says: `nothing could be asked about: ${reason}`, remedy: ASK },
  ];
}

const ASK = 'Ask an administrator what this user may do: `kubectl auth can-i --list`.';

/** What only some plans need is marked as optional: a refusal there is no reason to refuse a run. */
function findingsOf({ family, rules }: ReviewedFamily): readonly Finding[] {
  const check = `${family.needed ? '' : 'optional '}access ${family.name}`;
  const refused = rules.filter((rule) => rule.refused.length > 0);
  const unknown = rules.filter((rule) => rule.unknown !== undefined);
  if (refused.length === 0 && unknown.length === 0)
    return [finding(check, true, `all ${rules.length} rules are granted`, '')];
  const remedy = `kubectl apply -f docs/rbac/${family.manifest}`;
  return [
    ...refused.map(({ about, refused: verbs }) =>
      finding(check, false, `may not ${verbs.join(', ')} ${about}. ${family.without}`, remedy),
    ),
    ...(unknown.length === 0
      ? []
      : [
          {
            check,
            result: 'unknown' as const,
            says: `${unknown.length} of ${rules.length} rules could not be asked about: ${unknown[0]?.unknown ?? ''}`,
            remedy: ASK,
          },
        ]),
  ];
}
