import type { LedgerEntry } from '../model/conformance.ts';
import { HarnessError } from '../model/errors.ts';
import { OWNER_LABEL } from '../model/own-marks.ts';
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
  const items = await api.listAll(type, path, key, signal);
  return items
    .map(unwrap)
    .filter(({ name }) => name.startsWith(OWNER_PREFIX))
    .map(({ name, id }) => ({
      name,
      id,
      async remove(abort) {
        const answer = await api
          .service(type)
          .request({ method: 'DELETE', path: `${path}/${encodeURIComponent(id)}`, signal: abort });
        if (answer.status < 300 || answer.status === 404 || answer.status === 410) return;
        throw new HarnessError(
          'SQ_BAD_ANSWER',
          `${answer.url} answered ${answer.status} to the deletion of ${name}.`,
        );
      },
    }));
}

/** Nova wraps each keypair in an object of its own, and knows it by its name alone. */
function unwrap(item: Readonly<Record<string, unknown>>): { readonly name: string; readonly id: string } {
  const inner = (item['keypair'] ?? item) as Readonly<Record<string, unknown>>;
  const name = typeof inner['name'] === 'string' ? inner['name'] : '';
  return { name, id: typeof inner['id'] === 'string' ? inner['id'] : name };
}
