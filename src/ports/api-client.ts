import type { Duration } from '../model/duration.ts';
import type { Instant } from '../model/instant.ts';
import type { Secret } from '../model/secret.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root of the service, with its leading slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string or bytes are sent as they are. */
  readonly body?: unknown;
  /** The answer's text as it came, also where it says that it is JSON: a watch is many documents. Only of a Kubernetes API. */
  readonly asText?: boolean;
  /** From the call until the whole answer is there. Default 30 s. */
  readonly timeout?: Duration;
  readonly signal?: AbortSignal;
}

export interface ApiResponse<Body = unknown> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed where the answer says that it is JSON; otherwise its text. */
  readonly body: Body;
  readonly requestId?: string;
  readonly sent: Instant;
  readonly received: Instant;
  readonly url: string;
}

/**
 * A client of one HTTP API. An HTTP status is an answer, never an error. It does not retry, but for a GET whose kept connection
 * died before any answer: that is sent once more, as Go's client does. Probes do not come through here, and never retry.
 * `request` throws `SQ_UNREACHABLE` (no answer; `definite: false` once the request was sent), `SQ_BAD_ANSWER` (not HTTP, JSON
 * that does not parse, a body of the wrong length) or the signal's reason.
 */
export interface ApiClient {
  readonly name: string;
  request<Body = unknown>(request: ApiRequest): Promise<ApiResponse<Body>>;
}

/** How a program that is not this process reaches an API: what probers and lanes are handed. */
export interface ApiAccess {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | Secret>>;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Secret;
  readonly verify: boolean;
}
