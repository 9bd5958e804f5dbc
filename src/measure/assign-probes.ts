import type { LedgerEntry } from '../model/conformance.ts';
import { HarnessError } from '../model/errors.ts';
import type { ProbeSpec } from '../model/plan.ts';
import type { Topology } from '../model/topology.ts';
import type { ApiAccess } from '../ports/api-client.ts';
import type { ProbeAssignment } from '../ports/prober.ts';
import { probeRegistry } from './probe-registry.ts';
import type { Probe } from './probes/probe.ts';

export interface AssignedProbes {
  readonly assignments: readonly ProbeAssignment[];
  /** To be in the ledger before the prober starts. */
  readonly mayCreate: readonly LedgerEntry[];
}

/**
 * What each probe of a plan asks, and where.
 * @param accessOf how an endpoint of the topology is reached, by its name.
 * @throws SQ_PLAN_INVALID for a probe that does not exist, or cannot ask its endpoint.
 * @throws SQ_ABILITY_MISSING when the topology has no endpoint of that name, or none that can be reached.
 */
export async function assignProbes(
  specs: readonly ProbeSpec[],
  topology: Pick<Topology, 'endpoints'>,
  accessOf: (endpoint: string) => Promise<ApiAccess>,
  run: string,
): Promise<AssignedProbes> {
  const assignments: ProbeAssignment[] = [];
  const mayCreate: LedgerEntry[] = [];
  for (const spec of specs) {
    const probe = probeOf(spec);
    const known = topology.endpoints.map(({ name }) => name);
    if (!known.includes(spec.endpoint)) throw noEndpoint(spec, `There are: ${known.join(', ') || 'none'}.`);
    const access = await accessOf(spec.endpoint);
    if (!/^https?:\/\//.test(access.url)) throw noEndpoint(spec, `Its URL is ${JSON.stringify(access.url)}.`);
    // What is asked on a ground of its own is known once that is laid.
    if (probe.question !== undefined)
      assignments.push({ spec, question: probe.question(spec, { access, run }), access });
    mayCreate.push(...(probe.mayCreate?.(spec, run) ?? []));
  }
  return { assignments, mayCreate };
}

function probeOf(spec: ProbeSpec): Probe {
  const probe = probeRegistry.find(({ name }) => name === spec.probe);
  if (probe !== undefined) return probe;
  const known = probeRegistry.map(({ name }) => name).join(', ');
  throw new HarnessError(
    'SQ_PLAN_INVALID',
    `Probe ${spec.name} is of the kind ${spec.probe}, which is none of ${known}.`,
  );
}

function noEndpoint(spec: ProbeSpec, why: string): HarnessError {
  return new HarnessError(
    'SQ_ABILITY_MISSING',
    `Probe ${spec.name} asks the endpoint ${spec.endpoint}, which this topology does not offer. ${why}`,
    { remedy: 'Name an endpoint that `squall doctor` lists, or take the probe out of the plan.' },
  );
}
