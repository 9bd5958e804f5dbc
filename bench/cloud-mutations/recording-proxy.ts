import {
  createServer,
  request as plain,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { request as secure } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Recorded } from './recording.ts';

const URLS = /(https?):\/\/([\w.-]+):(\d+)/g;

/**
 * Stands in front of the endpoints of one cloud, and keeps what passes. `/<host>_<port>/path` goes to that host, and URLs of the
 * cloud's host in answers are rewritten so that clients keep coming through here.
 */
export class RecordingProxy {
  readonly exchanges: Recorded[] = [];
  /** The case that runs. */
  by = '';
  readonly #host: string;
  readonly #tls: { readonly ca?: string };
  readonly #schemes = new Map<string, string>();
  readonly #server: Server;

  /** @param authUrl where Keystone is; the other services are behind the same host. @param ca of its certificates. */
  constructor(authUrl: string, ca?: string) {
    this.#host = new URL(authUrl).hostname;
    this.#tls = ca === undefined ? {} : { ca };
    this.#server = createServer((incoming, outgoing) => {
      this.#pass(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The text with every URL of the cloud leading through here. */
  rewritten(text: string): string {
    const { port: own } = this.#server.address() as AddressInfo;
    return text.replace(URLS, (whole: string, scheme: string, host: string, port: string) => {
      if (host !== this.#host || port === String(own)) return whole;
      this.#schemes.set(`${host}_${port}`, scheme);
      return `http://127.0.0.1:${own}/${host}_${port}`;
    });
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const [, host = '', port = '', rest = '/'] = /^\/([\w.-]+)_(\d+)(.*)$/.exec(incoming.url ?? '') ?? [];
    const { method = 'GET' } = incoming;
    const asked = await textOf(incoming);
    const by = this.by;
    const ask = this.#schemes.get(`${host}_${port}`) === 'https' ? secure : plain;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { ...incoming.headers, host: `${host}:${port}` };
      const path = rest === '' ? '/' : rest;
      ask({ host, port, path, method, headers, ...this.#tls }, resolve)
        .on('error', reject)
        .end(asked);
    });
    const text = await textOf(answer);
    const status = answer.statusCode ?? 502;
    const { 'content-length': _length, 'transfer-encoding': _encoding, ...headers } = answer.headers;
    const kept = { by, method, path: incoming.url ?? '', ...marksOf(incoming), asked, status, text };
    this.exchanges.push({ ...kept, headers: headers as Record<string, string> });
    const sent = Buffer.from(this.rewritten(text));
    if (status === 204 || method === 'HEAD') outgoing.writeHead(status, headers).end();
    else outgoing.writeHead(status, { ...headers, 'content-length': sent.length }).end(sent);
  }
}

/** What tells one request from another beside its path and its body. */
export const marksOf = ({ headers }: IncomingMessage): Pick<Recorded, 'version' | 'token'> => ({
  version: [headers['openstack-api-version'] ?? ''].flat().join(),
  token: [headers['x-auth-token'] ?? ''].flat().join(),
});

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
