import { expect } from 'chai';
import * as z from 'zod';
import type { ApiResponse } from '../ports/api-client.ts';
import type { OpenStackApi, ServiceType } from '../ports/openstack.ts';

/** What an answer must look like, and with that its type. */
export type Shape<T> = z.ZodType<T>;

/** How a service refused. */
export interface Refusal {
  /** The service's own word for it: `itemNotFound`, `NetworkInUse`; empty where its refusals have none. */
  readonly kind: string;
  readonly message: string;
}

/**
 * One service as a case speaks to it: every answer has the status that is expected and the shape that the API promises, or the
 * case fails with what was answered and the request's id.
 */
export interface ServiceTalk {
  get<T>(path: string, shape: Shape<T>): Promise<T>;
  /** @param status that success has here: 200, 201 or 202. */
  post<T = unknown>(status: number, path: string, body: object | undefined, shape?: Shape<T>): Promise<T>;
  put<T = unknown>(status: number, path: string, body: object | undefined, shape?: Shape<T>): Promise<T>;
  patch<T = unknown>(status: number, path: string, body: object, shape?: Shape<T>): Promise<T>;
  delete(status: number, path: string): Promise<void>;
  /** Asks for what must be refused with one of `statuses`, in the form in which this service refuses. */
  refuses(
    statuses: number | readonly number[],
    method: string,
    path: string,
    body?: object,
  ): Promise<Refusal>;
}

type Ask = (method: string, path: string, body?: object) => Promise<ApiResponse>;

/** @param microversion of compute and block storage. Default: that of the cloud's configuration, else the service's oldest. */
export function talk(openstack: OpenStackApi, type: ServiceType, microversion?: string): ServiceTalk {
  const client = openstack.service(type, microversion === undefined ? {} : { microversion });
  const ask: Ask = (method, path, body) =>
    client.request({
      method: method as 'GET',
      path,
      ...(body === undefined ? {} : { body }),
      ...(type === 'image' && method === 'PATCH'
        ? { headers: { 'content-type': 'application/openstack-images-v2.1-json-patch' } }
        : {}),
    });
  const change =
    (method: string) =>
    async <T>(status: number, path: string, body: object | undefined, shape?: Shape<T>): Promise<T> => {
      const answer = await ask(method, path, body);
      expectStatus(answer, [status], `${method} ${type} ${path}`);
      return shape === undefined ? (answer.body as T) : shaped(answer, shape, `${method} ${type} ${path}`);
    };
  return {
    get: async (path, shape) => {
      const answer = await ask('GET', path);
      expectStatus(answer, [200], `GET ${type} ${path}`);
      return shaped(answer, shape, `GET ${type} ${path}`);
    },
    post: change('POST'),
    put: change('PUT'),
    patch: change('PATCH'),
    delete: async (status, path) => {
      expectStatus(await ask('DELETE', path), [status], `DELETE ${type} ${path}`);
    },
    refuses: async (statuses, method, path, body) => {
      const answer = await ask(method, path, body);
      expectStatus(answer, [statuses].flat(), `${method} ${type} ${path}`);
      return refusalOf(type, answer, `${method} ${type} ${path}`);
    },
  };
}

/** The document at the root of a service, above its versions, which names them. Some answer it with 300. */
export async function askRoot<T>(openstack: OpenStackApi, type: ServiceType, shape: Shape<T>): Promise<T> {
  const { pathname } = new URL((await openstack.access(type)).url);
  // Such as `/v2.1`, or `/v3/<project>`.
  const [versioned = ''] = /\/v\d[\d.]*(\/[^/]+)?\/?$/.exec(pathname) ?? [];
  const up = '/..'.repeat(versioned.split('/').filter((part) => part !== '').length);
  const answer = await openstack.service(type).request({ method: 'GET', path: `${up}/` });
  expectStatus(answer, [200, 300], `GET ${type} versions`);
  return shaped(answer, shape, `GET ${type} versions`);
}

function expectStatus(answer: ApiResponse, statuses: readonly number[], what: string): void {
  if (statuses.includes(answer.status)) return;
  const says = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  expect(answer.status, `${what}${requestOf(answer)} answered ${says.slice(0, 300)}`).to.be.oneOf([
    ...statuses,
  ]);
}

/** The answer's body, once it has the shape. @throws with every place where it has not. */
export function shaped<T>(answer: ApiResponse, shape: Shape<T>, what: string): T {
  const { success, data, error } = shape.safeParse(answer.body);
  if (success) return data;
  throw new Error(`The answer to ${what}${requestOf(answer)} has another shape: ${z.prettifyError(error)}`);
}

const requestOf = ({ requestId }: ApiResponse): string => (requestId === undefined ? '' : ` (${requestId})`);

const NOVA_FAULT = z
  .record(z.string(), z.looseObject({ code: z.number(), message: z.string().min(1) }))
  .refine((body) => Object.keys(body).length === 1, 'one fault, under its name');
const NEUTRON_FAULT = z.object({
  NeutronError: z.object({ type: z.string().min(1), message: z.string().min(1), detail: z.string() }),
});
const KEYSTONE_FAULT = z.object({
  error: z.object({ code: z.number(), message: z.string().min(1), title: z.string().min(1) }),
});
const HEAT_FAULT = z.looseObject({
  code: z.number(),
  title: z.string().min(1),
  error: z.looseObject({ type: z.string().min(1), message: z.string() }),
});

/** What no route leads to is refused by the framework below the service, in plain text or as this. */
const ROUTE_FAULT = z.strictObject({
  message: z.string().min(1),
  code: z.string().regex(/^\d{3} /),
  title: z.string().min(1),
});

function refusalOf(type: ServiceType, answer: ApiResponse, what: string): Refusal {
  const isPlain = typeof answer.body === 'string';
  if (isPlain || type === 'image' || type === 'placement') {
    return { kind: '', message: isPlain ? answer.body : JSON.stringify(answer.body) };
  }
  const unrouted = ROUTE_FAULT.safeParse(answer.body);
  if (unrouted.success) {
    expect(unrouted.data.code, `code in the answer to ${what}`).to.match(new RegExp(`^${answer.status} `));
    return { kind: '', message: unrouted.data.message };
  }
  if (type === 'network') {
    const { NeutronError } = shaped(answer, NEUTRON_FAULT, what);
    return { kind: NeutronError.type, message: NeutronError.message };
  }
  if (type === 'identity' || type === 'orchestration') {
    const { code, title, message } =
      type === 'identity'
        ? shaped(answer, KEYSTONE_FAULT, what).error
        : { message: '', ...shaped(answer, HEAT_FAULT, what) };
    expect(code, `code in the answer to ${what}`).to.equal(answer.status);
    return { kind: title, message: String(message) };
  }
  const [kind = '', fault] = Object.entries(shaped(answer, NOVA_FAULT, what))[0] ?? [];
  expect(fault?.code, `code in the answer to ${what}`).to.equal(answer.status);
  return { kind, message: fault?.message ?? '' };
}
