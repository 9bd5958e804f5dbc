import type { Evidence } from '../model/evidence.ts';
import type { Topology } from '../model/topology.ts';
import type { ReportedTopology } from './report-document.ts';

function readiness(topology: Topology | undefined, node: string): boolean | undefined {
  return topology?.live.nodes.find((live) => live.name === node)?.ready;
}

/** What ran where, in short: the whole of it is in `topology-before.json`. */
export function reportTopology(topology: Topology, evidence: Evidence): ReportedTopology {
  return {
    lab: topology.lab,
    owned: topology.owned,
    systems: topology.systems.map(({ name, kind, distribution, version }) => ({
      name,
      kind,
      distribution,
      version,
    })),
    nodes: topology.nodes.map(({ name, roles }) => {
      const before = readiness(evidence.topologyBefore, name);
      const after = readiness(evidence.topologyAfter, name);
      return {
        name,
        roles,
        ...(before === undefined ? {} : { readyBefore: before }),
        ...(after === undefined ? {} : { readyAfter: after }),
      };
    }),
    services: topology.services.length,
    endpoints: topology.endpoints.map((endpoint) => endpoint.name),
    abilities: topology.abilities,
    missingAbilities: topology.missingAbilities.map(({ ability, reason }) => ({ ability, reason })),
    timers: topology.timers.map(({ name, value, source }) => ({ name, valueMs: value.ms, source })),
  };
}
