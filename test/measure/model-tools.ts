import { createOpenStackApi } from '../../src/adapters/openstack/index.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { layGrounds } from '../../src/measure/index.ts';
import type { GroundTools } from '../../src/measure/probes/probe.ts';
import type { LedgerEntry } from '../../src/model/conformance.ts';
import type { ProbeSpec } from '../../src/model/plan.ts';
import type { OpenStackApi } from '../../src/ports/openstack.ts';
import type { ProbeAssignment } from '../../src/ports/prober.ts';
import { ADMIN_PASSWORD, DEMO_PASSWORD, type ModelCloud } from '../rehearsal/openstack/model-cloud.ts';

export const clock = createSystemClock();
const never = new AbortController().signal;

/** The client that runs have, for the model of a cloud: as the administrator, or as an ordinary user. */
export const clientOf = (cloud: ModelCloud, user: 'admin' | 'demo' = 'admin'): Promise<OpenStackApi> =>
  createOpenStackApi({
    connection: {},
    clock,
    environment: {
      OS_AUTH_URL: `${cloud.url('keystone')}/v3`,
      OS_USERNAME: user,
      OS_PASSWORD: user === 'admin' ? ADMIN_PASSWORD : DEMO_PASSWORD,
      OS_PROJECT_NAME: user,
      OS_USER_DOMAIN_ID: 'default',
      OS_PROJECT_DOMAIN_ID: 'default',
    },
  });

/** What a ground is laid with; what is noted is added to `acts`. */
export const toolsFor = (
  openstack: OpenStackApi,
  acts: string[] = [],
  abilities: readonly string[] = ['openstack'],
): GroundTools => ({
  openstack,
  clock,
  run: 'r-7',
  topology: { nodes: [], live: {}, abilities } as unknown as GroundTools['topology'],
  note: ({ collection, name }: LedgerEntry) => Promise.resolve(void acts.push(`${collection} ${name}`)),
});

/** Lays the ground of a probe; each way answers at once. */
export const layAll = (spec: ProbeSpec, tools: GroundTools): Promise<readonly ProbeAssignment[]> =>
  layGrounds([spec], tools, never, () => Promise.resolve(true));
