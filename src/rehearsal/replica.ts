import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * What a replica of a service is given by the node that runs it. The OpenStack services are written against this file alone:
 * they do not know which process they run in, nor where their database is.
 */

/** One value of the replicated store. */
export interface Document {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** The revision of the store at its last change; what `put` and `delete` compare with. */
  readonly revision: number;
  /** The revision of the store when it was created. */
  readonly created: number;
}

/** One change, oldest first; `document` is the last one seen when it was deleted. */
export interface DocumentChange {
  readonly kind: 'put' | 'delete';
  readonly revision: number;
  readonly document: Document;
  /** What it was before, absent when it was created by this change. */
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
  /**
   * False when there was nothing.
   * @throws StoreConflict when its revision is not the expected one.
   */
  delete(key: string, expected?: number): Promise<boolean>;
}

/** No majority answered in time. `definite` is true when the write certainly did not happen. */
export class StoreUnavailable extends Error {
  readonly definite: boolean;

  constructor(says: string, definite: boolean) {
    super(says);
    this.name = 'StoreUnavailable';
    this.definite = definite;
  }
}

/** What is stored is not what the writer expected. */
export class StoreConflict extends Error {
  /** What is there now. */
  readonly present: Document | undefined;

  constructor(key: string, present: Document | undefined) {
    super(
      `${key} is ${present === undefined ? 'absent' : `at revision ${present.revision}`}, which was not expected.`,
    );
    this.name = 'StoreConflict';
    this.present = present;
  }
}

export const OPENSTACK_SERVICES = ['keystone', 'nova', 'neutron', 'glance', 'cinder', 'placement'] as const;

export type OpenStackService = (typeof OPENSTACK_SERVICES)[number];

export interface ReplicaContext {
  /** The node that it runs on, such as `control-1`. */
  readonly node: string;
  /** The pod that it is, such as `nova-api-osapi-6c9d-x2x7f`. */
  readonly pod: string;
  readonly database: DocumentStore;
  /** The public URL of a service, as the catalogue names it: `http://127.0.0.1:PORT` without a path. */
  frontUrl(service: OpenStackService): string;
  /** The timers of OpenStack that the model follows, in milliseconds. */
  readonly timers: OpenStackTimers;
  /** Milliseconds since 1970, UTC. */
  nowMs(): number;
  /** Lower-case hexadecimal digits. */
  token(length: number): string;
  /** Password of the user `admin`. */
  readonly adminPassword: string;
  /** Password of the ordinary user `demo` of project `demo`. */
  readonly demoPassword: string;
}

/** In milliseconds; each comes from `timers.ts`. */
export interface OpenStackTimers {
  /** How often nova-compute and the agents write that they are alive. */
  readonly reportIntervalMs: number;
  /** After how much silence a service or agent counts as down. */
  readonly serviceDownMs: number;
  /** How long a server takes from BUILD to ACTIVE. */
  readonly serverBuildMs: number;
  /** How long a volume takes from creating to available. */
  readonly volumeBuildMs: number;
  /** How long a server takes from being deleted to being gone. */
  readonly serverDeleteMs: number;
}

/** Serves all requests of one replica, on the port of its pod. */
export type ReplicaListener = (request: IncomingMessage, response: ServerResponse) => void;
