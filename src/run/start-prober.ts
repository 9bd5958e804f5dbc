import { assignProbes, layGrounds } from '../measure/index.ts';
import { milliseconds } from '../model/duration.ts';
import type { ProbeSpec } from '../model/plan.ts';
import type { ApiAccess } from '../ports/api-client.ts';
import type { Prober } from '../ports/prober.ts';
import type { Session } from './session.ts';

/**
 * A prober on this host that asks these probes and keeps its samples in that folder of the run. What they may create is in the
 * ledger before any of it is made.
 */
export async function startProber(
  session: Session,
  specs: readonly ProbeSpec[],
  folder: string,
  stop: AbortSignal,
): Promise<Prober> {
  const { world, request, topology, ledger, clients } = session;
  const { assignments, mayCreate } = await assignProbes(
    specs,
    topology,
    (endpoint) => accessOf(endpoint, session),
    request.id,
  );
  for (const entry of mayCreate) ledger.creating(entry);
  await world.folder.flush();
  const { testImage } = world.lab.abilities;
  const laid = await layGrounds(
    specs,
    {
      ...clients,
      clock: world.clock,
      run: request.id,
      topology,
      note: (entry) => {
        ledger.creating(entry);
        return world.folder.flush();
      },
      ...(testImage === undefined ? {} : { testImage }),
    },
    stop,
  );
  return world.prober.launch({
    folder: `${world.folder.path}/${folder}`,
    vantage: 'host',
    probes: [...assignments, ...laid],
    maxInFlight: 256,
    stallLimit: milliseconds(50),
    flushEvery: milliseconds(100),
  });
}

/** Endpoints of OpenStack by the service type that they carry in the catalogue. */
const SERVICE_TYPES = {
  keystone: 'identity',
  nova: 'compute',
  neutron: 'network',
  glance: 'image',
  cinder: 'block-storage',
  placement: 'placement',
  heat: 'orchestration',
} as const;

/** How an endpoint of the topology is reached now. */
export async function accessOf(endpoint: string, { clients, topology }: Session): Promise<ApiAccess> {
  const found = topology.endpoints.find(({ name }) => name === endpoint);
  if (endpoint === 'kubernetes' && clients.kubernetes) return clients.kubernetes.access();
  if (Object.hasOwn(SERVICE_TYPES, endpoint) && clients.openstack) {
    return clients.openstack.access(SERVICE_TYPES[endpoint as keyof typeof SERVICE_TYPES]);
  }
  return { url: found?.url ?? '', headers: {}, verify: true };
}
