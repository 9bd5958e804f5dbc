import { request as plain, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as secure } from 'node:https';
import { bytesOf, LoopbackServer, placeIn, send } from '../../test/suites/loopback-server.ts';
import type { Recorded } from './recording.ts';

/**
 * Stands in front of the endpoints of one cloud, and keeps what passes. `/<host>_<port>/path` goes to that host, and URLs of the
 * cloud's host in answers are rewritten so that clients keep coming through here.
 */
export class RecordingProxy extends LoopbackServer {
  readonly exchanges: Recorded[] = [];
  /** The case that runs. */
  by = '';
  readonly #host: string;
  readonly #tls: { readonly ca?: string };
  readonly #schemes = new Map<string, string>();

  /** @param authUrl where Keystone is; the other services are behind the same host. @param ca of its certificates. */
  constructor(authUrl: string, ca?: string) {
    super();
    this.#host = new URL(authUrl).hostname;
    this.#tls = ca === undefined ? {} : { ca };
  }

  /** The text with every URL of the cloud leading through here. */
  rewritten(text: string): string {
    return this.leadingHere(text, ({ scheme, host, port }) => {
      if (host !== this.#host) return false;
      this.#schemes.set(`${host}_${port}`, scheme);
      return true;
    });
  }

  protected override async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { host, port, path } = placeIn(incoming);
    const { method = 'GET' } = incoming;
    const asked = String(await bytesOf(incoming));
    const by = this.by;
    const ask = this.#schemes.get(`${host}_${port}`) === 'https' ? secure : plain;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { ...incoming.headers, host: `${host}:${port}` };
      ask({ host, port, path, method, headers, ...this.#tls }, resolve)
        .on('error', reject)
        .end(asked);
    });
    const text = String(await bytesOf(answer));
    const status = answer.statusCode ?? 502;
    const { 'content-length': _length, 'transfer-encoding': _encoding, ...headers } = answer.headers;
    const kept = { by, method, path: incoming.url ?? '', ...marksOf(incoming), asked, status, text };
    this.exchanges.push({ ...kept, headers: headers as Record<string, string> });
    send(outgoing, status, headers, Buffer.from(this.rewritten(text)));
  }
}

/** What tells one request from another beside its path and its body. */
export const marksOf = ({ headers }: IncomingMessage): Pick<Recorded, 'version' | 'token'> => ({
  version: [headers['openstack-api-version'] ?? ''].flat().join(),
  token: [headers['x-auth-token'] ?? ''].flat().join(),
});
