import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { StoreUnavailable, type ReplicaListener } from '../replica.ts';
import { DISCOVERY } from './discovery.ts';
import { objectAt, textAt, type Json } from './json.ts';
import { ObjectClient, type ObjectClientContext } from './object-client.ts';
import { OBJECT_VERBS, type ApiCall } from './object-verbs.ts';
import { badRequest, forbidden, Refusal } from './refusal.ts';
import { RESOURCES } from './resources.ts';
import { watchObjects } from './watch-objects.ts';

export interface ClusterApiContext extends ObjectClientContext {
  readonly adminToken: string;
  /** May read everything, and write nothing. */
  readonly readerToken: string;
  /** As `/version` says, such as `v1.34.2`. */
  readonly version: string;
}

/** Serves the API of Kubernetes over a store, as one kube-apiserver of several. */
export function clusterApiListener(context: ClusterApiContext): ReplicaListener {
  const objects = new ObjectClient(context);
  const { store, version: gitVersion } = context;
  const [major, minor] = gitVersion.slice(1).split('.');
  const versionBody = { major, minor, gitVersion, platform: 'linux/amd64' };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://localhost');
    const { method = 'GET', headers } = request;
    const user = userOf(context, headers.authorization);
    // Answered to anybody, as `system:public-info-viewer` allows.
    if (path === '/version') return sendJson(response, 200, versionBody);
    if (path === '/readyz' || path === '/healthz') await store.get('namespaces/-/default');
    if (/^\/(livez|readyz|healthz)$/.test(path)) return send(response, 200, 'text/plain', 'ok');
    if (user === undefined) throw unauthorized();
    const discovered = method === 'GET' ? DISCOVERY[path] : undefined;
    if (discovered !== undefined) return sendJson(response, 200, discovered);
    if (method === 'POST' && path === REVIEWS)
      return sendJson(response, 201, reviewed(user, JSON.parse(await text(request))));
    const target = targetAt(path);
    if (target === undefined) return send(response, 404, 'text/plain', '404 page not found\n');

    const { resource, ref, place } = target;
    if (user === 'reader' && method !== 'GET')
      throw forbidden(resource, ref.name, 'User "reader" only reads');
    if (query.has('dryRun')) throw badRequest('dryRun: the model cannot only try');
    const contentType = headers['content-type']?.split(';')[0] ?? 'application/json';
    const sent = await text(request);
    const body: unknown = sent === '' || !contentType.endsWith('json') ? undefined : JSON.parse(sent);
    const call = { store, objects, resource, ref, query, contentType, body };
    if (place === 'collection' && query.has('watch')) return await watchObjects(call, response);
    const [status, verb] = OBJECT_VERBS[`${method} ${place}`] ?? [405];
    if (verb === undefined || (method === 'POST' && resource.namespaced && ref.namespace === undefined))
      throw new Refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the resource');
    sendJson(response, status, await verb(call));
  };
  return (request, response) =>
    void serve(request, response).catch((error: unknown) => sendRefusal(response, error));
}

const PATH =
  /^\/(?:api|apis\/([^/]+))\/v1(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+)(?:\/(eviction))?)?$/;

function targetAt(path: string): (Pick<ApiCall, 'resource' | 'ref'> & { place: string }) | undefined {
  const [, group = '', namespace, plural = '', name = '', subresource] = PATH.exec(path) ?? [];
  const resource = RESOURCES.find((each) => each.group === group && each.plural === plural);
  if (resource === undefined || (subresource !== undefined && plural !== 'pods')) return undefined;
  const homeless = name !== '' && namespace === undefined;
  if (resource.namespaced ? homeless : namespace !== undefined) return undefined;
  const place = subresource ?? (name === '' ? 'collection' : 'object');
  return { resource, ref: { plural, namespace, name }, place };
}

const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

/** Whether the asking user may do what the review names; it is computed and not stored. */
function reviewed(user: 'admin' | 'reader', review: unknown): Json {
  const verb = textAt(review, 'spec', 'resourceAttributes', 'verb') ?? 'get';
  const allowed = user === 'admin' || ['get', 'list', 'watch'].includes(verb);
  const head = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview' };
  return { ...head, spec: objectAt(review, 'spec'), status: { allowed } };
}

const unauthorized = (): Refusal => new Refusal(401, 'Unauthorized', 'Unauthorized');

/** undefined without a token. @throws Refusal Unauthorized with a wrong one. */
function userOf(context: ClusterApiContext, header: string | undefined): 'admin' | 'reader' | undefined {
  if (header === undefined) return undefined;
  const [scheme, given = ''] = header.split(' ');
  // kubectl sends no token over plain HTTP, but it does send the password of `http://user:password@host`.
  const token = scheme === 'Basic' ? Buffer.from(given, 'base64').toString().split(':')[1] : given;
  if (token === context.adminToken) return 'admin';
  if (token === context.readerToken) return 'reader';
  throw unauthorized();
}

const sendJson = (response: ServerResponse, status: number, body: Json): void =>
  send(response, status, 'application/json', `${JSON.stringify(body)}\n`);

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}

function sendRefusal(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  // Whether a write happened that etcd did not answer is not known.
  const says = error instanceof StoreUnavailable ? 'etcdserver: request timed out' : String(error);
  const unexpected =
    error instanceof SyntaxError ? badRequest(says) : new Refusal(500, 'InternalError', says);
  const refusal = error instanceof Refusal ? error : unexpected;
  sendJson(response, refusal.code, refusal.status);
}
