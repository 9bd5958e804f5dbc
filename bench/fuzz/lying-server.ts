import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seededRandom, type SeededRandom } from '../../src/model/seeded-random.ts';
import { drawLie, echoOf, KUBERNETES, tokenAnswer, versionsAnswer, type WireLie } from './answers.ts';
import { canary } from './documents.ts';
import { draw, mutateTree } from './mutate.ts';

export interface LyingServer {
  readonly url: string;
  /** From now on answers are drawn for this case; with `honestly` only what stands in them is changed. */
  begin(seed: string): void;
  close(): Promise<void>;
}

/** One server for Kubernetes and OpenStack on loopback, whose answers are wrong in one way at a time. */
export async function startLyingServer(): Promise<LyingServer> {
  let random = seededRandom('none');
  let asked = 0;
  let liesAt = 0;
  const server = createServer((request, response) => {
    const turn = asked++;
    const lies = turn === liesAt || random.integer(12) === 0;
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8').slice(0, 10_000);
    });
    request.on('error', () => undefined);
    request.on('end', () => answer({ request, response, body }, lies, random, urlOf(server)));
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: urlOf(server),
    begin(seed) {
      server.closeAllConnections();
      random = seededRandom(seed);
      asked = 0;
      liesAt = random.integer(14);
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: string;
}

function answer(exchange: Exchange, lies: boolean, random: SeededRandom, base: string): void {
  const { request, response, body } = exchange;
  const path = new URL(request.url ?? '/', 'http://x').pathname;
  const truth = truthOf(path, request.method ?? 'GET', base);
  const lie = lies ? drawLie(random) : 'honest';
  const said = lies && lie === 'honest' ? mutateTree(random, truth.body) : truth.body;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (path.endsWith('/auth/tokens')) headers['x-subject-token'] = canary('issued_token');
  const write = (status: number, text: string, more: Record<string, string> = {}): void => {
    response.writeHead(status, { ...headers, ...more });
    response.end(text);
  };
  if (!tellLie(lie, exchange, { write, random, said, path }, body))
    write(truth.status, JSON.stringify(said) ?? '');
}

interface Telling {
  readonly write: (status: number, text: string, more?: Record<string, string>) => void;
  readonly random: SeededRandom;
  readonly said: unknown;
  readonly path: string;
}

const STATUSES = [204, 206, 300, 304, 400, 401, 403, 404, 409, 410, 418, 429, 500, 502, 503, 599];

/** @returns false for an answer that is sent as it is. */
function tellLie(lie: WireLie, { request, response }: Exchange, telling: Telling, body: string): boolean {
  const { write, random, said, path } = telling;
  const text = JSON.stringify(said) ?? '';
  switch (lie) {
    case 'honest':
      return false;
    case 'status':
      write(draw(random, STATUSES), text);
      return true;
    case 'echo':
      write(draw(random, [400, 401, 403, 404, 500]), JSON.stringify(echoOf(request.headers, body)));
      return true;
    case 'text':
      write(200, '<html>please log in</html>', { 'content-type': 'text/html' });
      return true;
    case 'cut':
      write(200, text.slice(0, random.integer(text.length + 1)));
      return true;
    case 'reset':
      request.socket.destroy();
      return true;
    case 'not-http':
      request.socket.end('SSH-2.0-OpenSSH_9.7\r\n');
      return true;
    case 'silent':
      return true;
    case 'slow':
      setTimeout(() => request.socket.destroy(), 100).unref();
      response.write(text.slice(0, 5));
      return true;
    case 'endless-list':
      write(200, JSON.stringify({ items: [], metadata: { continue: `${path}-${random.integer(1e9)}` } }));
      return true;
    default:
      return tellLargeLie(lie, telling, text);
  }
}

function tellLargeLie(lie: WireLie, { write, random, path }: Telling, text: string): boolean {
  if (lie === 'redirect')
    write(302, '', { location: draw(random, [path, 'http://127.0.0.1:1/', 'file:///etc']) });
  else if (lie === 'huge') write(200, `{"items":[${'{"metadata":{"name":"x"}},'.repeat(20_000)}null]}`);
  else if (lie === 'deep') write(200, `${'['.repeat(50_000)}${']'.repeat(50_000)}`);
  else if (lie === 'wrong-type')
    write(200, text, { 'content-type': 'application/octet-stream; charset=utf-7' });
  else write(200, text, { 'content-length': String(text.length + 5) });
  return true;
}

function truthOf(
  path: string,
  method: string,
  base: string,
): { readonly status: number; readonly body: unknown } {
  if (path.endsWith('/auth/tokens') && method === 'POST') return { status: 201, body: tokenAnswer(base) };
  const last = path.split('/').findLast((part) => part !== '') ?? '';
  const known = KUBERNETES[last];
  if (Object.hasOwn(KUBERNETES, last)) return { status: 200, body: known };
  if (path.startsWith('/compute') || path.startsWith('/identity') || path === '/')
    return { status: 200, body: versionsAnswer(base) };
  return { status: 404, body: { kind: 'Status', message: `${path} is not here` } };
}
