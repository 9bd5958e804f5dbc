import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { AccessFamily, AccessRule } from '../../../src/labs/existing/needed-access.ts';
import type { Asked } from './recording-proxy.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly {
    readonly apiGroups?: readonly string[];
    readonly resources?: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly nonResourceURLs?: readonly string[];
    readonly verbs: readonly string[];
  }[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace: string }[];
  readonly [field: string]: unknown;
}

export function readManifest(file: string): readonly Manifest[] {
  const documents = parseAllDocuments(readFileSync(join('docs', 'rbac', file), 'utf8'));
  return documents.map((document) => {
    if (document.errors.length > 0) throw new Error(`${file}: ${document.errors.join(', ')}`);
    return document.toJS() as Manifest;
  });
}

/** What a file grants, through roles that a binding of the file gives to Squall's own account; one line for each verb. */
export function grantsOf(manifests: readonly Manifest[]): readonly string[] {
  const bound = manifests.filter(
    ({ kind, subjects }) =>
      kind.endsWith('RoleBinding') &&
      subjects?.every(
        (each) => each.kind === 'ServiceAccount' && each.name === 'squall' && each.namespace === 'squall',
      ) === true,
  );
  const isBound = (role: Manifest): boolean =>
    bound.some(
      ({ roleRef, metadata }) =>
        roleRef?.kind === role.kind &&
        roleRef.name === role.metadata.name &&
        metadata.namespace === role.metadata.namespace,
    );
  const roles = manifests.filter((each) => /^(Cluster)?Role$/.test(each.kind) && isBound(each));
  return roles
    .flatMap(({ metadata, rules = [] }) =>
      rules.flatMap((rule) => {
        if (rule.nonResourceURLs) return rule.nonResourceURLs.map((path) => `get ${path}`);
        return (rule.apiGroups ?? []).flatMap((group) =>
          (rule.resources ?? []).flatMap((resource) =>
            linesOf({
              group,
              resource,
              verbs: rule.verbs,
              ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
              ...(rule.resourceNames === undefined ? {} : { names: rule.resourceNames }),
            }),
          ),
        );
      }),
    )
    .sort();
}

const linesOf = ({ group, resource, verbs, namespace, names }: AccessRule): readonly string[] =>
  verbs.map((verb) =>
    [verb, `${group}/${resource}`, namespace ?? 'everywhere', names?.join() ?? 'any name'].join(' '),
  );

export const needsOf = ({ rules, paths = [] }: AccessFamily): readonly string[] =>
  [...rules.flatMap(linesOf), ...paths.map((path) => `get ${path}`)].sort();

/** Whether a request is let through by the rules of some families. */
export function isGranted(asked: Asked, families: readonly AccessFamily[]): boolean {
  return families.some(({ rules, paths = [] }) =>
    asked.path !== undefined
      ? asked.verb === 'get' && paths.some((path) => pathMatches(path, asked.path ?? ''))
      : rules.some((rule) => letsThrough(rule, asked)),
  );
}

const pathMatches = (pattern: string, path: string): boolean =>
  pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path;

export const letsThrough = (rule: AccessRule, asked: Asked): boolean =>
  rule.group === asked.group &&
  rule.resource === asked.resource &&
  rule.verbs.includes(asked.verb) &&
  (rule.namespace === undefined || rule.namespace === asked.namespace) &&
  (rule.names === undefined || (asked.name !== undefined && rule.names.includes(asked.name)));
