import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Answerer = (request: IncomingMessage, response: ServerResponse, url: URL, body: string) => void;

/** A real HTTP server on loopback whose answers the test decides, and a kubeconfig that names it. */
export interface ApiServer {
  readonly port: number;
  readonly kubeconfig: string;
  /** Sockets accepted so far. */
  connections(): number;
  answer(answerer: Answerer): void;
  /** Drops every connection at once. */
  dropAll(): void;
  close(): Promise<void>;
}

export const TOKEN = 'sq-test-token-0123456789';

export const kubeconfigFor = (server: string, user = `token: ${TOKEN}`): string => `apiVersion: v1
kind: Config
current-context: lab
contexts:
- name: lab
  context: {cluster: here, user: someone}
- name: other
  context: {cluster: here, user: someone}
clusters:
- name: here
  cluster: {server: "${server}", insecure-skip-tls-verify: true}
users:
- name: someone
  user: {${user}}
`;

export async function startApiServer(): Promise<ApiServer> {
  let answerer: Answerer = (_request, response) => response.writeHead(500).end();
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      answerer(
        request,
        response,
        new URL(request.url ?? '/', 'http://lab'),
        Buffer.concat(chunks).toString(),
      );
    });
  });
  server.keepAliveTimeout = 30_000;
  server.on('connection', (socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const folder = await mkdtemp(join(tmpdir(), 'squall-kubernetes-'));
  const kubeconfig = join(folder, 'config');
  await writeFile(kubeconfig, kubeconfigFor(`http://127.0.0.1:${port}`));
  return {
    port,
    kubeconfig,
    connections: () => accepted,
    answer: (given) => {
      answerer = given;
    },
    dropAll: () => {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export const status = (code: number, message: string): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  code,
  message,
});

export const pod = (name: string, resourceVersion: string): object => ({
  metadata: { name, namespace: 'openstack', uid: `uid-${name}`, resourceVersion },
});

export const eventLine = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;
