import type { IncomingMessage, ServerResponse } from 'node:http';

// What a replica of a service is given by the node that runs it. The OpenStack services are written against this file alone:
// they do not know which process they run in, nor where their database is.

/** One value of the replicated store. */
export interface Document {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** The revision of the store at its last change; what `put` and `delete` compare with. */
  readonly revision: number;
  /** The revision of the store when it was created. */
  readonly created: number;
}

/** `document` is the last one seen when it was deleted; `before` is absent when it was created by this change. */
export interface DocumentChange {
  readonly kind: 'put' | 'delete';
  readonly revision: number;
  readonly document: Document;
  readonly before?: Document;
}

/** What a `put` expects to replace: that revision, nothing at all, or whatever is there. */
export type Expected = number | 'absent' | 'any';

/**
 * A linearizable store of documents, by key. Every method throws `StoreUnavailable` when no majority of its members answers
 * within the store's own limit (timers: `database request limit`); then a write may have happened or not.
 */
export interface DocumentStore {
  get(key: string): Promise<Document | undefined>;
  /** All documents whose key starts with `prefix`, by key, and the revision of the store at which they were read. */
  list(prefix: string): Promise<{ readonly documents: readonly Document[]; readonly revision: number }>;
  /** @throws StoreConflict when what is there is not what was expected. */
  put(key: string, value: Readonly<Record<string, unknown>>, expected: Expected): Promise<Document>;
  /** False when there was nothing. @throws StoreConflict when its revision is not the expected one. */
  delete(key: string, expected?: number): Promise<boolean>;
}

/** No majority answered in time. `definite` is true when the write certainly did not happen. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly definite: boolean;

  constructor(says: string, definite: boolean) {
    super(says);
    this.definite = definite;
  }
}

/** What is stored is not what the writer expected; `present` is what is there now. */
export class StoreConflict extends Error {
  override readonly name = 'StoreConflict';
  readonly present: Document | undefined;

  constructor(key: string, present: Document | undefined) {
    const is = present === undefined ? 'absent' : `at revision ${present.revision}`;
    super(`${key} is ${is}, which was not expected.`);
    this.present = present;
  }
}

export const OPENSTACK_SERVICES = ['keystone', 'nova', 'neutron', 'glance', 'cinder', 'placement'] as const;

export type OpenStackService = (typeof OPENSTACK_SERVICES)[number];

export interface ReplicaContext {
  /** The node that it runs on, and the pod that it is. */
  readonly node: string;
  readonly pod: string;
  readonly database: DocumentStore;
  /** The public URL of a service, as the catalogue names it: `http://127.0.0.1:PORT` without a path. */
  frontUrl(service: OpenStackService): string;
  readonly timers: OpenStackTimers;
  /** Milliseconds since 1970, UTC. */
  nowMs(): number;
  /** Lower-case hexadecimal digits. */
  token(length: number): string;
  /** Passwords of the users `admin` and `demo`, who are in the projects of the same names. */
  readonly adminPassword: string;
  readonly demoPassword: string;
}

/** In milliseconds; each comes from `timers.ts`. */
export interface OpenStackTimers {
  /** How often nova-compute and the agents write that they are alive, and after how much silence they count as down. */
  readonly reportIntervalMs: number;
  readonly serviceDownMs: number;
  /** How long a server takes from BUILD to ACTIVE, a volume to become available, and a deleted server to be gone. */
  readonly serverBuildMs: number;
  readonly volumeBuildMs: number;
  readonly serverDeleteMs: number;
}

/** Serves all requests of one replica, on the port of its pod. */
export type ReplicaListener = (request: IncomingMessage, response: ServerResponse) => void;
