import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { HarnessError } from '../../../src/model/errors.ts';
import { openCloud } from './open-cloud.ts';

const CANARY = 'canary-hostile-c0ffee';
const TOKEN = 'canary-token-decade';

const answer = (
  status: string,
  headers: readonly string[],
  body: string,
  length = Buffer.byteLength(body),
): string => [`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${length}`, '', body].join('\r\n');
const json = (status: string, body: unknown, ...headers: string[]): string =>
  answer(status, ['Content-Type: application/json', ...headers], JSON.stringify(body));

const servers: Server[] = [];
const sockets = new Set<Socket>();

/** A server of plain bytes: what it gets per request goes to `reply`, which may also say nothing. */
async function listen(reply: (request: string, socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => reply(bytes.toString('utf8'), socket));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function refusingUrl(): Promise<string> {
  const url = await listen(() => undefined);
  await new Promise((resolve) => servers.pop()?.close(resolve));
  return url;
}

/** A Keystone that is as it should be, whose catalogue has `compute` somewhere else. */
async function keystoneFor(compute: string): Promise<string> {
  let self = '';
  self = await listen((request, socket) => {
    if (request.startsWith('POST')) {
      const endpoints = [{ interface: 'public', region_id: 'R', url: `${compute}/v2.1` }];
      const times = { issued_at: '2026-01-01T00:00:00Z', expires_at: '2026-01-01T01:00:00Z' };
      const token = {
        ...times,
        user: { id: 'u' },
        project: { id: 'p' },
        catalog: [{ type: 'compute', name: 'nova', endpoints }],
      };
      socket.write(json('201 Created', { token }, `X-Subject-Token: ${TOKEN}`));
    } else
      socket.write(
        json('200 OK', { version: { id: 'v3.14', links: [{ rel: 'self', href: `${self}/v3/` }] } }),
      );
  });
  return self;
}

const NOVA = json('200 OK', {
  version: { id: 'v2.1', status: 'CURRENT', links: [{ rel: 'self', href: '/v2.1/' }] },
});
const ID = 'x-openstack-request-id: req-abc';

interface Row {
  readonly title: string;
  readonly reply: (request: string, socket: Socket) => void;
  readonly code: string;
  readonly definite: boolean;
  readonly says: RegExp;
}

const rows: readonly Row[] = [
  {
    title: 'hangs before the answer',
    reply: () => undefined,
    code: 'SQ_UNREACHABLE',
    definite: false,
    says: /^POST \S+\/v2\.1\/servers got no answer: no whole answer within 250 ms\.$/,
  },
  {
    title: 'closes instead of answering',
    reply: (_request, socket) => socket.destroy(),
    code: 'SQ_UNREACHABLE',
    definite: false,
    says: /got no answer: .+\.$/,
  },
  {
    title: 'promises more bytes than it sends, and closes',
    reply: (_request, socket) =>
      socket.end(answer('200 OK', ['Content-Type: application/json', ID], '{"a":1}', 5000)),
    code: 'SQ_BAD_ANSWER',
    definite: false,
    says: /\(req-abc\) ended after 7 bytes, before the 5000 bytes that it promised\.$/,
  },
  {
    title: 'promises more bytes than it sends, and waits',
    reply: (_request, socket) =>
      socket.write(answer('200 OK', ['Content-Type: application/json', ID], '{"a":1}', 5000)),
    code: 'SQ_BAD_ANSWER',
    definite: false,
    says: /fell silent for the rest of 250 ms after 7 bytes, before the 5000 bytes that it promised\.$/,
  },
  {
    title: 'cuts its JSON short, with a length to match',
    reply: (_request, socket) =>
      socket.write(answer('200 OK', ['Content-Type: application/json', ID], '{"servers": [')),
    code: 'SQ_BAD_ANSWER',
    definite: false,
    says: /\(req-abc\) says that it is JSON, and does not parse as such \(13 bytes\)\.$/,
  },
  {
    title: 'sends a page',
    reply: (_request, socket) =>
      socket.write(answer('200 OK', ['Content-Type: text/html'], '<html>log in</html>')),
    code: 'SQ_BAD_ANSWER',
    definite: false,
    says: /^The answer 200 to POST \S+ is an HTML page, not JSON\.$/,
  },
  {
    title: 'does not speak HTTP',
    reply: (_request, socket) => socket.end('220 mail ready\r\n'),
    code: 'SQ_BAD_ANSWER',
    definite: false,
    says: /is not HTTP\.$/,
  },
];

const cloudAt = (url: string): Record<string, unknown> => ({
  auth: { auth_url: url, username: 'u', password: CANARY, project_id: 'p' },
});

async function failure(work: Promise<unknown>): Promise<HarnessError> {
  const thrown: unknown = await work.then(
    (value) => expect.fail(`it was answered: ${inspect(value)}`),
    (error: unknown) => error,
  );
  expect(thrown).to.be.instanceOf(HarnessError);
  const everything =
    inspect(thrown, { depth: 20, showHidden: true }) +
    JSON.stringify(thrown) +
    String((thrown as Error).stack);
  expect(everything).not.to.contain(CANARY);
  expect(everything).not.to.contain(TOKEN);
  return thrown as HarnessError;
}

describe('OpenStack client against hostile servers', () => {
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  });

  for (const row of rows) {
    it(`${row.code}: a service that ${row.title}`, async () => {
      const nova = await listen((request, socket) =>
        request.startsWith('GET') ? socket.write(NOVA) : row.reply(request, socket),
      );
      const api = await openCloud(cloudAt(await keystoneFor(nova)));
      const body = { server: {} };
      const client = api.service('compute');
      // The token and the version document are there before the short deadline counts.
      await client.request({ method: 'GET', path: '/' });
      const error = await failure(
        client.request({ method: 'POST', path: '/servers', body, timeout: { ms: 250 } }),
      );
      expect([error.code, error.definite]).to.deep.equal([row.code, row.definite]);
      expect(error.message).to.match(row.says);
    });
  }

  it('SQ_UNREACHABLE, certainly not sent: a Keystone that refuses', async () => {
    const error = await failure((await openCloud(cloudAt(await refusingUrl()))).authenticate());
    expect([error.code, error.definite]).to.deep.equal(['SQ_UNREACHABLE', true]);
    expect(error.message).to.match(/got no answer: the connection was refused; the request was not sent\.$/);
  });

  it('SQ_UNREACHABLE: a Keystone that hangs, within the time that clouds.yaml gives', async () => {
    const api = await openCloud({ ...cloudAt(await listen(() => undefined)), api_timeout: 0.2 });
    const error = await failure(api.catalogue());
    expect(error.message).to.match(/no whole answer within 200 ms/);
  });

  it('SQ_BAD_ANSWER: a page where Keystone should be', async () => {
    const page = answer('200 OK', ['Content-Type: text/html'], '<html></html>');
    const error = await failure(
      (await openCloud(cloudAt(await listen((_request, socket) => socket.write(page))))).authenticate(),
    );
    expect([error.code, error.message]).to.satisfy(
      ([code, says]: string[]) => code === 'SQ_BAD_ANSWER' && /HTML page/.test(says ?? ''),
    );
  });

  it('no refusal: an answer without a body that names the type of a page, as Glance deletes an image', async () => {
    const gone = 'HTTP/1.1 204 No Content\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n';
    const nova = await listen((request, socket) => socket.write(request.startsWith('GET') ? NOVA : gone));
    const api = await openCloud(cloudAt(await keystoneFor(nova)));
    const answered = await api.service('compute').request({ method: 'DELETE', path: '/servers/x' });
    expect([answered.status, answered.body]).to.deep.equal([204, '']);
  });

  it('SQ_AUTH without the secret, though Keystone repeats it', async () => {
    const echo = await listen((request, socket) =>
      request.startsWith('GET')
        ? socket.write(
            json('300 Multiple Choices', {
              versions: { values: [{ id: 'v3.14', links: [{ rel: 'self', href: '/v3' }] }] },
            }),
          )
        : socket.write(json('401 Unauthorized', { error: { message: `no ${CANARY} here` } }, ID)),
    );
    const error = await failure((await openCloud(cloudAt(echo))).authenticate());
    expect(error.code).to.equal('SQ_AUTH');
    expect(error.message).to.match(/401: no \*\*\* here \(req-abc\)\.$/);
  });

  it('SQ_BAD_ANSWER: a Keystone with an error of its own gave no token', async () => {
    const ill = await listen((request, socket) =>
      socket.write(
        request.startsWith('GET')
          ? json('200 OK', { version: { id: 'v3.14' } })
          : json('500 Oops', { error: { message: 'db' } }),
      ),
    );
    expect((await failure((await openCloud(cloudAt(`${ill}/v3`))).authenticate())).message).to.match(
      /gave no token but status 500: db\.$/,
    );
  });

  it('an error page of a proxy is an answer with its status', async () => {
    const page = answer(
      '503 Service Unavailable',
      ['Content-Type: text/html'],
      '<html>No server is available</html>',
    );
    const nova = await listen((request, socket) =>
      socket.write(request.startsWith('GET /v2.1/servers') ? page : NOVA),
    );
    const api = await openCloud(cloudAt(await keystoneFor(nova)));
    const { status, body } = await api.service('compute').request({ method: 'GET', path: '/servers' });
    expect([status, body]).to.deep.equal([503, '<html>No server is available</html>']);
  });

  it('a list whose pages go round in circles ends', async () => {
    const loop = json('200 OK', {
      servers: [{}],
      servers_links: [{ rel: 'next', href: '/v2.1/servers?marker=1' }],
    });
    const nova = await listen((request, socket) =>
      socket.write(request.startsWith('GET /v2.1/servers') ? loop : NOVA),
    );
    const api = await openCloud(cloudAt(await keystoneFor(nova)));
    expect((await failure(api.listAll('compute', '/servers', 'servers'))).message).to.match(
      /leads back to a page/,
    );
  });

  it('a token that is refused twice is an answer, not a circle', async () => {
    let asked = 0;
    const nova = await listen((request, socket) => {
      if (request.startsWith('GET /v2.1/servers')) asked += 1;
      socket.write(request.startsWith('GET /v2.1/servers') ? json('401 Unauthorized', { error: {} }) : NOVA);
    });
    const api = await openCloud(cloudAt(await keystoneFor(nova)));
    expect((await api.service('compute').request({ method: 'GET', path: '/servers' })).status).to.equal(401);
    expect(asked).to.equal(2);
  });
});
