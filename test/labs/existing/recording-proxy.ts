import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { LoopbackServer } from '../../suites/loopback-server.ts';

/** One request as an authorizer of Kubernetes sees it. */
export interface Asked {
  readonly verb: string;
  /** Empty for the core group; absent for a path that is no resource. */
  readonly group?: string;
  /** With its subresource, as in `pods/log`. */
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** For what is no resource, such as `/version`. */
  readonly path?: string;
}

/** Stands in front of one API server on loopback, and notes what every request asks to do. */
export class RecordingProxy extends LoopbackServer {
  readonly asked: Asked[] = [];
  readonly #target: URL;

  constructor(target: string) {
    super();
    this.#target = new URL(target);
  }

  protected override async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', headers } = incoming;
    this.asked.push(attributesOf(method, path));
    const { hostname, port } = this.#target;
    const onward = ask({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  }
}

const VERBS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch' };

/** As kube-apiserver reads a request (kubernetes.io, "Authorization Overview", "Request attributes"). */
export function attributesOf(method: string, url: string): Asked {
  const { pathname, searchParams } = new URL(url, 'http://cluster');
  const words = pathname
    .split('/')
    .filter((word) => word !== '')
    .map(decodeURIComponent);
  const isCore = words[0] === 'api' && words.length > 2;
  const isGroup = words[0] === 'apis' && words.length > 3;
  if (!isCore && !isGroup) return { verb: method.toLowerCase(), path: pathname };
  const group = isCore ? '' : (words[1] ?? '');
  let rest = words.slice(isCore ? 2 : 3);
  let namespace: string | undefined;
  if (rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2] ?? '')) {
    namespace = rest[1];
    rest = rest.slice(2);
  } else if (rest[0] === 'namespaces' && rest[1] !== undefined) namespace = rest[1];
  const [plural = '', name, subresource] = rest;
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  return {
    verb: verbOf(method, name, searchParams),
    group,
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}

function verbOf(method: string, name: string | undefined, query: URLSearchParams): string {
  if (method === 'GET' || method === 'HEAD') {
    if (['true', '1'].includes(query.get('watch') ?? '')) return 'watch';
    return name === undefined ? 'list' : 'get';
  }
  if (method === 'DELETE') return name === undefined ? 'deletecollection' : 'delete';
  return VERBS[method] ?? method.toLowerCase();
}
