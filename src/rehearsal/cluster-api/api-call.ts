import type { IncomingMessage } from 'node:http';
import type { ObjectClient } from './object-client.ts';
import type { WatchedStore } from '../watched-store.ts';
import { isJson, type Json } from './json.ts';
import { badRequest, Refusal, unsupportedMediaType } from './refusal.ts';
import type { Resource } from './resources.ts';

export interface ClusterApiContext {
  readonly store: WatchedStore;
  /** May do everything. */
  readonly adminToken: string;
  /** May read everything, and write nothing. */
  readonly readerToken: string;
  /** Milliseconds since 1970, UTC. */
  readonly nowMs: () => number;
  /** Lower-case hexadecimal digits. */
  readonly token: (length: number) => string;
  /** As `/version` says, such as `v1.34.2`. */
  readonly version: string;
  /** Seconds that a new pod tolerates a node that is not ready. Default: the rehearsal's timer. */
  readonly tolerationSeconds?: number;
}

/** What one request asks, once it is known who asks and what the path means. */
export interface ApiCall {
  readonly context: ClusterApiContext;
  readonly objects: ObjectClient;
  readonly method: string;
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly query: URLSearchParams;
  readonly contentType: string;
  /** Empty when there is none. */
  readonly body: string;
  /** Whether the client asked for rows to print instead of objects. */
  readonly asTable: boolean;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: Json;
}

export const answer = (status: number, body: Json): ApiAnswer => ({ status, body });

export const isDryRun = ({ query }: ApiCall): boolean => {
  const asked = query.get('dryRun');
  if (asked !== null && asked !== 'All')
    throw badRequest(`dryRun: Unsupported value: "${asked}": supported values: "All"`);
  return asked === 'All';
};

/** etcd's limit for a request (etcd `--max-request-bytes`, 1.5 MiB), and room for its wrapping. */
const LARGEST_BODY = 3 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > LARGEST_BODY)
      throw new Refusal(413, 'RequestEntityTooLarge', `limit is ${LARGEST_BODY}: the request is too large`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** @throws Refusal BadRequest when the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`the body of the request could not be decoded as JSON: ${(error as Error).message}`);
  }
}

const ACCEPTED = ['application/json'];

/** The object that a client sent. @throws Refusal 400 or 415. */
export function parseObject({ body, contentType, resource, namespace }: ApiCall): Json {
  if (contentType !== '' && contentType !== 'application/json') throw unsupportedMediaType(ACCEPTED);
  const object = parseJson(body);
  if (!isJson(object)) throw badRequest('the body of the request is not an object');
  return checkObject(object, resource, namespace);
}

/** With the namespace of the path. @throws Refusal BadRequest when it is of another kind or namespace than the path says. */
export function checkObject(object: Json, resource: Resource, namespace: string | undefined): Json {
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  const { kind = resource.kind, apiVersion: given = apiVersion } = object;
  if (kind !== resource.kind || given !== apiVersion) {
    const says = `${String(kind)} in version "${String(given)}" cannot be handled as a ${resource.kind}`;
    throw badRequest(
      `${says}: the API version in the data (${String(given)}) and the kind must match ${apiVersion}`,
    );
  }
  const metadata = isJson(object['metadata']) ? object['metadata'] : {};
  const own = metadata['namespace'];
  if (namespace !== undefined && own !== undefined && own !== '' && own !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  return { ...object, metadata: { ...metadata, ...(namespace === undefined ? {} : { namespace }) } };
}
