import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKubernetesApi, type OpenKubernetesApi } from '../../../src/adapters/kubernetes/index.ts';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';
import { HarnessError } from '../../../src/model/errors.ts';
import { Secret } from '../../../src/model/secret.ts';
import { json, kubeconfigFor, pod, startApiServer, status, TOKEN, type ApiServer } from './api-server.ts';

const clock = createSystemClock();

async function failure(act: Promise<unknown>): Promise<HarnessError> {
  const error = await act.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error, 'it did not fail').to.be.instanceOf(HarnessError);
  expect(String((error as HarnessError).message)).to.not.include(TOKEN);
  return error as HarnessError;
}

describe('adapters/kubernetes: requests', () => {
  let server: ApiServer;
  let api: OpenKubernetesApi;

  beforeEach(async () => {
    server = await startApiServer();
    api = await createKubernetesApi({
      connection: { kubeconfig: server.kubeconfig },
      environment: {},
      clock,
    });
  });
  afterEach(async () => {
    await api.close();
    await server.close();
  });

  it('follows a list over its pages, in order', async () => {
    const limits: (string | null)[] = [];
    server.answer((_request, response, url) => {
      limits.push(url.searchParams.get('limit'));
      const from = Number(url.searchParams.get('continue') ?? '0');
      const items = Array.from({ length: 500 }, (_, n) => pod(`p${from + n}`, '1')).slice(
        0,
        from === 1000 ? 3 : 500,
      );
      json(response, 200, {
        metadata: { resourceVersion: '7', ...(from < 1000 ? { continue: String(from + 500) } : {}) },
        items,
      });
    });
    const pods = await api.list('/api/v1/pods', { labelSelector: 'a=b' });
    expect(pods.map((each) => each.metadata.name)).to.deep.equal(
      Array.from({ length: 1003 }, (_, n) => `p${n}`),
    );
    expect(limits).to.deep.equal(['500', '500', '500']);
  });

  it('starts a list again when its pages have expired, and refuses one that goes in a circle', async () => {
    let calls = 0;
    server.answer((_request, response, url) => {
      calls += 1;
      if (url.searchParams.has('continue') && calls === 2) json(response, 410, status(410, 'expired'));
      else
        json(response, 200, {
          metadata: { resourceVersion: '1', ...(calls < 4 ? { continue: `c${calls}` } : {}) },
          items: [pod(`p${calls}`, '1')],
        });
    });
    expect((await api.list('/api/v1/pods')).map((each) => each.metadata.name)).to.deep.equal(['p3', 'p4']);
    server.answer((_request, response) => json(response, 200, { metadata: { continue: 'same' }, items: [] }));
    expect((await failure(api.list('/api/v1/pods'))).message).to.include('the same page twice');
  });

  it('reuses connections: 300 calls, 16 at a time, open few of them', async () => {
    server.answer((_request, response) => json(response, 200, pod('p', '1')));
    const one = async (): Promise<void> => {
      for (let n = 0; n < 25; n++) await api.get('/api/v1/namespaces/openstack/pods/p');
    };
    await Promise.all(Array.from({ length: 12 }, one));
    expect(server.connections()).to.be.at.most(16);
    const sequentialBefore = server.connections();
    for (let n = 0; n < 50; n++) await api.get('/api/v1/namespaces/openstack/pods/p');
    expect(server.connections()).to.equal(sequentialBefore);
  });

  it('sends its token, and hands it to probers as a secret', async () => {
    let seen: string | undefined;
    server.answer((request, response) => {
      seen = request.headers.authorization;
      json(response, 200, pod('p', '1'));
    });
    await api.get('/api/v1/namespaces/openstack/pods/p');
    expect(seen).to.equal(`Bearer ${TOKEN}`);
    const access = await api.access();
    expect(access.url).to.equal(`http://127.0.0.1:${server.port}`);
    expect(access.verify).to.equal(false);
    expect(access.headers['authorization']).to.be.instanceOf(Secret);
    expect(JSON.stringify(access)).to.not.include(TOKEN);
  });

  for (const code of [401, 403]) {
    it(`says SQ_AUTH on ${code}, with the server's message and without the token that it echoes`, async () => {
      server.answer((_request, response) =>
        json(response, code, status(code, `no: Bearer ${TOKEN} is bad.`)),
      );
      const error = await failure(api.list('/api/v1/pods'));
      expect(error.code).to.equal('SQ_AUTH');
      expect(error.message).to.include('no: ').and.include('***');
      expect((await api.request({ method: 'GET', path: '/api/v1/pods' })).status).to.equal(code);
    });
  }

  it('tells a page of HTML from a list, an object, and an absence', async () => {
    server.answer((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>login</html>'),
    );
    const error = await failure(api.list('/api/v1/pods'));
    expect(error.code).to.equal('SQ_BAD_ANSWER');
    expect(error.message).to.include('a page of HTML');
    expect((await api.request<string>({ method: 'GET', path: '/x' })).body).to.equal('<html>login</html>');
    server.answer((_request, response) =>
      response.writeHead(404, { 'content-type': 'text/html' }).end('<html>?</html>'),
    );
    expect((await failure(api.get('/api/v1/namespaces/x'))).code).to.equal('SQ_BAD_ANSWER');
    expect((await failure(api.delete('/api/v1/namespaces/x'))).code).to.equal('SQ_BAD_ANSWER');
  });

  it('tells JSON that is cut off, and does not quote it', async () => {
    server.answer((_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"items":[{"secret":"hunter2'),
    );
    const error = await failure(api.request({ method: 'GET', path: '/api/v1/pods' }));
    expect(error.code).to.equal('SQ_BAD_ANSWER');
    expect(error.definite).to.equal(false);
    expect(error.message).to.not.include('hunter2');
  });

  it('tells a body that is shorter than its length', async () => {
    server.answer((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
      response.write('{"items":[]}', () => request.socket.end());
    });
    const error = await failure(api.list('/api/v1/pods'));
    expect(error.code).to.equal('SQ_BAD_ANSWER');
    expect(error.message).to.include('12 bytes');
  });

  it('says SQ_UNREACHABLE after its timeout, and that the request may have been done', async () => {
    server.answer(() => undefined);
    const started = clock.now().ns;
    const error = await failure(
      api.request({ method: 'POST', path: '/api/v1/namespaces', body: {}, timeout: { ms: 150 } }),
    );
    expect(error.code).to.equal('SQ_UNREACHABLE');
    expect(error.definite).to.equal(false);
    expect((clock.now().ns - started) / 1e6).to.be.within(140, 1500);
  });

  it('says SQ_UNREACHABLE when the server hangs up without an answer', async () => {
    server.answer((request) => request.socket.destroy());
    const error = await failure(api.create('/api/v1/namespaces', { metadata: { name: 'x' } }));
    expect(error.code).to.equal('SQ_UNREACHABLE');
    expect(error.definite).to.equal(false);
  });

  it('gives the reason of the signal, before and while it waits', async () => {
    server.answer(() => undefined);
    const reason = new Error('stopped by the user');
    const stop = new AbortController();
    const waiting = api.list('/api/v1/pods', { signal: stop.signal }).catch((error: unknown) => error);
    setTimeout(() => stop.abort(reason), 20);
    expect(await waiting).to.equal(reason);
    expect(await api.get('/x', stop.signal).catch((error: unknown) => error)).to.equal(reason);
  });

  it('deletes with the UID as a precondition; what is gone or replaced is false', async () => {
    const bodies: unknown[] = [];
    let answer = 200;
    server.answer((request, response, _url, body) => {
      if (request.method === 'DELETE') bodies.push(JSON.parse(body));
      json(response, answer, answer === 200 ? pod('p', '2') : status(answer, 'no'));
    });
    const path = '/api/v1/namespaces/openstack/pods/p';
    expect(await api.delete(path, { uid: 'u1', gracePeriodSeconds: 0, propagation: 'Background' })).to.equal(
      true,
    );
    expect(bodies[0]).to.deep.include({
      gracePeriodSeconds: 0,
      propagationPolicy: 'Background',
      preconditions: { uid: 'u1' },
    });
    answer = 409;
    expect(await api.delete(path, { uid: 'u1' })).to.equal(false);
    expect((await failure(api.delete(path))).code).to.equal('SQ_BAD_ANSWER');
    answer = 404;
    expect(await api.delete(path)).to.equal(false);
    expect(await api.get(path)).to.equal(undefined);
  });

  it('patches by merge, and passes bodies of eviction through request', async () => {
    let type: string | undefined;
    server.answer((request, response) => {
      type = request.headers['content-type'];
      json(response, request.url?.endsWith('eviction') === true ? 429 : 200, pod('p', '3'));
    });
    await api.patch('/api/v1/nodes/n', { spec: { unschedulable: true } });
    expect(type).to.equal('application/merge-patch+json');
    const path = '/api/v1/namespaces/openstack/pods/p/eviction';
    expect((await api.request({ method: 'POST', path, body: {} })).status).to.equal(429);
  });

  it('hands on the text of an answer that is many documents, where it is asked to', async () => {
    server.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"type":"ADDED"}\n{"type":"DELETED"}\n');
    });
    const path = '/api/v1/configmaps?watch=true';
    expect((await api.request({ method: 'GET', path, asText: true })).body).to.equal(
      '{"type":"ADDED"}\n{"type":"DELETED"}\n',
    );
    const refused = await api.request({ method: 'GET', path }).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'SQ_BAD_ANSWER' });
  });
});

describe('adapters/kubernetes: servers that are not there', () => {
  const against = async (port: number): Promise<OpenKubernetesApi> => {
    const folder = await mkdtemp(join(tmpdir(), 'squall-kubernetes-'));
    await writeFile(join(folder, 'config'), kubeconfigFor(`http://127.0.0.1:${port}`));
    const api = await createKubernetesApi({
      connection: { kubeconfig: join(folder, 'config') },
      environment: {},
      clock,
    });
    await rm(folder, { recursive: true });
    return api;
  };

  it('knows that a refused request was not sent', async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const api = await against(port);
    const error = await failure(api.create('/api/v1/namespaces', {}));
    expect(error.code).to.equal('SQ_UNREACHABLE');
    expect(error.definite).to.equal(true);
    expect(error.message).to.include('refused');
    await api.close();
  });

  it('tells what is not HTTP', async () => {
    const liar = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
    });
    await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
    const api = await against((liar.address() as AddressInfo).port);
    try {
      const error = await failure(api.list('/api/v1/pods'));
      expect(error.code).to.equal('SQ_BAD_ANSWER');
      expect(error.message).to.include('not HTTP');
    } finally {
      await api.close();
      await new Promise((resolve) => liar.close(resolve));
    }
  });
});
