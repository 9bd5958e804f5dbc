import type { Trouble } from '../model/conformance.ts';
import { milliseconds, type Duration } from '../model/duration.ts';
import { describeError, HarnessError } from '../model/errors.ts';
import type { Instant } from '../model/instant.ts';
import type { ApiClient, ApiRequest, ApiResponse } from '../ports/api-client.ts';
import type { Clock } from '../ports/clock.ts';
import type { KubernetesApi, ListOptions } from '../ports/kubernetes.ts';
import type { OpenStackApi } from '../ports/openstack.ts';

/** How the requests of one case (or hook) are looked after. */
export interface Care {
  readonly clock: Clock;
  /** Aborts when the case is over, so that nothing it left running sends a request any more. */
  readonly signal: AbortSignal;
  /** Of one request, where the case names none: short enough that a silent system fails the case before the case's own limit. */
  readonly timeout: Duration;
  /** Only for the recording client: notes wrong answers, and repeats what only reads until this instant. */
  readonly recording?: { readonly note: (trouble: Trouble) => void; readonly until: Instant };
}

/** Between two tries of the recording client. */
const PAUSE = milliseconds(200);

interface Attempt<T> {
  readonly method: string;
  readonly url: string;
  readonly run: () => Promise<T>;
  /** What is wrong with an answer that came; undefined when it is a proper answer, whatever it says. */
  readonly wrong: (answer: T) => Pick<Trouble, 'status' | 'says' | 'requestId' | 'url'> | undefined;
}

const READS = new Set(['GET', 'HEAD']);

/** The strict client runs an attempt once. The recording one notes what is wrong, and repeats it if it only reads. */
async function cared<T>(care: Care, attempt: Attempt<T>): Promise<T> {
  const { recording, clock, signal } = care;
  if (recording === undefined) return attempt.run();
  for (;;) {
    const at = clock.now();
    const outcome = await settle(attempt);
    if (outcome.trouble === undefined) return outcome.give();
    signal.throwIfAborted();
    const now = clock.now();
    recording.note({ at, tookMs: (now.ns - at.ns) / 1e6, method: attempt.method, ...outcome.trouble });
    if (!READS.has(attempt.method) || now.ns + PAUSE.ms * 1e6 >= recording.until.ns) return outcome.give();
    await clock.sleep(PAUSE, signal);
  }
}

type Noted = Pick<Trouble, 'url' | 'status' | 'phase' | 'says' | 'requestId'>;

async function settle<T>(attempt: Attempt<T>): Promise<{ readonly give: () => T; readonly trouble?: Noted }> {
  try {
    const answer = await attempt.run();
    const wrong = attempt.wrong(answer);
    return { give: () => answer, ...(wrong === undefined ? {} : { trouble: { phase: 'answer', ...wrong } }) };
  } catch (error) {
    const trouble = troubleOf(error, attempt.url);
    const give = (): never => {
      throw error;
    };
    return { give, ...(trouble === undefined ? {} : { trouble }) };
  }
}

/** undefined when the error is a proper refusal (a 404, a 409): that is an answer, and the case judges it. */
function troubleOf(error: unknown, url: string): Noted | undefined {
  if (!(error instanceof HarnessError)) return undefined;
  const { status, phase, requestId } = error.facts;
  const answered = typeof status === 'number' ? status : 0;
  if (error.code !== 'SQ_UNREACHABLE' && error.code !== 'SQ_BAD_ANSWER') return undefined;
  if (answered >= 400 && !isServerTrouble(answered)) return undefined;
  return {
    url,
    status: answered,
    phase: typeof phase === 'string' ? phase : answered === 0 ? 'connection' : 'answer',
    says: describeError(error),
    ...(typeof requestId === 'string' ? { requestId } : {}),
  };
}

const isServerTrouble = (status: number): boolean => status >= 500 || status === 429;

/** The URL as it may be printed: no credentials in it, and no values of a query that could be one. */
export function printableUrl(url: string): string {
  return url
    .replace(/\/\/[^/@\s]*@/, '//')
    .replace(/([?&][^=&]*(?:token|secret|password|signature|key)[^=&]*=)[^&]*/gi, '$1***');
}

/** The client as one case sees it. */
export function caseClient(client: ApiClient, care: Care): ApiClient {
  return {
    name: client.name,
    request: <Body>(request: ApiRequest): Promise<ApiResponse<Body>> =>
      cared(care, {
        method: request.method,
        url: request.path,
        run: () => {
          care.signal.throwIfAborted();
          return client.request<Body>({
            timeout: care.timeout,
            ...request,
            signal: joined(care, request.signal),
          });
        },
        wrong: ({ status, url, requestId }) =>
          isServerTrouble(status)
            ? {
                url: printableUrl(url),
                status,
                says: `The answer was ${status}.`,
                ...(requestId === undefined ? {} : { requestId }),
              }
            : undefined,
      }),
  };
}

function joined(care: Care, signal: AbortSignal | undefined): AbortSignal {
  return signal === undefined ? care.signal : AbortSignal.any([care.signal, signal]);
}

/** The Kubernetes API as one case sees it. */
export function caseKubernetes(api: KubernetesApi, care: Care): KubernetesApi {
  const client = caseClient(api, care);
  const through = <T>(method: string, url: string, run: () => Promise<T>): Promise<T> =>
    cared(care, {
      method,
      url,
      run: async () => (care.signal.throwIfAborted(), run()),
      wrong: () => undefined,
    });
  const options = <T extends ListOptions>(given: T): T => ({ ...given, signal: joined(care, given.signal) });
  return {
    name: api.name,
    request: (asked) => client.request(asked),
    list: (collection, given = {}) => through('GET', collection, () => api.list(collection, options(given))),
    get: (path, signal) => through('GET', path, () => api.get(path, joined(care, signal))),
    create: (collection, object, signal) =>
      through('POST', collection, () => api.create(collection, object, joined(care, signal))),
    patch: (path, change, signal) =>
      through('PATCH', path, () => api.patch(path, change, joined(care, signal))),
    delete: (path, given = {}) =>
      through('DELETE', path, () => api.delete(path, { ...given, signal: joined(care, given.signal) })),
    watch: (collection, given) => api.watch(collection, options(given)),
    access: () => api.access(),
  };
}

/** The OpenStack as one case sees it. */
export function caseOpenStack(api: OpenStackApi, care: Care): OpenStackApi {
  const through = <T>(url: string, run: () => Promise<T>): Promise<T> =>
    cared(care, {
      method: 'GET',
      url,
      run: async () => (care.signal.throwIfAborted(), run()),
      wrong: () => undefined,
    });
  return {
    cloud: api.cloud,
    identity: () => api.identity(),
    authenticate: (signal) => through('/auth/tokens', () => api.authenticate(joined(care, signal))),
    user: (signal) => through('/auth/tokens', () => api.user(joined(care, signal))),
    catalogue: (signal) => through('/auth/catalog', () => api.catalogue(joined(care, signal))),
    service: (type, given) => caseClient(api.service(type, given), care),
    listAll: (type, path, key, signal) =>
      through(path, () => api.listAll(type, path, key, joined(care, signal))),
    access: (type) => api.access(type),
    as: (user) => caseOpenStack(api.as(user), care),
  };
}
