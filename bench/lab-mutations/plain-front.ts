import type { IncomingMessage, ServerResponse } from 'node:http';
import { request } from 'node:https';
import type { ApiAccess } from '../../src/ports/api-client.ts';
import { LoopbackServer } from '../../test/suites/loopback-server.ts';

/** Plain HTTP on loopback in front of an API server with certificates, for the mutating proxy, which reads what passes. */
export class PlainFront extends LoopbackServer {
  readonly #access: ApiAccess;

  constructor(access: ApiAccess) {
    super();
    this.#access = access;
  }

  protected override async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { url, ca, cert, key, verify } = this.#access;
    const credentials = Object.fromEntries(
      Object.entries(this.#access.headers).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : value.reveal(),
      ]),
    );
    const headers = { ...incoming.headers, ...credentials, host: new URL(url).host };
    const onward = request(
      `${url}${incoming.url ?? '/'}`,
      { method: incoming.method, headers, ca, cert, key: key?.reveal(), rejectUnauthorized: verify },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', (error) => outgoing.destroy(error));
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  }
}

/** A kubeconfig that leads to a server without certificates and needs no credentials. */
export function kubeconfigOf(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'lab', user: {} }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab' } }],
    'current-context': 'lab',
  });
}
