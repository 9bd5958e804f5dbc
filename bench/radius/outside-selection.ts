import type { FaultStep, Limits, Selector } from '../../src/model/plan.ts';
import type { ScheduledFault, TargetIdentity } from '../../src/model/schedule.ts';
import type { Topology } from '../../src/model/topology.ts';

/** Targets that the step does not name, or more of them than it asks for; each as a sentence. Empty: none. */
export function outsideSelection(
  step: FaultStep,
  { targets }: ScheduledFault,
  topology: Topology,
  limits: Limits,
): readonly string[] {
  const [first] = targets;
  if (first === undefined) return ['nobody is chosen'];
  if (first.holderOf !== undefined)
    return targets.length === 1 && step.selector.role === 'api-address-holder' ? [] : ['a wrong holder'];
  const named = everyoneOf(first.subject, topology).filter(
    (each) => isNamed(step.selector, each, topology) && !isProtected(each, topology, limits),
  );
  const keys = new Set(named.map(keyOf));
  const strangers = targets.filter((target) => !keys.has(keyOf(target)));
  const most = mostOf(step, named.length);
  return [
    ...strangers.map((target) => `${keyOf(target)} is not named by the selector`),
    ...(targets.length > most ? [`${targets.length} are chosen, and ${most} were asked for`] : []),
    ...(new Set(targets.map(keyOf)).size < targets.length ? ['one is chosen twice'] : []),
    ...(Object.keys(step.selector).length === 0 ? ['an empty selector chose somebody'] : []),
  ];
}

const keyOf = ({ service, rank, node, unit, subject }: TargetIdentity): string =>
  subject === 'pod' ? `${service}#${rank}` : `${unit ?? ''}@${node}`;

function everyoneOf(subject: TargetIdentity['subject'], topology: Topology): readonly TargetIdentity[] {
  if (subject === 'pod')
    return topology.services
      .filter(({ kind }) => kind !== 'unit')
      .flatMap(({ id, members }) => members.map(({ rank }) => ({ subject, service: id, rank })));
  if (subject === 'unit')
    return topology.nodes.flatMap(({ name, units }) => units.map((unit) => ({ subject, unit, node: name })));
  return topology.nodes.map(({ name }) => ({ subject, node: name }));
}

function partsOf(target: TargetIdentity, topology: Topology) {
  const service = topology.services.find(({ id, kind, unit, members }) =>
    target.subject === 'pod'
      ? id === target.service
      : target.subject === 'unit' &&
        kind === 'unit' &&
        unit === target.unit &&
        members.some(({ node }) => node === target.node),
  );
  const place = target.node ?? service?.members.find(({ rank }) => rank === target.rank)?.node;
  const node = target.subject === 'pod' ? undefined : topology.nodes.find(({ name }) => name === place);
  return { service, place, node };
}

function isNamed(selector: Selector, target: TargetIdentity, topology: Topology): boolean {
  const { service, place, node } = partsOf(target, topology);
  const said: readonly (readonly [string | undefined, readonly (string | undefined)[]])[] = [
    [selector.role, [...(service?.roles ?? []), ...(node?.roles ?? [])]],
    [selector.service, [service?.service]],
    [selector.namespace, [service?.namespace]],
    [selector.workload, [service?.workload]],
    [selector.unit, [target.unit]],
    [selector.node, [place]],
  ];
  const labels = { ...node?.labels, ...service?.labels };
  return (
    said.every(([wanted, has]) => wanted === undefined || has.includes(wanted)) &&
    Object.entries(selector.labels ?? {}).every(([key, value]) => labels[key] === value)
  );
}

function isProtected(target: TargetIdentity, topology: Topology, limits: Limits): boolean {
  const { service, place } = partsOf(target, topology);
  return (
    limits.protectedNodes.includes(place ?? '') ||
    limits.protectedNamespaces.includes(service?.namespace ?? '')
  );
}

function mostOf({ mode }: FaultStep, named: number): number {
  if (mode.kind === 'one') return 1;
  if (mode.kind === 'fixed') return mode.value;
  if (mode.kind === 'all') return named;
  for (let count = named; count > 1; count--) if (count / named <= mode.value + 1e-9) return count;
  return 1;
}
