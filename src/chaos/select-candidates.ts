import type { FaultSubject } from '../model/catalogue.ts';
import type { Limits, Selector } from '../model/plan.ts';
import { describeTarget, type TargetIdentity } from '../model/schedule.ts';
import type { Service, Topology, TopologyNode } from '../model/topology.ts';

/** What a selector names, before `mode` chooses among it. */
export interface Candidates {
  /** By stable identity, sorted. */
  readonly found: readonly TargetIdentity[];
  /** Matched as well, but protected: why each was left out. */
  readonly leftOut: readonly string[];
  /** How many things of this kind there are in all. */
  readonly outOf: number;
}

interface Candidate {
  readonly identity: TargetIdentity;
  readonly service?: Service;
  readonly node?: TopologyNode;
}

/** A role that moves between nodes at run time, by its holder's name in `LiveState.holders`; undefined for all others. */
export function movingRole(role: string | undefined): string | undefined {
  return role === undefined ? undefined : /^(.+)-(?:holder|leader)$/.exec(role)?.[1];
}

/** Everything that a selector names and that is not protected. Pure: only stable identities are looked at. */
export function selectCandidates(
  selector: Selector,
  subject: FaultSubject,
  topology: Omit<Topology, 'live'>,
  limits: Limits,
): Candidates {
  const all = everything(subject, topology);
  const matched = all.filter((candidate) => matches(selector, candidate));
  const leftOut: string[] = [];
  const found: TargetIdentity[] = [];
  for (const candidate of matched) {
    const why = protectedBy(candidate, limits);
    if (why === undefined) found.push(candidate.identity);
    else leftOut.push(`${describeTarget(candidate.identity)}: ${why}`);
  }
  return { found: sortIdentities(found), leftOut: leftOut.sort(), outOf: all.length };
}

/** One text for each thing that can be hurt; sorts the same on every machine. */
export function identityKey({ service, rank, node, unit, holderOf }: TargetIdentity): string {
  if (holderOf !== undefined)
    return unit === undefined ? `holder of ${holderOf}` : `${unit} on the holder of ${holderOf}`;
  if (unit !== undefined) return `${unit} on ${node ?? ''}`;
  if (service !== undefined) return `${service}#${String(rank ?? 0).padStart(4, '0')}`;
  return `node ${node ?? ''}`;
}

export function sortIdentities<T extends TargetIdentity>(identities: readonly T[]): readonly T[] {
  const keyed = identities.map((identity) => ({ identity, key: identityKey(identity) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed.map(({ identity }) => identity);
}

function everything(subject: FaultSubject, topology: Omit<Topology, 'live'>): readonly Candidate[] {
  if (subject === 'pod') return topology.services.filter(({ kind }) => kind !== 'unit').flatMap(podsOf);
  if (subject === 'unit') return topology.nodes.flatMap((node) => unitsOf(node, topology.services));
  return topology.nodes.map((node) => ({ identity: { subject, node: node.name }, node }));
}

function podsOf(service: Service): readonly Candidate[] {
  return service.members.map(({ rank }) => ({
    identity: { subject: 'pod', service: service.id, rank },
    service,
  }));
}

function unitsOf(node: TopologyNode, services: readonly Service[]): readonly Candidate[] {
  return node.units.map((unit) => {
    const service = services.find(
      (known) =>
        known.kind === 'unit' &&
        known.unit === unit &&
        known.members.some((member) => member.node === node.name),
    );
    const rank = service?.members.find((member) => member.node === node.name)?.rank;
    return {
      identity: {
        subject: 'unit',
        unit,
        node: node.name,
        ...(service === undefined ? {} : { service: service.id }),
        ...(rank === undefined ? {} : { rank }),
      },
      node,
      ...(service === undefined ? {} : { service }),
    };
  });
}

function matches(selector: Selector, { identity, service, node }: Candidate): boolean {
  const { role, labels } = selector;
  if (role !== undefined && !service?.roles.includes(role) && !node?.roles.includes(role)) return false;
  if (!namesMatch(selector, service)) return false;
  if (selector.unit !== undefined && identity.unit !== selector.unit) return false;
  if (selector.node !== undefined && nodeOf(identity, service) !== selector.node) return false;
  const carried = { ...node?.labels, ...service?.labels };
  return Object.entries(labels ?? {}).every(([key, value]) => carried[key] === value);
}

function namesMatch(selector: Selector, service: Service | undefined): boolean {
  if (selector.service !== undefined && service?.service !== selector.service) return false;
  if (selector.namespace !== undefined && service?.namespace !== selector.namespace) return false;
  return selector.workload === undefined || service?.workload === selector.workload;
}

/** A service by what it is alone, wherever it runs. */
export function serviceMatches(selector: Omit<Selector, 'node' | 'unit'>, service: Service): boolean {
  if (selector.role !== undefined && !service.roles.includes(selector.role)) return false;
  if (!namesMatch(selector, service)) return false;
  return Object.entries(selector.labels ?? {}).every(([key, value]) => service.labels[key] === value);
}

/** Where it is expected: a pod that a schedule may choose by node is one whose member has a place there. */
function nodeOf({ node, rank }: TargetIdentity, service: Service | undefined): string | undefined {
  return node ?? service?.members.find((member) => member.rank === rank)?.node;
}

function protectedBy({ identity, service }: Candidate, limits: Limits): string | undefined {
  const node = nodeOf(identity, service);
  if (node !== undefined && limits.protectedNodes.includes(node)) return `node ${node} is protected`;
  if (service !== undefined && limits.protectedNamespaces.includes(service.namespace)) {
    return `namespace ${service.namespace} is protected`;
  }
  return undefined;
}
