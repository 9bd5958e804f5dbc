import { expect } from 'chai';
import type { OpenStackService } from '../../../src/rehearsal/replica.ts';
import { ADMIN_PASSWORD, DEMO_PASSWORD } from './model-cloud.ts';
import type { ModelCloud } from './model-cloud.ts';

/** An answer, as loose as JSON is: tests name what they expect in it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Every test reads other fields, so their types would say nothing.
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Asker {
  (
    method: string,
    service: OpenStackService,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  readonly token: string;
  readonly projectId: string;
  readonly userId: string;
}

export const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value);

export async function ask(
  cloud: ModelCloud,
  token: string | undefined,
  ...[method, service, path, body, headers = {}]: Parameters<Asker>
): Promise<Answer> {
  const raw = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const response = await fetch(cloud.url(service) + path, {
    method,
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      ...(token && { 'x-auth-token': token }),
      ...headers,
    },
    ...(raw === undefined ? {} : { body: raw }),
  });
  const text = await response.text();
  expect(response.headers.get('x-openstack-request-id')).to.match(/^req-[0-9a-f]{8}-[0-9a-f-]{27}$/);
  const json = (response.headers.get('content-type') ?? '').includes('json') && text !== '';
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: json ? (JSON.parse(text) as Answer['body']) : {},
  };
}

export const passwordAuth = (user: string, password: string, scope: unknown): object => ({
  auth: {
    identity: {
      methods: ['password'],
      password: { user: { name: user, password, domain: { id: 'default' } } },
    },
    scope,
  },
});

export async function askerFor(cloud: ModelCloud, user: 'admin' | 'demo'): Promise<Asker> {
  const password = user === 'admin' ? ADMIN_PASSWORD : DEMO_PASSWORD;
  const scope = { project: { name: user, domain: { id: 'default' } } };
  const answer = await ask(
    cloud,
    undefined,
    'POST',
    'keystone',
    '/v3/auth/tokens',
    passwordAuth(user, password, scope),
  );
  expect(answer.status).to.equal(201);
  const token = answer.headers.get('x-subject-token') ?? '';
  const asker = (...order: Parameters<Asker>): Promise<Answer> => ask(cloud, token, ...order);
  return Object.assign(asker, {
    token,
    projectId: String(at(answer.body, 'token', 'project', 'id')),
    userId: String(at(answer.body, 'token', 'user', 'id')),
  });
}

export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 3000;
  while (!(await holds())) {
    if (Date.now() > end) expect.fail(`not within 3 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
