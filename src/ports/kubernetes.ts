import type { Instant } from '../model/instant.ts';
import type { ApiAccess, ApiClient } from './api-client.ts';

/** The part of every Kubernetes object that Squall reads; everything else is kept as it came. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly {
      readonly kind: string;
      readonly name: string;
      readonly uid: string;
    }[];
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly signal?: AbortSignal;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  /** The object is deleted only if it still has this UID. */
  readonly uid?: string;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  readonly signal?: AbortSignal;
}

/**
 * What a watch tells. `source` names the API server that said it first, where a cluster is watched from more than one.
 */
export type KubernetesWatchEvent =
  | {
      readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
      readonly object: KubernetesObject;
      readonly source?: string;
    }
  /**
   * Everything that there is: what is not in it is gone. It was so at `asOf` at the earliest: whatever changes after that comes
   * as an event of its own.
   */
  | {
      readonly type: 'LISTED';
      readonly objects: readonly KubernetesObject[];
      readonly asOf?: Instant;
      readonly source?: string;
    }
  /** Nothing else changed up to here: a quiet watch says so now and then, and that it is still alive. */
  | { readonly type: 'BOOKMARK'; readonly source?: string }
  /**
   * Nothing is seen from here on until `SEEING`; with several API servers, by none of them. `since` is the last instant up to
   * which everything was seen.
   */
  | { readonly type: 'BLIND'; readonly says: string; readonly since?: Instant }
  /** It was blind between these two, and `says` why; what changed meanwhile is in the events that follow. Comes after `BLIND`. */
  | { readonly type: 'SEEING'; readonly from: Instant; readonly to: Instant; readonly says: string };

/**
 * A Kubernetes API. The raw `request` answers whatever the server said; the verbs below throw `HarnessError` on anything but
 * success: `SQ_AUTH` on 401 and 403, `SQ_BAD_ANSWER` otherwise, with the server's own message. Where a program or a file gives the
 * credentials, a 401 makes it give new ones, and the request, which was not let in, is sent once more with them.
 */
export interface KubernetesApi extends ApiClient {
  /** Paths are collections, such as `/api/v1/pods` or `/apis/apps/v1/namespaces/openstack/deployments`. Follows `continue`. */
  list(collection: string, options?: ListOptions): Promise<readonly KubernetesObject[]>;
  /** undefined when it is not there. */
  get(path: string, signal?: AbortSignal): Promise<KubernetesObject | undefined>;
  create(collection: string, object: object, signal?: AbortSignal): Promise<KubernetesObject>;
  /** JSON merge patch. */
  patch(path: string, change: object, signal?: AbortSignal): Promise<KubernetesObject>;
  /** False when it was not there, or no longer had the UID. */
  delete(path: string, options?: DeleteOptions): Promise<boolean>;
  /**
   * List, then watch, without end; reconnects by itself and says when it was blind. No object ever goes back to an older version.
   * Ends with the signal.
   */
  watch(
    collection: string,
    options: ListOptions & { readonly signal: AbortSignal },
  ): AsyncIterable<KubernetesWatchEvent>;
  access(): Promise<ApiAccess>;
}
