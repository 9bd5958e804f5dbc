import { describeError, HarnessError } from '../model/errors.ts';
import type { KubernetesApi } from '../ports/kubernetes.ts';
import type { FoundMarks, Mark } from '../ports/mark.ts';
import { taggedObjects } from './tagged-objects.ts';

/** Kinds that suites and probes make, across all namespaces. */
const KINDS: readonly (readonly [group: string, kind: string])[] = [
  ['/api/v1', 'pods'],
  ['/api/v1', 'configmaps'],
  ['/api/v1', 'secrets'],
  ['/api/v1', 'services'],
  ['/api/v1', 'persistentvolumeclaims'],
  ['/apis/apps/v1', 'deployments'],
  ['/apis/apps/v1', 'statefulsets'],
  ['/apis/batch/v1', 'jobs'],
  ['/api/v1', 'namespaces'],
];

/** Objects of Kubernetes that carry our label, for when the ledger is gone. */
export async function labelledObjects(kubernetes: KubernetesApi, signal: AbortSignal): Promise<FoundMarks> {
  const marks: Mark[] = [];
  const troubles: string[] = [];
  for (const [group, kind] of KINDS) {
    try {
      marks.push(...(await ofKind(group, kind, kubernetes, signal)));
    } catch (error) {
      // A cluster that does not know the kind has none of it.
      if (error instanceof HarnessError && error.facts['status'] === 404) continue;
      troubles.push(`Nobody could look for ${kind} of ours: ${describeError(error)}`);
      // An API that is down would be waited for once for each kind.
      if (error instanceof HarnessError && error.code === 'SQ_UNREACHABLE') break;
    }
  }
  return { marks, troubles };
}

async function ofKind(
  group: string,
  kind: string,
  kubernetes: KubernetesApi,
  signal: AbortSignal,
): Promise<readonly Mark[]> {
  const found = await taggedObjects(
    { system: 'kubernetes', collection: `${group}/${kind}` },
    { kubernetes },
    signal,
  );
  return found.map(({ name, id, namespace, run }) => ({
    id: `${kind} ${namespace ?? ''}/${name} ${id}`,
    ...(run === undefined ? {} : { run }),
    says: `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`,
    async heal(abort) {
      const place = namespace === undefined ? group : `${group}/namespaces/${encodeURIComponent(namespace)}`;
      const path = `${place}/${kind}/${encodeURIComponent(name)}`;
      await kubernetes.delete(path, { uid: id, propagation: 'Background', signal: abort });
    },
  }));
}
