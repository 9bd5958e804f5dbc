import { formatDuration } from '../model/duration.ts';
import type { Topology } from '../model/topology.ts';
import { finding, type Finding } from './finding.ts';

/** What discovery found, as far as whoever writes a plan needs it: what selectors and probes may name, and the timers. */
export function topologyFindings(topology: Topology): readonly Finding[] {
  const { systems, endpoints, timers, abilities, unknownTimers = [], blindness = [], live } = topology;
  const there = (check: string, says: string): Finding => finding(check, true, says, '');
  return [
    there(`lab ${topology.lab}`, `${topology.nodes.length} nodes, ${topology.services.length} services`),
    ...systems.map(({ name, version, distribution }) =>
      there(`system ${name}`, `${distribution} ${version}`),
    ),
    ...[...membersOfRoles(topology)].map(([role, members]) => there(`role ${role}`, members.join(', '))),
    there('units', sorted(topology.nodes.flatMap(({ units }) => units)).join(', ') || 'none are known'),
    ...endpoints.map(({ name, url }) => there(`endpoint ${name}`, url)),
    ...timers.map(({ name, value, source }) => there(`timer ${name}`, `${formatDuration(value)}: ${source}`)),
    ...[...blindness, ...(live.unknownHolders ?? []), ...unknownTimers].map(
      ({ what, reason, remedy = '' }): Finding => ({ check: what, result: 'unknown', says: reason, remedy }),
    ),
    ...abilities.map((ability) => there(`ability ${ability}`, 'there')),
  ];
}

/** By role, sorted: the services that have it, the nodes that have it, and for a role that moves whoever has it now. */
function membersOfRoles({ services, nodes, live }: Topology): ReadonlyMap<string, readonly string[]> {
  const pairs = [
    ...services.flatMap(({ roles, service }) => roles.map((role) => [role, service] as const)),
    ...nodes.flatMap(({ roles, name }) => roles.map((role) => [role, name] as const)),
    ...live.holders
      .filter(({ what }) => what === 'api-address')
      .map(({ what, node }) => [`${what}-holder`, `${node} now`] as const),
  ];
  const roles = sorted(pairs.map(([role]) => role));
  return new Map(
    roles.map((role) => [role, sorted(pairs.flatMap(([each, member]) => (each === role ? [member] : [])))]),
  );
}

const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();
