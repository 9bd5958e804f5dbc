import { HarnessError } from '../model/errors.ts';
import type { HealingEntry } from '../model/injection.ts';
import type { BoundTarget } from '../model/schedule.ts';
import type { Clock } from '../ports/clock.ts';
import type { KubernetesApi, KubernetesObject } from '../ports/kubernetes.ts';
import { nodePath } from './pods.ts';

/** On a node that we cordoned: the id of the healing entry, so that only our own cordon is ever taken off, and is found again. */
export const CORDON_MARK = 'squall.dev/cordoned-by';

interface CordonTools {
  readonly api: KubernetesApi;
  readonly clock: Clock;
}

/** A node as far as cordons go. */
export interface CordonState {
  readonly node: string;
  readonly unschedulable: boolean;
  /** The entry that cordoned it, by its mark. */
  readonly mark: string | undefined;
}

/** Kubelets write to their node too; a change that met another one is made again. */
const MOST_CONFLICTS = 20;
const TRY_AGAIN_AFTER = { ms: 100 };

/** By which a healer in another process knows that it speaks to the same cluster. */
const clusterOf = async (api: KubernetesApi, signal: AbortSignal): Promise<string> =>
  (await api.get('/api/v1/namespaces/kube-system', signal))?.metadata.uid ?? '';

/** The state before, for nodes that take pods. @throws SQ_INJECT_FAILED when one is cordoned already, whoever did that. */
export async function refuseUnlessOpen(
  targets: readonly BoundTarget[],
  api: KubernetesApi,
  fault: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  for (const { node } of targets) {
    const { unschedulable, mark } = stateOf(node, await api.get(nodePath(node), signal));
    if (!unschedulable && mark === undefined) continue;
    const by = mark === undefined ? 'by somebody else' : `by ${mark}`;
    throw new HarnessError(
      'SQ_INJECT_FAILED',
      `Node ${node} is cordoned already, ${by}, so ${fault} leaves it alone.`,
      { remedy: 'Uncordon it, or have the plan choose another node.' },
    );
  }
  return { cluster: await clusterOf(api, signal), schedulable: targets.map(({ node }) => node) };
}

/** Cordons and marks in one change. @throws SQ_INJECT_FAILED when somebody else was faster. @throws SQ_TARGET_CHANGED */
export function cordon(
  { node, uid }: BoundTarget,
  entry: HealingEntry,
  tools: CordonTools,
  signal: AbortSignal,
): Promise<void> {
  return change(node, tools, signal, (present) => {
    if (present?.metadata.uid !== uid)
      throw new HarnessError('SQ_TARGET_CHANGED', `Node ${node} was replaced before it could be cordoned.`);
    const { unschedulable, mark } = stateOf(node, present);
    if (mark === entry.id) return undefined;
    if (unschedulable) {
      throw new HarnessError('SQ_INJECT_FAILED', `Node ${node} was cordoned by somebody else meanwhile.`);
    }
    return { metadata: { annotations: { [CORDON_MARK]: entry.id } }, spec: { unschedulable: true } };
  });
}

/** Takes off the cordon with our mark, and no other. @throws SQ_LAB when this is another cluster than the one of the entry. */
export async function uncordon(
  { node, uid }: BoundTarget,
  entry: HealingEntry,
  tools: CordonTools,
  signal: AbortSignal,
): Promise<void> {
  await refuseOtherCluster(entry, tools.api, signal);
  return change(node, tools, signal, (present) => {
    // A node that was made anew has nothing of ours.
    if (present?.metadata.uid !== uid || stateOf(node, present).mark !== entry.id) return undefined;
    return { metadata: { annotations: { [CORDON_MARK]: null } }, spec: { unschedulable: null } };
  });
}

/** How the nodes of an entry are now. @throws SQ_LAB when this is another cluster than the one of the entry. */
export async function cordonsOf(
  entry: HealingEntry,
  api: KubernetesApi,
  signal: AbortSignal,
): Promise<readonly CordonState[]> {
  await refuseOtherCluster(entry, api, signal);
  return Promise.all(
    entry.targets.map(async ({ node }) => stateOf(node, await api.get(nodePath(node), signal))),
  );
}

/** A kubeconfig that names another cluster by now would find nothing to do there, and call that healed. */
async function refuseOtherCluster(
  { before, targets }: HealingEntry,
  api: KubernetesApi,
  signal: AbortSignal,
): Promise<void> {
  const { cluster } = before;
  if (typeof cluster !== 'string' || cluster === (await clusterOf(api, signal))) return;
  throw new HarnessError(
    'SQ_LAB',
    `This is another cluster than the one on which ${targets.map(({ node }) => node).join(', ')} was cordoned.`,
    { remedy: 'Run `squall heal` with the `--kubeconfig` and `--context` of that run.' },
  );
}

function stateOf(node: string, present: KubernetesObject | undefined): CordonState {
  const { unschedulable } = (present?.['spec'] ?? {}) as { readonly unschedulable?: boolean };
  return {
    node,
    unschedulable: unschedulable === true,
    mark: present?.metadata.annotations?.[CORDON_MARK],
  };
}

/** Reads, decides and writes on the version that was read, so that nobody's change in between is lost. */
async function change(
  node: string,
  { api, clock }: CordonTools,
  signal: AbortSignal,
  decide: (present: KubernetesObject | undefined) => { metadata: object; spec: object } | undefined,
): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const present = await api.get(nodePath(node), signal);
    const wanted = decide(present);
    if (wanted === undefined) return;
    const { resourceVersion } = present?.metadata ?? {};
    const body = { ...wanted, metadata: { ...wanted.metadata, resourceVersion } };
    const { status, body: answer } = await api.request({
      method: 'PATCH',
      path: nodePath(node),
      headers: { 'content-type': 'application/merge-patch+json' },
      body,
      signal,
    });
    if (status >= 200 && status < 300) return;
    if (status !== 409 || tries >= MOST_CONFLICTS) {
      const says = (answer as { readonly message?: unknown } | null)?.message;
      throw new HarnessError(
        'SQ_BAD_ANSWER',
        `The cluster answered ${status} to a change of node ${node}${typeof says === 'string' ? `: ${says}` : ''}.`,
        { definite: status >= 400 && status < 500 },
      );
    }
    await clock.sleep(TRY_AGAIN_AFTER, signal);
  }
}
