import { HarnessError } from '../model/errors.ts';
import {
  describeTarget,
  type BoundTarget,
  type ScheduledFault,
  type TargetIdentity,
} from '../model/schedule.ts';
import type { Topology } from '../model/topology.ts';
import type { KubernetesObject } from '../ports/kubernetes.ts';
import { nodeOf, UnknownTarget } from './count-losses.ts';
import type { FaultTools } from './fault.ts';
import { nodePath, podPath } from './pods.ts';
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
  if (member.uid === '') throw new UnknownTarget('it has no UID, so it could not be told from its successor');
  return { ...target, name: member.name, namespace: service.namespace, uid: member.uid, node: member.node };
}

function bindNode(target: TargetIdentity, topology: Topology): BoundTarget {
  const name = nodeOf(target, topology);
  const node = topology.live.nodes.find((live) => live.name === name);
  if (node === undefined) throw new UnknownTarget(`node ${name} is not there now`);
  if (node.uid === '')
    throw new UnknownTarget(`node ${name} has no UID, so it could not be told from another`);
  const { uid, boot, provider, said } = node;
  return {
    ...target,
    name: target.unit ?? name,
    node: name,
    uid,
    ...(boot === undefined ? {} : { boot }),
    ...(provider === undefined ? {} : { provider }),
    ...(said === undefined ? {} : { said }),
  };
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
  const now =
    tools.kubernetes === undefined
      ? lookUp(bound, await rediscover())
      : await askEach(bound, tools.kubernetes, signal);
  const changed = bound.flatMap((target, n) => {
    const why = whyChanged(target, now[n]);
    return why === undefined ? [] : [{ target, why }];
  });
  if (changed.length === 0) return;
  const says = changed
    .map(({ target, why }) => `${describeTarget(target)} (${target.name}) ${why}`)
    .join('; ');
  throw new HarnessError(
    'SQ_TARGET_CHANGED',
    `${says} between the proof and the act, so nothing was touched.`,
    { facts: { changed: changed.map(({ target: { name, uid }, why }) => ({ name, uid, why })) } },
  );
}

/** What tells one target from another of the same name, as it is now. */
interface Identity {
  readonly uid?: string | undefined;
  readonly node?: string | undefined;
  readonly boot?: string | undefined;
  readonly provider?: string | undefined;
  readonly leaving?: boolean;
}

/** undefined while it is the very same. What was not known at the proof cannot be compared; what was known must still be said. */
function whyChanged(target: BoundTarget, now: Identity | undefined): string | undefined {
  if (now === undefined) return 'disappeared';
  if (now.uid !== target.uid) return 'was replaced';
  if (now.leaving === true) return 'was told to go';
  if (target.subject === 'pod')
    return now.node === target.node
      ? undefined
      : `moved to ${now.node === undefined || now.node === '' ? 'no node' : now.node}`;
  if (target.provider !== undefined && now.provider !== target.provider) return 'became another machine';
  if (target.boot !== undefined && now.boot !== target.boot) return 'was started again';
  return undefined;
}

async function askEach(
  bound: readonly BoundTarget[],
  api: NonNullable<FaultTools['kubernetes']>,
  signal: AbortSignal,
): Promise<readonly (Identity | undefined)[]> {
  return Promise.all(
    bound.map(async (target) => {
      const object = await api.get(
        target.subject === 'pod' ? podPath(target) : nodePath(target.node),
        signal,
      );
      return object === undefined ? undefined : identityOf(object);
    }),
  );
}

function identityOf({ metadata, spec, status }: KubernetesObject): Identity {
  const { nodeName, providerID } = (spec ?? {}) as {
    readonly nodeName?: string;
    readonly providerID?: string;
  };
  const { nodeInfo } = (status ?? {}) as { readonly nodeInfo?: { readonly bootID?: string } | null };
  return {
    uid: metadata.uid,
    node: nodeName,
    boot: nodeInfo?.bootID,
    provider: providerID,
    leaving: metadata.deletionTimestamp !== undefined,
  };
}

function lookUp(bound: readonly BoundTarget[], { live }: Topology): readonly (Identity | undefined)[] {
  return bound.map(({ subject, service, rank, name, node }): Identity | undefined =>
    subject === 'pod'
      ? live.members.find(
          (member) => member.service === service && member.rank === rank && member.name === name,
        )
      : live.nodes.find((known) => known.name === node),
  );
}
