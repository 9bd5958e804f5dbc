import {
  compute,
  expect,
  image,
  talk,
  type CaseContext,
  type Limits,
  type Resource,
} from '../../src/conformance/index.ts';
import { makeImage } from '../image/make-image.ts';

/** What a server is made of, by the names that the API takes. */
export interface Parts {
  readonly flavorRef: string;
  readonly imageRef: string;
}

/** The first microversion in which a server may be asked for without a network, and without one it is up soonest. */
const WITHOUT_NETWORK = '2.37';

export const NOWHERE = '00000000-0000-4000-8000-000000000000';

/** The smallest flavors first. Skips the case where there are not as many as it needs. */
export async function flavorsOf(
  { openstack, skip }: CaseContext,
  atLeast: number,
): Promise<readonly string[]> {
  const all = await openstack.listAll('compute', '/flavors/detail', 'flavors');
  const sorted = all.toSorted(
    (a, b) => Number(a['disk']) - Number(b['disk']) || Number(a['ram']) - Number(b['ram']),
  );
  if (sorted.length < atLeast) skip(`This cloud has fewer than ${atLeast} flavors.`);
  return sorted.map(({ id }) => String(id));
}

/** The smallest flavor, and an image that the cloud offers to all; where it offers none, one of our own. */
export async function partsOf(context: CaseContext): Promise<Parts> {
  const [flavorRef = ''] = await flavorsOf(context, 1);
  const { images } = await talk(context.openstack, 'image').get(
    '/images?status=active&visibility=public&limit=1',
    image.images,
  );
  return { flavorRef, imageRef: images[0]?.id ?? (await makeImage(context)) };
}

/** Asks for a server; its networks are none where `more` names none. */
export function askForServer(
  { make, names }: CaseContext,
  parts: Parts,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Resource> {
  return make.resource({
    type: 'compute',
    path: '/servers',
    key: 'server',
    microversion: WITHOUT_NETWORK,
    body: { name: names.fresh('server'), networks: 'none', ...parts, ...more },
  });
}

export async function showServer({ openstack }: Pick<CaseContext, 'openstack'>, id: string) {
  return (await talk(openstack, 'compute').get(`/servers/${id}`, compute.server)).server;
}

/** Waits until the server is in `status` and nothing is going on with it. */
export function untilServer(context: CaseContext, id: string, status: string, limits: Limits = {}) {
  return context.eventually(
    limits.steady === true ? 'the new server is up' : `the server is ${status}`,
    async () => {
      const server = await showServer(context, id);
      // A server in error will not come out of it by itself, but the case's own words are better than ours.
      expect({ status: server.status, task: server['OS-EXT-STS:task_state'] }).to.deep.equal({
        status,
        task: null,
      });
      return server;
    },
    { every: { ms: 300 }, ...limits },
  );
}

/** Waits until nobody knows the server any more. */
export function untilNoServer(context: CaseContext, id: string): Promise<void> {
  return context.eventually(
    'the server is gone',
    async () => void (await talk(context.openstack, 'compute').refuses(404, 'GET', `/servers/${id}`)),
    { every: { ms: 300 }, steady: true },
  );
}

/** A server that is up, on no network where `more` names none. */
export async function bootServer(
  context: CaseContext,
  parts: Parts,
  more: Readonly<Record<string, unknown>> = {},
) {
  const { id } = await askForServer(context, parts, more);
  return untilServer(context, id, 'ACTIVE', { steady: true });
}
