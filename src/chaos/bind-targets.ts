import { HarnessError } from '../model/errors.ts';
import {
  describeTarget,
  type BoundTarget,
  type ScheduledFault,
  type TargetIdentity,
} from '../model/schedule.ts';
import type { Topology } from '../model/topology.ts';
import { nodeOf, UnknownTarget } from './count-losses.ts';
import type { FaultTools } from './fault.ts';
import { sortIdentities } from './select-candidates.ts';

export interface BoundStep {
  readonly targets: readonly BoundTarget[];
  readonly from: readonly BoundTarget[];
}

/**
 * Resolves identities on the live state: this very pod, this very node. A role that moves becomes the node that holds it now.
 * @throws SQ_TARGET_NONE when a target is not there.
 */
export function bindTargets(
  step: Pick<ScheduledFault, 'id' | 'targets' | 'from'>,
  topology: Topology,
): BoundStep {
  const bind = (target: TargetIdentity): BoundTarget => {
    try {
      return target.subject === 'pod' ? bindPod(target, topology) : bindNode(target, topology);
    } catch (error) {
      if (!(error instanceof UnknownTarget)) throw error;
      const says = `Step ${step.id}: ${describeTarget(target)} cannot be hurt, because ${error.message}.`;
      throw new HarnessError('SQ_TARGET_NONE', says, { cause: error });
    }
  };
  const targets = step.targets.map(bind);
  if (step.from.length > 0 || !targets.some(({ subject }) => subject === 'link')) {
    return { targets, from: step.from.map(bind) };
  }
  const chosen = new Set(targets.map(({ node }) => node));
  const others = topology.nodes.filter(({ name }) => !chosen.has(name));
  return { targets, from: sortIdentities(others.map(({ name }) => bind({ subject: 'link', node: name }))) };
}

function bindPod(target: TargetIdentity, topology: Topology): BoundTarget {
  const member = topology.live.members.find(
    ({ service, rank }) => service === target.service && rank === target.rank,
  );
  const service = topology.services.find(({ id }) => id === target.service);
  if (member === undefined || service === undefined) throw new UnknownTarget('it does not run now');
  return { ...target, name: member.name, namespace: service.namespace, uid: member.uid, node: member.node };
}

function bindNode(target: TargetIdentity, topology: Topology): BoundTarget {
  const name = nodeOf(target, topology);
  const node = topology.live.nodes.find((live) => live.name === name);
  if (node === undefined) throw new UnknownTarget(`node ${name} is not there now`);
  return { ...target, name: target.unit ?? name, node: name, uid: node.uid };
}

/**
 * Looks once more, right before the act, whether every target is still the one that the proof spoke of.
 * @param rediscover used where there is no Kubernetes API that could be asked for single objects.
 * @throws SQ_TARGET_CHANGED
 */
export async function confirmTargets(
  { targets, from }: BoundStep,
  tools: Pick<FaultTools, 'kubernetes'>,
  rediscover: () => Promise<Topology>,
  signal: AbortSignal,
): Promise<void> {
  const bound = [...targets, ...from];
  const uids =
    tools.kubernetes === undefined
      ? uidsOf(bound, await rediscover())
      : await askEach(bound, tools.kubernetes, signal);
  const changed = bound.filter((target, n) => uids[n] !== target.uid);
  if (changed.length === 0) return;
  throw new HarnessError(
    'SQ_TARGET_CHANGED',
    `${changed.map((target) => `${describeTarget(target)} (${target.name})`).join(', ')} was replaced between the proof and the act, so nothing was touched.`,
    { facts: { changed: changed.map(({ name, uid }) => ({ name, uid })) } },
  );
}

async function askEach(
  bound: readonly BoundTarget[],
  api: NonNullable<FaultTools['kubernetes']>,
  signal: AbortSignal,
): Promise<readonly (string | undefined)[]> {
  return Promise.all(
    bound.map(async ({ subject, namespace, name, node }) => {
      const path =
        subject === 'pod'
          ? `/api/v1/namespaces/${encodeURIComponent(namespace ?? '')}/pods/${encodeURIComponent(name)}`
          : `/api/v1/nodes/${encodeURIComponent(node)}`;
      return (await api.get(path, signal))?.metadata.uid;
    }),
  );
}

function uidsOf(bound: readonly BoundTarget[], { live }: Topology): readonly (string | undefined)[] {
  return bound.map(({ subject, name, node }) =>
    subject === 'pod'
      ? live.members.find((member) => member.name === name)?.uid
      : live.nodes.find((known) => known.name === node)?.uid,
  );
}
