import { createServer, type Server } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ApiAccess } from '../../src/ports/api-client.ts';

/** Plain HTTP on loopback in front of an API server with certificates, for the mutating proxy, which reads what passes. */
export class PlainFront {
  readonly #server: Server;

  constructor(access: ApiAccess) {
    const { ca, cert, key, verify } = access;
    const credentials = Object.fromEntries(
      Object.entries(access.headers).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : value.reveal(),
      ]),
    );
    this.#server = createServer((incoming, outgoing) => {
      const headers = { ...incoming.headers, ...credentials, host: new URL(access.url).host };
      const onward = request(
        `${access.url}${incoming.url ?? '/'}`,
        { method: incoming.method, headers, ca, cert, key: key?.reveal(), rejectUnauthorized: verify },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        },
      );
      onward.on('error', (error) => outgoing.destroy(error));
      outgoing.on('close', () => onward.destroy());
      incoming.pipe(onward);
    });
  }

  /** @returns a kubeconfig that leads through here. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: 'lab', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
      ],
      users: [{ name: 'lab', user: {} }],
      contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab' } }],
      'current-context': 'lab',
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
