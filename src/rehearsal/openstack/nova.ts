import type { ReplicaContext } from '../replica.ts';
import { route } from './api-service.ts';
import { ApiFault, isAdmin, ok, stamp, type Answer, type Call, type Json } from './call.ts';
import { metadata, set, text, whole } from './field.ts';
import { images } from './glance.ts';
import { kindOf, routesOf, type Kind, type Passing, type Row } from './kind.ts';
import { tableOf } from './table.ts';

/** A nova-compute, and when it last said that it is alive. */
type Agent = Readonly<{ id: string; host: string; seenMs: number }>;

export const agents = tableOf<Agent>('nova/agents');

const isUp = (context: ReplicaContext, seenMs = 0): boolean =>
  context.nowMs() - seenMs <= context.timers.serviceDownMs;

/** How a server's state is shown: status, vm_state, power_state and task_state. */
const SHOWN: Readonly<Record<string, readonly [string, string, number, string | null]>> = {
  building: ['BUILD', 'building', 0, 'spawning'],
  active: ['ACTIVE', 'active', 1, null],
  deleting: ['ACTIVE', 'active', 1, 'deleting'],
  error: ['ERROR', 'error', 0, null],
};

/** What the agent of a server's host brings about. */
export const TASKS: Passing = { building: ['serverBuildMs', 'active'], deleting: ['serverDeleteMs', 'gone'] };

const FLAVOR = { name: text(), vcpus: whole(1), ram: whole(1), disk: whole(0) };
const CHOSEN = { flavor: set<Row<typeof FLAVOR> | undefined>(undefined), host: set('') };
const SERVER = { ...CHOSEN, name: text(), metadata, flavorRef: text(), imageRef: text() };

const linksOf = ({ context }: Call, path: string): Json => ({
  links: [{ rel: 'self', href: `${context.frontUrl('nova')}/v2.1/${path}` }],
});

export const flavors = kindOf('nova flavor', FLAVOR, {
  writers: 'nobody',
  detailed: true,
  isOpen: () => true,
  view: ({ id }, call) => ({
    ...linksOf(call, `flavors/${id}`),
    ...{ swap: 0, 'OS-FLV-EXT-DATA:ephemeral': 0, 'os-flavor-access:is_public': true },
    ...(call.minor >= 55 && { description: null }),
    ...(call.minor >= 61 && { extra_specs: {} }),
  }),
});

/** The living host with the fewest servers; empty when there is none. */
async function placeOn(context: ReplicaContext): Promise<string> {
  const placed = await servers.table(context).all();
  const load = (host: string): number => placed.filter((row) => row.host === host).length;
  const up = (await agents(context).all()).filter(({ seenMs }) => isUp(context, seenMs));
  return up.map(({ host }) => host).sort((a, b) => load(a) - load(b))[0] ?? '';
}

/** Servers have no network here: what they are asked for is left aside. */
export const servers: Kind<typeof SERVER> = kindOf('nova server', SERVER, {
  changeable: ['name'],
  hidden: ['flavorRef', 'imageRef', 'host'],
  ...{ statuses: [202, 204], detailed: true, lingers: true },
  make: async (row, { context }) => {
    const flavor = await flavors.table(context).find(row.flavorRef);
    if (flavor === undefined) throw new ApiFault(400, `Flavor ${row.flavorRef} could not be found.`);
    const image = await images.table(context).find(row.imageRef);
    if (image?.status !== 'active') throw new ApiFault(400, 'Can not find requested image');
    const host = await placeOn(context);
    return { ...row, flavor, host, state: host === '' ? 'error' : 'building' };
  },
  // Nova deletes by itself what lies on a host that is down.
  leave: async ({ id, host }, { context }) => {
    const agent = await agents(context).find(host);
    if (!isUp(context, agent?.seenMs)) await servers.table(context).remove(id);
  },
  view: ({ id, state, project, imageRef, flavor, host, createdMs, changedMs }, call) => {
    const [status, vm, power, task] = SHOWN[state] ?? [];
    const { id: flavorId, name: original_name, vcpus, ram, disk } = flavor ?? {};
    return {
      ...linksOf(call, `servers/${id}`),
      ...{ status, tenant_id: project, image: { id: imageRef }, addresses: {} },
      flavor: call.minor < 47 ? { id: flavorId } : { original_name, vcpus, ram, disk },
      ...{ created: stamp(createdMs), updated: stamp(changedMs), security_groups: [{ name: 'default' }] },
      ...{ 'OS-EXT-STS:vm_state': vm, 'OS-EXT-STS:power_state': power, 'OS-EXT-STS:task_state': task },
      ...(status === 'ERROR' && { fault: { code: 500, message: 'No valid host was found.' } }),
      ...(isAdmin(call) && { 'OS-EXT-SRV-ATTR:host': host }),
    };
  },
});

async function listServices({ context, minor }: Call): Promise<Answer> {
  const view = ({ id, host, seenMs }: Agent): Json => ({
    ...{ id: minor < 53 ? parseInt(id, 16) : id, binary: 'nova-compute', host, zone: 'nova' },
    ...{ status: 'enabled', state: isUp(context, seenMs) ? 'up' : 'down', updated_at: stamp(seenMs) },
  });
  return ok({ services: (await agents(context).all()).map(view) });
}

export const nova = [
  ...routesOf(flavors),
  ...routesOf(servers),
  route('admin', 'GET /v2.1/os-services', listServices),
];
