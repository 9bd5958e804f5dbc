import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { clusterApiListener } from '../../../src/rehearsal/cluster-api/cluster-api-listener.ts';
import { createMemoryStore, type MemoryStore } from '../../../src/rehearsal/memory-store.ts';

export const ADMIN = 'admin-token';
export const READER = 'reader-token';

/** Lower-case hexadecimal digits. */
export const token = (length: number): string => randomBytes(length).toString('hex').slice(0, length);

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Empty when the answer is no JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface AskOptions {
  readonly token?: string | null;
  readonly type?: string;
  readonly accept?: string;
}

export interface ModelCluster {
  readonly url: string;
  readonly store: MemoryStore;
  ask(method: string, path: string, body?: unknown, options?: AskOptions): Promise<Answer>;
  close(): Promise<void>;
}

/** One API server on a port of its own, over a store in memory. */
export async function startModelCluster(store = createMemoryStore()): Promise<ModelCluster> {
  const context = {
    store,
    adminToken: ADMIN,
    readerToken: READER,
    nowMs: () => Date.now(),
    token,
    version: 'v1.34.2',
  };
  const server = createServer(clusterApiListener(context));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    store,
    async ask(method, path, body, options = {}) {
      const given = options.token === undefined ? ADMIN : options.token;
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(given === null ? {} : { authorization: `Bearer ${given}` }),
          ...(body === undefined ? {} : { 'content-type': options.type ?? 'application/json' }),
          ...(options.accept === undefined ? {} : { accept: options.accept }),
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json') === true;
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: isJson ? (JSON.parse(text) as Answer['body']) : {},
      };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value);

/** A pod as small as it may be. */
export const podNamed = (name: string, more: object = {}): object => ({
  metadata: { name },
  spec: { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }] },
  ...more,
});
