import { Secret } from '../../src/model/secret.ts';
import type { ApiClient, ApiRequest, ApiResponse } from '../../src/ports/api-client.ts';
import type { OpenStackApi, ServiceType } from '../../src/ports/openstack.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';

export interface Asked {
  /** Who asked: the id of a user. */
  readonly who: string;
  readonly method: string;
  readonly type: ServiceType;
  readonly path: string;
  readonly body?: unknown;
}

interface Given {
  readonly status: number;
  readonly body?: unknown;
}

/** A cloud whose services answer by a function; `asked` holds every request, whoever sent it. */
export function cloudInMemory(
  answer: (asked: Asked) => Given,
  {
    user = 'u-given',
    roles = ['admin'],
  }: { readonly user?: string; readonly roles?: readonly string[] } = {},
  asked: Asked[] = [],
): { readonly api: OpenStackApi; readonly asked: readonly Asked[] } {
  const clock = createSystemClock();
  const service = (type: ServiceType): ApiClient => ({
    name: type,
    request: async <Body>(request: ApiRequest): Promise<ApiResponse<Body>> => {
      request.signal?.throwIfAborted();
      const { method, path, body } = request;
      const one: Asked = { who: user, method, type, path, ...(body === undefined ? {} : { body }) };
      asked.push(one);
      const given = answer(one);
      const now = clock.now();
      return {
        status: given.status,
        body: given.body as Body,
        headers: {},
        requestId: 'req-1',
        sent: now,
        received: now,
        url: `http://cloud${path}`,
      };
    },
  });
  const api: OpenStackApi = {
    cloud: 'memory',
    identity: () => Promise.resolve('http://cloud'),
    authenticate: () => Promise.resolve({ token: new Secret('t'), userId: user, projectId: `p-of-${user}` }),
    user: () => Promise.resolve({ userId: user, projectId: `p-of-${user}`, roles }),
    catalogue: () => Promise.resolve([]),
    service,
    listAll: () => Promise.resolve([]),
    access: (type) => Promise.resolve({ url: `http://cloud/${type}/v2.1`, headers: {}, verify: true }),
    as: ({ userId }) => cloudInMemory(answer, { user: userId, roles: ['member'] }, asked).api,
  };
  return { api, asked };
}
