import type { IncomingMessage, ServerResponse } from 'node:http';
import { StoreUnavailable, type ReplicaListener } from '../replica.ts';
import { discoveryAt, versionBody } from './discovery.ts';
import type { Json } from './json.ts';
import { ObjectClient, type ObjectClientContext } from './object-client.ts';
import { OBJECT_VERBS, type ApiCall } from './object-verbs.ts';
import { forbidden, Refusal } from './refusal.ts';
import { RESOURCES } from './resources.ts';
import { watchObjects } from './watch-objects.ts';

export interface ClusterApiContext extends ObjectClientContext {
  /** May do everything. */
  readonly adminToken: string;
  /** May read everything, and write nothing. */
  readonly readerToken: string;
  /** As `/version` says, such as `v1.34.2`. */
  readonly version: string;
}

/** Serves the API of Kubernetes over a store, as one kube-apiserver of several. */
export const clusterApiListener =
  (context: ClusterApiContext): ReplicaListener =>
  (request, response) =>
    void serve(context, request, response).catch((error: unknown) => sendRefusal(response, error));

async function serve(
  context: ClusterApiContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://localhost');
  const { method = 'GET', headers } = request;
  const user = userOf(context, headers.authorization);
  // Answered to anybody, as `system:public-info-viewer` allows.
  if (path === '/version') return sendJson(response, 200, versionBody(context.version));
  if (['/readyz', '/livez', '/healthz'].includes(path)) return await sendHealth(context, path, response);
  if (user === undefined) throw new Refusal('Unauthorized', 'Unauthorized');
  const discovered = method === 'GET' ? discoveryAt(path) : undefined;
  if (discovered !== undefined) return sendJson(response, 200, discovered);
  const target = targetAt(path);
  if (target === undefined) return send(response, 404, 'text/plain', '404 page not found\n');

  const { resource, ref, place } = target;
  if (user === 'reader' && method !== 'GET')
    throw forbidden(resource, ref.name, 'User "reader" may only read');
  if (query.has('dryRun')) throw new Refusal('BadRequest', 'dryRun: the model cannot only try');
  const objects = new ObjectClient(context);
  const contentType = headers['content-type']?.split(';')[0] ?? '';
  const body = await bodyOf(request, contentType);
  const call = { store: context.store, objects, resource, ref, query, contentType, body };
  if (place === 'collection' && query.has('watch')) return await watchObjects(call, response);
  const [status, verb] = OBJECT_VERBS[`${method} ${place}`] ?? [405];
  if (verb === undefined || (method === 'POST' && resource.namespaced && ref.namespace === undefined))
    throw new Refusal('MethodNotAllowed', 'the server does not allow this method on the requested resource');
  sendJson(response, status, await verb(call));
}

const PATH =
  /^\/(?:api|apis\/([^/]+))\/v1(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+)(?:\/(eviction))?)?$/;

type Target = Pick<ApiCall, 'resource' | 'ref'> & { readonly place: string };

function targetAt(path: string): Target | undefined {
  const [, group = '', namespace, plural = '', name = '', subresource] = PATH.exec(path) ?? [];
  const resource = RESOURCES.find((each) => each.group === group && each.plural === plural);
  if (resource === undefined || (subresource !== undefined && plural !== 'pods')) return undefined;
  const homeless = name !== '' && namespace === undefined;
  if (resource.namespaced ? homeless : namespace !== undefined) return undefined;
  const place = subresource ?? (name === '' ? 'collection' : 'object');
  return { resource, ref: { plural, namespace, name }, place };
}

/** undefined without a token. @throws Refusal Unauthorized with a wrong one. */
function userOf(
  context: ClusterApiContext,
  authorization: string | undefined,
): 'admin' | 'reader' | undefined {
  if (authorization === undefined) return undefined;
  const [scheme, given = ''] = authorization.split(' ');
  // kubectl sends no token over plain HTTP, but it does send the password of `http://user:password@host`.
  const token = scheme === 'Basic' ? Buffer.from(given, 'base64').toString().split(':')[1] : given;
  if (token === context.adminToken) return 'admin';
  if (token === context.readerToken) return 'reader';
  throw new Refusal('Unauthorized', 'Unauthorized');
}

async function sendHealth(
  { store }: ClusterApiContext,
  path: string,
  response: ServerResponse,
): Promise<void> {
  const asked = path === '/livez' ? Promise.resolve() : store.get('namespaces/-/default');
  await asked.then(
    () => send(response, 200, 'text/plain', 'ok'),
    () => send(response, 500, 'text/plain', '[-]etcd failed: reason withheld\nreadyz check failed\n'),
  );
}

/** Parsed, where it says that it is JSON. */
async function bodyOf(request: IncomingMessage, contentType: string): Promise<unknown> {
  let text = '';
  for await (const part of request.setEncoding('utf8') as AsyncIterable<string>) text += part;
  try {
    return text === '' || !/json|^$/.test(contentType) ? undefined : JSON.parse(text);
  } catch (error) {
    throw new Refusal('BadRequest', `the body could not be decoded as JSON: ${(error as Error).message}`);
  }
}

const sendJson = (response: ServerResponse, status: number, body: Json): void =>
  send(response, status, 'application/json', `${JSON.stringify(body)}\n`);

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text);
}

function sendRefusal(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  // Whether a write happened that etcd did not answer is not known.
  const says = error instanceof StoreUnavailable ? 'etcdserver: request timed out' : String(error);
  const refusal = error instanceof Refusal ? error : new Refusal('InternalError', says);
  if (refusal.code === 429) response.setHeader('retry-after', '1');
  sendJson(response, refusal.code, refusal.status);
}
