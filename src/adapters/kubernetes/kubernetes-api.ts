import { HarnessError } from '../../model/errors.ts';
import type { ApiRequest, ApiResponse } from '../../ports/api-client.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DeleteOptions, KubernetesApi, KubernetesObject, ListOptions } from '../../ports/kubernetes.ts';
import type { LabConnection } from '../../ports/lab.ts';
import { credentialsOf } from './credentials.ts';
import { chooseContext, type Environment, type KubeTarget } from './kubeconfig.ts';
import { createKubernetesClient, type KubernetesClient } from './kubernetes-client.ts';
import type { ListedCollection } from './merged-collection.ts';
import { readObject } from './object-shape.ts';
import { watchCollection } from './watch-collection.ts';
import { WATCH_TIMEOUTS, type WatchTimeouts } from './watch-server.ts';

export interface KubernetesOrder {
  readonly connection: Pick<LabConnection, 'kubeconfig' | 'context' | 'apiServers'>;
  /** Where KUBECONFIG and HOME are looked up. */
  readonly environment: Environment;
  readonly clock: Clock;
  /** Default: watches are renewed every 10 s, and 12 s without a byte is a dead server. */
  readonly watchTimeouts?: WatchTimeouts;
}

/** A Kubernetes API whose connections can be given up. Quiet connections do not keep the process alive. */
export interface OpenKubernetesApi extends KubernetesApi {
  close(): Promise<void>;
}

/** As kubectl and client-go page. */
const PAGE = 500;

/**
 * A Kubernetes API over pooled connections, as one user of one cluster. Reads the kubeconfig now and connects when asked.
 * @throws SQ_KUBECONFIG naming the file, the contexts that exist, and the remedy.
 */
export async function createKubernetesApi(order: KubernetesOrder): Promise<OpenKubernetesApi> {
  const target = await chooseContext(order.connection, order.environment);
  const credentials = credentialsOf(target, order.clock);
  // Files that the kubeconfig names are read now, so that a missing one is said before anything is done.
  await credentials.current();
  const { clock } = order;
  const client = createKubernetesClient(target, credentials, clock);
  const others = otherServers(target, order.connection.apiServers ?? []).map((server) =>
    createKubernetesClient({ ...target, server }, credentials, clock),
  );
  const timeouts = order.watchTimeouts ?? WATCH_TIMEOUTS;
  return {
    name: 'kubernetes',
    request: <Body>(asked: ApiRequest) => client.request(asked) as Promise<ApiResponse<Body>>,
    list: async (collection, options = {}) => (await listCollection(client, collection, options)).objects,
    async get(path, signal) {
      const response = await client.request({ method: 'GET', path, ...given(signal) });
      return response.status === 404 && isStatus(response.body)
        ? undefined
        : expectObject(client, response, path);
    },
    async create(collection, object, signal) {
      const path = collection;
      return expectObject(
        client,
        await client.request({ method: 'POST', path, body: object, ...given(signal) }),
        path,
      );
    },
    async patch(path, change, signal) {
      const headers = { 'content-type': 'application/merge-patch+json' };
      const asked: ApiRequest = { method: 'PATCH', path, body: change, headers, ...given(signal) };
      return expectObject(client, await client.request(asked), path);
    },
    delete: (path, options = {}) => deleteObject(client, path, options),
    watch: (collection, options) =>
      watchCollection(
        [client, ...others].map((each) => ({
          client: each,
          clock,
          timeouts,
          list: (signal) => listCollection(each, collection, { ...options, signal }),
        })),
        clock,
        collection,
        options,
      ),
    access: () => client.access(),
    async close() {
      await Promise.all([client, ...others].map((each) => each.close()));
    },
  };
}

/**
 * Those that are not the one of the kubeconfig, each once.
 * @throws SQ_KUBECONFIG for one that is not a URL, or that would be reached with less care than the kubeconfig asks for.
 */
function otherServers({ server, verify }: KubeTarget, named: readonly string[]): readonly string[] {
  const plain = named.map((each) => each.replace(/\/+$/, ''));
  for (const each of plain) {
    const protocol = URL.canParse(each) ? new URL(each).protocol : '';
    if (protocol === 'https:' || (protocol === 'http:' && !verify)) continue;
    throw new HarnessError('SQ_KUBECONFIG', `The API server ${each} is not a URL that begins with https://.`);
  }
  return [...new Set(plain)].filter((each) => each !== server);
}

const given = (signal: AbortSignal | undefined): { signal?: AbortSignal } =>
  signal === undefined ? {} : { signal };

interface ObjectList {
  readonly metadata?: { readonly continue?: string; readonly resourceVersion?: string };
  readonly items?: unknown;
}

async function listCollection(
  client: KubernetesClient,
  collection: string,
  options: ListOptions,
): Promise<ListedCollection> {
  const { labelSelector, fieldSelector, signal } = options;
  let objects: KubernetesObject[] = [];
  let next: string | undefined;
  let expired = 0;
  for (;;) {
    const query = { limit: PAGE, continue: next, labelSelector, fieldSelector };
    const response = await client.request({ method: 'GET', path: collection, query, ...given(signal) });
    if (response.status === 410 && next !== undefined && expired++ < 3) {
      // The pages took longer than the server keeps history: from the start, for half old and half new is neither.
      objects = [];
      next = undefined;
      continue;
    }
    expectSuccess(client, response, collection);
    const page = response.body as ObjectList;
    if (typeof page !== 'object' || !Array.isArray(page.items)) {
      throw badAnswer(
        client,
        response,
        `The answer to a list of ${collection} at ${client.server} is not a list of objects`,
      );
    }
    for (const item of page.items as readonly unknown[]) {
      const object = readObject(item);
      if (object === undefined) {
        const says = `In the list of ${collection} at ${client.server} something is not a Kubernetes object`;
        throw badAnswer(client, response, says);
      }
      objects.push(object);
    }
    const said = page.metadata?.continue;
    if (said === undefined || said === '') {
      return { objects, resourceVersion: page.metadata?.resourceVersion ?? '' };
    }
    if (said === next) {
      throw badAnswer(
        client,
        response,
        `The list of ${collection} at ${client.server} gave the same page twice`,
      );
    }
    next = said;
  }
}

async function deleteObject(
  client: KubernetesClient,
  path: string,
  options: DeleteOptions,
): Promise<boolean> {
  const { gracePeriodSeconds, uid, propagation, signal } = options;
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagation === undefined ? {} : { propagationPolicy: propagation }),
    ...(uid === undefined ? {} : { preconditions: { uid } }),
  };
  const response = await client.request({ method: 'DELETE', path, body, ...given(signal) });
  if (response.status === 404 && isStatus(response.body)) return false;
  if (response.status === 409 && uid !== undefined && isStatus(response.body)) return false;
  expectSuccess(client, response, path);
  return true;
}

/** An API server says no with a Status object; a page in front of it that says 404 proves nothing about the object. */
const isStatus = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && (body as { kind?: unknown }).kind === 'Status';

function expectObject(client: KubernetesClient, response: ApiResponse, path: string): KubernetesObject {
  expectSuccess(client, response, path);
  const object = readObject(response.body);
  if (object !== undefined) return object;
  throw badAnswer(
    client,
    response,
    `The answer about ${path} at ${client.server} is not a Kubernetes object`,
  );
}

function expectSuccess(client: KubernetesClient, response: ApiResponse, path: string): void {
  const { status } = response;
  if (status >= 200 && status < 300) {
    if (typeof response.body === 'object' && response.body !== null) return;
    throw badAnswer(client, response, `The answer about ${path} at ${client.server} is not JSON`);
  }
  const says = (response.body as { message?: unknown } | null)?.message;
  const message = typeof says === 'string' ? `: ${client.masked(says).slice(0, 500).replace(/\.$/, '')}` : '';
  if (status === 401 || status === 403) {
    const why = status === 401 ? 'did not accept the credentials' : 'does not allow this user to do that';
    throw new HarnessError('SQ_AUTH', `${client.server} ${why} (${status}) for ${path}${message}.`, {
      facts: { status, path },
    });
  }
  throw badAnswer(client, response, `${client.server} answered ${status} about ${path}${message}`);
}

/** Whatever the server said, the request had reached it; only an error status of its own says that nothing was done. */
function badAnswer(client: KubernetesClient, response: ApiResponse, says: string): HarnessError {
  const html = typeof response.body === 'string' && /^\s*</.test(response.body) ? ', but a page of HTML' : '';
  return new HarnessError('SQ_BAD_ANSWER', `${client.masked(says)}${html}.`, {
    definite: response.status >= 400 && response.status < 500 && isStatus(response.body),
    facts: { status: response.status, url: response.url },
  });
}
