import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createKubernetesApi, type OpenKubernetesApi } from '../../../src/adapters/kubernetes/index.ts';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';
import type { KubernetesWatchEvent } from '../../../src/ports/kubernetes.ts';
import { json, kubeconfigFor, startApiServer, status, TOKEN, type ApiServer } from './api-server.ts';

const clock = createSystemClock();

/** Gives another token each time it runs, good for an hour by its own word, and counts its runs in a file. */
const PROGRAM = `
const fs = require('node:fs');
const file = process.env.RUNS;
const runs = Number(fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '0') + 1;
fs.writeFileSync(file, String(runs));
const expirationTimestamp = new Date(Date.now() + 3600e3).toISOString();
console.log(JSON.stringify({ kind: 'ExecCredential', status: { token: 'token-' + runs, expirationTimestamp } }));
`;

describe('adapters/kubernetes: credentials that the server no longer accepts', () => {
  let server: ApiServer;
  let api: OpenKubernetesApi | undefined;
  let accepted: string;
  let asked: string[];
  let runs: string;
  let onList: () => void;

  beforeEach(async () => {
    server = await startApiServer();
    runs = join(dirname(server.kubeconfig), 'runs');
    asked = [];
    onList = () => undefined;
    accepted = 'token-1';
    server.answer((request, response, url) => {
      const token = (request.headers.authorization ?? '').replace('Bearer ', '');
      asked.push(`${request.method ?? ''} ${token}`);
      if (token !== accepted) json(response, 401, status(401, `${token} has expired`));
      else if (url.searchParams.has('watch')) response.writeHead(200).flushHeaders();
      else if (request.method === 'GET' && url.pathname.endsWith('s')) {
        json(response, 200, { metadata: { resourceVersion: '1' }, items: [] });
        onList();
      } else json(response, 200, { metadata: { name: 'x' } });
    });
  });
  afterEach(async () => {
    await api?.close();
    await server.close();
  });

  async function open(user: string): Promise<OpenKubernetesApi> {
    await writeFile(server.kubeconfig, kubeconfigFor(`http://127.0.0.1:${server.port}`, user));
    api = await createKubernetesApi({
      connection: { kubeconfig: server.kubeconfig },
      environment: {},
      clock,
    });
    return api;
  }

  const exec = (): string =>
    `exec: ${JSON.stringify({
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', PROGRAM],
      env: [{ name: 'RUNS', value: runs }],
    })}`;

  it('asks the program anew, once for all who were refused, though it had said that its token was good', async () => {
    const opened = await open(exec());
    await opened.get('/api/v1/nodes/x');
    accepted = 'token-2';
    await Promise.all([1, 2, 3, 4].map(() => opened.create('/api/v1/namespaces', {})));
    expect(await readFile(runs, 'utf8')).to.equal('2');
    expect(asked.slice(-4)).to.deep.equal(Array.from({ length: 4 }, () => 'POST token-2'));
    expect((await opened.access()).headers['authorization']?.toString()).to.not.include('token-2');
    await opened.get('/api/v1/nodes/x');
    expect(await readFile(runs, 'utf8')).to.equal('2');
  }).timeout(15_000);

  it('says so when new ones are refused too, and does not go on asking', async () => {
    const opened = await open(exec());
    accepted = 'none';
    const error: unknown = await opened.get('/api/v1/nodes/x').catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'SQ_AUTH' });
    expect(String(error)).to.not.include('token-2');
    expect(asked).to.deep.equal(['GET token-1', 'GET token-2']);
  }).timeout(15_000);

  it('reads a token file again', async () => {
    const file = join(dirname(server.kubeconfig), 'token');
    await writeFile(file, 'token-1');
    const opened = await open(`tokenFile: ${JSON.stringify(file)}`);
    await opened.get('/api/v1/nodes/x');
    await writeFile(file, 'token-2');
    accepted = 'token-2';
    expect((await opened.get('/api/v1/nodes/x'))?.metadata.name).to.equal('x');
  });

  it('does not send a request twice with a token that cannot change', async () => {
    const opened = await open(`token: ${TOKEN}`);
    const error: unknown = await opened.get('/api/v1/nodes/x').catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'SQ_AUTH' });
    expect(asked).to.deep.equal([`GET ${TOKEN}`]);
  });

  it('opens a watch again with new ones, without being blind', async () => {
    const file = join(dirname(server.kubeconfig), 'token');
    await writeFile(file, 'token-1');
    const opened = await open(`tokenFile: ${JSON.stringify(file)}`);
    // The watch that follows the first list is refused.
    onList = () => {
      writeFileSync(file, 'token-2');
      accepted = 'token-2';
    };
    const stop = new AbortController();
    const events: KubernetesWatchEvent[] = [];
    setTimeout(() => stop.abort(), 300);
    for await (const event of opened.watch('/api/v1/nodes', { signal: stop.signal })) events.push(event);
    expect(events.map(({ type }) => type)).to.deep.equal(['LISTED']);
    expect(asked).to.deep.equal(['GET token-1', 'GET token-1', 'GET token-2']);
  });
});
