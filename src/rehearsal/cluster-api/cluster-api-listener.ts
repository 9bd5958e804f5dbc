import type { IncomingMessage, ServerResponse } from 'node:http';
import { StoreConflict, StoreUnavailable, type ReplicaListener } from '../replica.ts';
import { TIMERS } from '../timers.ts';
import {
  answer,
  parseJson,
  readBody,
  type ApiAnswer,
  type ApiCall,
  type ClusterApiContext,
} from './api-call.ts';
import { deleteCollection, deleteObject } from './delete-objects.ts';
import { discoveryAt, versionBody } from './discovery.ts';
import { createObjectClient, type ObjectClient } from './object-client.ts';
import { getObject, listObjects } from './read-objects.ts';
import {
  failureStatus,
  forbidden,
  methodNotAllowed,
  notFound,
  Refusal,
  storeSilent,
  unauthorized,
} from './refusal.ts';
import { findResource, REVIEW_GROUP, type Resource } from './resources.ts';
import { bindPod, evictPod, reviewAccess, scaleObject, statusOfObject } from './subresources.ts';
import { watchObjects } from './watch-objects.ts';
import { createObject, patchObject, updateObject } from './write-objects.ts';

/** Serves the API of Kubernetes over a store, as one kube-apiserver of several. */
export function clusterApiListener(context: ClusterApiContext): ReplicaListener {
  const tolerationSeconds =
    context.tolerationSeconds ?? TIMERS['default-unreachable-toleration'].value / 1000;
  const objects = createObjectClient({
    store: context.store,
    nowMs: () => context.nowMs(),
    token: (length) => context.token(length),
    tolerationSeconds,
  });
  return (request, response) => {
    void serve(context, objects, request, response).catch((error: unknown) => {
      sendRefusal(response, error);
    });
  };
}

async function serve(
  context: ClusterApiContext,
  objects: ObjectClient,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const path = url.pathname.length > 1 ? url.pathname.replace(/\/$/, '') : url.pathname;
  const user = userOf(context, request);
  if (OPEN_PATHS.test(path)) {
    await sendOpen(context, path, response);
    return;
  }
  if (user === undefined) throw unauthorized();
  const method = request.method ?? 'GET';
  const discovered = discoveryAt(path);
  if (discovered !== undefined) {
    if (method !== 'GET') throw methodNotAllowed();
    sendJson(response, answer(200, discovered));
    return;
  }
  const review = new RegExp(`^/apis/${REVIEW_GROUP}/v1/(selfsubject(?:access|rules)reviews)$`).exec(path);
  if (review !== null) {
    if (method !== 'POST') throw methodNotAllowed();
    const given = parseJson(await readBody(request));
    const token = (length: number): string => context.token(length);
    sendJson(response, answer(201, reviewAccess(review[1] ?? '', given, user === 'admin', token)));
    return;
  }
  const target = parsePath(path);
  if (target === undefined) {
    sendText(response, 404, '404 page not found\n');
    return;
  }
  if (user === 'reader' && method !== 'GET') {
    const says = `User "reader" cannot write resource "${target.resource.plural}" in API group "${target.resource.group}"`;
    throw forbidden(target.resource, target.name ?? '', says);
  }
  await serveObjects({ context, objects, target, method, url }, request, response);
}

interface Target {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

interface ObjectRequest {
  readonly context: ClusterApiContext;
  readonly objects: ObjectClient;
  readonly target: Target;
  readonly method: string;
  readonly url: URL;
}

async function serveObjects(
  { context, objects, target, method, url }: ObjectRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  const call: ApiCall = {
    context,
    objects,
    method,
    ...target,
    query: url.searchParams,
    contentType: (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
    body: method === 'GET' ? '' : await readBody(request),
    asTable: /as=Table/.test(request.headers.accept ?? ''),
    signal: gone.signal,
  };
  if (target.subresource === 'log') {
    await sendLog(call, response);
    return;
  }
  const watch = url.searchParams.get('watch');
  if (method === 'GET' && target.subresource === undefined && (watch === 'true' || watch === '1')) {
    await watchObjects(call, response);
    return;
  }
  sendJson(response, await answerTo(call));
}

function answerTo(call: ApiCall): Promise<ApiAnswer> {
  const { method, name, subresource, resource } = call;
  if (subresource !== undefined) return answerToSubresource(call, subresource);
  if (name === undefined) {
    if (method === 'GET') return listObjects(call);
    if (method === 'POST') return createObject(call);
    // Namespaces and what every namespace holds are never deleted in one go.
    const whole = resource.namespaced ? call.namespace !== undefined : resource.plural !== 'namespaces';
    if (method === 'DELETE' && whole) return deleteCollection(call);
    throw methodNotAllowed();
  }
  if (method === 'GET') return getObject(call);
  if (method === 'PUT') return updateObject(call);
  if (method === 'PATCH') return patchObject(call);
  if (method === 'DELETE') return deleteObject(call);
  throw methodNotAllowed();
}

function answerToSubresource(call: ApiCall, subresource: string): Promise<ApiAnswer> {
  const { method } = call;
  const writes = ['GET', 'PUT', 'PATCH'].includes(method);
  if (subresource === 'status' && writes) return statusOfObject(call);
  if (subresource === 'scale' && writes) return scaleObject(call);
  if (subresource === 'eviction' && method === 'POST') return evictPod(call);
  if (subresource === 'binding' && method === 'POST') return bindPod(call);
  throw methodNotAllowed();
}

const PATH =
  /^\/(?:api|apis\/(?<group>[^/]+))\/(?<version>v\d\w*)(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+)(?:\/(?<subresource>[^/]+))?)?$/;

function parsePath(path: string): Target | undefined {
  // A namespace is an object itself, and what it holds comes after it.
  const own = /^\/api\/v1\/namespaces\/(?<name>[^/]+)(?:\/(?<subresource>status|finalize))?$/.exec(path);
  const found = own ?? PATH.exec(path);
  if (found?.groups === undefined) return undefined;
  const { group = '', version = 'v1', plural = 'namespaces' } = found.groups;
  const resource = findResource(group, version, plural);
  const [namespace, name, subresource] = ['namespace', 'name', 'subresource'].map((part) => {
    const text = found.groups?.[part];
    return text === undefined ? undefined : decodeURIComponent(text);
  });
  if (resource === undefined || (namespace !== undefined && !resource.namespaced)) return undefined;
  if (name !== undefined && resource.namespaced && namespace === undefined) return undefined;
  if (subresource !== undefined && !hasSubresource(resource, subresource)) return undefined;
  return { resource, namespace, name, subresource };
}

function hasSubresource(resource: Resource, subresource: string): boolean {
  if (subresource === 'status') return resource.status;
  if (subresource === 'scale') return resource.scale;
  return resource.plural === 'pods' && ['eviction', 'binding', 'log'].includes(subresource);
}

/** Answered to anybody, as `system:public-info-viewer` allows. */
const OPEN_PATHS = /^\/(version|readyz|livez|healthz)$/;

/** undefined without a token. @throws Refusal Unauthorized with a wrong one. */
function userOf(context: ClusterApiContext, request: IncomingMessage): 'admin' | 'reader' | undefined {
  const { authorization } = request.headers;
  if (authorization === undefined) return undefined;
  const token = /^Bearer\s+(.+)$/i.exec(authorization)?.[1];
  if (token === context.adminToken) return 'admin';
  if (token === context.readerToken) return 'reader';
  throw unauthorized();
}

async function sendOpen(context: ClusterApiContext, path: string, response: ServerResponse): Promise<void> {
  if (path === '/version') {
    sendJson(response, answer(200, versionBody(context.version)));
    return;
  }
  if (path !== '/livez') {
    try {
      await context.store.get('namespaces/-/kube-system');
    } catch {
      sendText(response, 500, '[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n');
      return;
    }
  }
  sendText(response, 200, 'ok');
}

async function sendLog(
  { objects, resource, namespace, name = '', method }: ApiCall,
  response: ServerResponse,
): Promise<void> {
  if (method !== 'GET') throw methodNotAllowed();
  const pod = await objects.get(resource, namespace, name);
  if (pod === undefined) throw notFound(resource, name);
  sendText(response, 200, `${pod.metadata.creationTimestamp} ${name} started\n`);
}

function sendJson(response: ServerResponse, { status, body }: ApiAnswer): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-cache, private',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function sendRefusal(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const refusal = refusalOf(error);
  if (refusal.code === 429) response.setHeader('retry-after', '1');
  sendJson(response, answer(refusal.code, failureStatus(refusal)));
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof StoreUnavailable) return storeSilent();
  if (error instanceof StoreConflict) return new Refusal(409, 'Conflict', error.message);
  if (error instanceof URIError)
    return new Refusal(400, 'BadRequest', 'the path of the request is not valid');
  return new Refusal(500, 'InternalError', `Internal error occurred: ${String((error as Error).message)}`);
}
