import type { LedgerEntry } from '../model/conformance.ts';
import { HarnessError } from '../model/errors.ts';
import { OWNER_LABEL } from '../model/own-marks.ts';
import type { ApiClient } from '../ports/api-client.ts';
import type { KubernetesApi } from '../ports/kubernetes.ts';
import type { OpenStackApi, ServiceType } from '../ports/openstack.ts';

/** How every name begins that Squall gives: `sq-<run id>-...`. */
export const OWNER_PREFIX = 'sq-';

export interface SweepClients {
  readonly kubernetes?: KubernetesApi;
  readonly openstack?: OpenStackApi;
}

/** One object of a collection that carries Squall's mark. */
export interface TaggedObject {
  readonly name: string;
  readonly id: string;
  readonly namespace?: string;
  /** The run that its label names. */
  readonly run?: string;
  /** Asks for its deletion. @throws when the answer is not a success; its absence is one. */
  remove(signal: AbortSignal): Promise<void>;
}

/** Objects of one collection that carry our mark; nothing else is ever returned, so nothing else can be deleted. */
export async function taggedObjects(
  { system, collection }: Pick<LedgerEntry, 'system' | 'collection'>,
  clients: SweepClients,
  signal: AbortSignal,
): Promise<readonly TaggedObject[]> {
  if (system === 'kubernetes') return ofKubernetes(collection, need(clients.kubernetes, system), signal);
  return ofOpenStack(collection, need(clients.openstack, system), signal);
}

function need<T>(client: T | undefined, system: string): T {
  if (client !== undefined) return client;
  throw new HarnessError(
    'SQ_UNREACHABLE',
    `There is no client for ${system}, so nobody can look what is left there.`,
  );
}

async function ofKubernetes(
  collection: string,
  api: KubernetesApi,
  signal: AbortSignal,
): Promise<readonly TaggedObject[]> {
  const objects = await api.list(collection, { labelSelector: OWNER_LABEL, signal });
  return objects
    .filter(({ metadata }) => {
      // A server that does not know label selectors answers with everything.
      const run = metadata.labels?.[OWNER_LABEL];
      return run !== undefined && metadata.name.startsWith(`${OWNER_PREFIX}${run}`);
    })
    .map(({ metadata }) => ({
      name: metadata.name,
      id: metadata.uid ?? metadata.name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      ...(metadata.labels?.[OWNER_LABEL] === undefined ? {} : { run: metadata.labels[OWNER_LABEL] }),
      async remove(abort) {
        const uid = metadata.uid === undefined ? {} : { uid: metadata.uid };
        await api.delete(`${collection}/${encodeURIComponent(metadata.name)}`, {
          ...uid,
          propagation: 'Background',
          signal: abort,
        });
      },
    }));
}

async function ofOpenStack(
  collection: string,
  api: OpenStackApi,
  signal: AbortSignal,
): Promise<readonly TaggedObject[]> {
  const colon = collection.indexOf(':');
  const type = collection.slice(0, colon) as ServiceType;
  const path = collection.slice(colon + 1);
  const key = (path.split('/').pop() ?? '').replace(/^os-/, '').replaceAll('-', '_');
  const items = await listEverywhere(api, collection, type, path, key, signal);
  return items
    .map(unwrap)
    .filter(({ name }) => name.startsWith(OWNER_PREFIX))
    .map(({ name, id }) => ({
      name,
      id,
      async remove(abort) {
        const service = api.service(type);
        const below = type === 'orchestration' ? `${encodeURIComponent(name)}/` : '';
        if (collection === 'network:/routers') await unplug(service, id, abort);
        const answer = await service.request({
          method: 'DELETE',
          path: `${path}/${below}${encodeURIComponent(id)}`,
          signal: abort,
        });
        if (answer.status < 300 || answer.status === 404 || answer.status === 410) return;
        throw new HarnessError(
          'SQ_BAD_ANSWER',
          `${answer.url} answered ${answer.status} to the deletion of ${name}.`,
        );
      },
    }));
}

/** Of these lists an administrator sees one project unless all are asked for; lanes have projects of their own. */
const ALL_PROJECTS: Readonly<Record<string, string>> = {
  'compute:/servers': 'all_tenants=1',
  'block-storage:/volumes': 'all_tenants=1',
  'block-storage:/snapshots': 'all_tenants=1',
  'orchestration:/stacks': 'global_tenant=true',
};

async function listEverywhere(
  api: OpenStackApi,
  collection: string,
  type: ServiceType,
  path: string,
  key: string,
  signal: AbortSignal,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const all = ALL_PROJECTS[collection];
  if (all === undefined) return api.listAll(type, path, key, signal);
  try {
    return await api.listAll(type, `${path}?${all}`, key, signal);
  } catch (error) {
    // Whoever may not see other projects has made nothing in them.
    if (error instanceof HarnessError && error.code === 'SQ_AUTH')
      return api.listAll(type, path, key, signal);
    throw error;
  }
}

/** A router that is plugged in cannot be deleted. */
async function unplug(neutron: ApiClient, router: string, signal: AbortSignal): Promise<void> {
  const { body } = await neutron.request<{ ports?: readonly { id: string }[] }>({
    method: 'GET',
    path: '/ports',
    query: { device_id: router, device_owner: 'network:router_interface', fields: 'id' },
    signal,
  });
  for (const { id } of body.ports ?? []) {
    await neutron.request({
      method: 'PUT',
      path: `/routers/${router}/remove_router_interface`,
      body: { port_id: id },
      signal,
    });
  }
}

/** Nova wraps each keypair in an object of its own, and knows it by its name alone; what has no name has it for a description. */
function unwrap(item: Readonly<Record<string, unknown>>): { readonly name: string; readonly id: string } {
  const inner = (item['keypair'] ?? item) as Readonly<Record<string, unknown>>;
  const words = [inner['name'], inner['stack_name'], inner['description']];
  const name = words.find((word): word is string => typeof word === 'string' && word !== '') ?? '';
  return { name, id: typeof inner['id'] === 'string' ? inner['id'] : name };
}
