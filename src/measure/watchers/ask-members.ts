import { HarnessError } from '../../model/errors.ts';
import type { KubernetesApi, KubernetesObject } from '../../ports/kubernetes.ts';
import type { Fact, NameChange } from './follow-collection.ts';
import type { WatcherTools } from './watcher.ts';

/** A member of a group that runs in a pod, such as one server of a database. */
export interface Member {
  readonly name: string;
  /** Whether its pod counts as ready. */
  readonly ready: boolean;
  /** What it said on the port that it was asked on; undefined when it did not answer, or was not asked. */
  readonly said?: unknown;
}

/** Of one member; one that is silent for longer is silent. */
const TIMEOUT = { ms: 2000 };

/**
 * All members with these labels, each asked through the Kubernetes API: that reaches pods from wherever the API is reached.
 * @param ask where each is asked; absent: nothing is asked, and only readiness is known.
 * @throws SQ_AUTH, SQ_UNREACHABLE, SQ_BAD_ANSWER when the API cannot say which members there are.
 */
export async function askMembers(
  { kubernetes }: WatcherTools,
  labelSelector: string,
  ask: { readonly port: number; readonly path: string } | undefined,
  signal: AbortSignal,
): Promise<readonly Member[]> {
  if (kubernetes === undefined)
    throw new HarnessError('SQ_UNREACHABLE', 'There is no Kubernetes API to ask.');
  const pods = await kubernetes.list('/api/v1/pods', { labelSelector, signal });
  return Promise.all(
    pods.map(async (pod) => {
      const member = { name: pod.metadata.name, ready: isReady(pod) };
      const said = ask === undefined ? undefined : await askPod(kubernetes, pod, ask, signal);
      return said === undefined ? member : { ...member, said };
    }),
  );
}

async function askPod(
  kubernetes: KubernetesApi,
  { metadata: { namespace = '', name } }: KubernetesObject,
  { port, path }: { readonly port: number; readonly path: string },
  signal: AbortSignal,
): Promise<unknown> {
  try {
    const url = `/api/v1/namespaces/${namespace}/pods/${name}:${port}/proxy${path}`;
    const { status, body } = await kubernetes.request({ method: 'GET', path: url, timeout: TIMEOUT, signal });
    return status === 200 ? body : undefined;
  } catch (error) {
    // That the member does not answer is news about it; that we were stopped is none.
    if (signal.aborted) throw error;
    return undefined;
  }
}

function isReady({ status }: KubernetesObject): boolean {
  const { conditions = [] } = (status ?? {}) as {
    readonly conditions?: readonly { readonly type?: string; readonly status?: string }[];
  };
  return conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
}

/** Words for a member that does what it is there for. */
const WELL: ReadonlySet<string> = new Set(['synced', 'donor', 'ready']);

const isWell = (fact: Fact | undefined): boolean => fact !== undefined && WELL.has(fact.value);

/** `member-out` and `member-back` about a member, `member-state` for what lies between, and `<about>-size` about all of them. */
export const nameMemberChange: NameChange = (was, is) => {
  const about = (is ?? was)?.about ?? '';
  const between = isWell(was) === isWell(is);
  const change = about.includes('/')
    ? between
      ? 'member-state'
      : isWell(is)
        ? 'member-back'
        : 'member-out'
    : `${about}-size`;
  return {
    change,
    ...(was === undefined ? {} : { was: was.value }),
    ...(is === undefined ? {} : { is: is.value }),
  };
};

/** What is true of members, each by a word for its state, and of all of them by their number. */
export function factsOfMembers(
  group: string,
  members: readonly { readonly name: string; readonly state: string }[],
  size: number,
): readonly Fact[] {
  if (members.length === 0) return [];
  const states = members.map(({ name, state }) => ({ key: name, about: `${group}/${name}`, value: state }));
  return [...states, { key: group, about: group, value: String(size) }];
}
