import type { Secret } from '../model/secret.ts';
import type { ApiAccess, ApiClient } from './api-client.ts';

export interface CatalogueService {
  readonly type: string;
  readonly name: string;
  readonly endpoints: readonly {
    readonly interface: string;
    readonly region: string;
    readonly url: string;
  }[];
}

/** A user by password, within one project. */
export interface UserInProject {
  readonly userId: string;
  readonly password: Secret;
  readonly projectId: string;
}

/**
 * An OpenStack, as one user in one scope. Tokens are taken and renewed inside (once on 401, one at a time). Throws `SQ_AUTH`
 * when the credentials are refused.
 */
export interface OpenStackApi {
  readonly cloud: string;
  /** The Keystone endpoint, without version: the identity of the cloud. */
  identity(): Promise<string>;
  /** Takes a new token now. */
  authenticate(
    signal?: AbortSignal,
  ): Promise<{ readonly projectId?: string; readonly userId: string; readonly token: Secret }>;
  /** Who the user is where it is, as the token in hand says it; asks for nothing where there is one. */
  user(signal?: AbortSignal): Promise<{
    readonly userId: string;
    readonly projectId?: string;
    /** Their names. */
    readonly roles: readonly string[];
  }>;
  catalogue(signal?: AbortSignal): Promise<readonly CatalogueService[]>;
  /**
   * A client whose paths begin at the versioned root of that service (`/servers`, `/v2.0` left out). Service types are the
   * official ones; aliases in the catalogue (`volumev3`) are understood. Adds the token and the microversion.
   */
  service(type: ServiceType, options?: { readonly microversion?: string }): ApiClient;
  /** Follows the links of a paged list and returns the items under `key`. */
  listAll(
    type: ServiceType,
    path: string,
    key: string,
    signal?: AbortSignal,
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** The versioned root of a service with a token in its headers. */
  access(type: ServiceType): Promise<ApiAccess>;
  /** The same cloud as somebody else: each time the same client, with one token; nothing is asked before its first request. */
  as(user: UserInProject): OpenStackApi;
}

export type ServiceType =
  'identity' | 'compute' | 'network' | 'image' | 'block-storage' | 'placement' | 'orchestration';

/** How a program that is not Squall logs in where Squall does, from clouds.yaml. */
export interface CloudAccount {
  readonly cloud: string;
  /** Of Keystone, as it is written there. */
  readonly authUrl: string;
  /** Absent: the cloud is entered with a token or an application credential. */
  readonly password?: Secret;
  /** Absent: the cloud names none. */
  readonly region?: string;
  /** `public`, `internal` or `admin`. */
  readonly interface: string;
  readonly verify: boolean;
  /** Path of a PEM file. Absent: those of the system. */
  readonly cacert?: string;
}
