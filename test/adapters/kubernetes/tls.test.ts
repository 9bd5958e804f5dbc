import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createKubernetesApi, type OpenKubernetesApi } from '../../../src/adapters/kubernetes/index.ts';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';
import { HarnessError } from '../../../src/model/errors.ts';

// Made once for this test and used nowhere else: an authority, a server `127.0.0.1` and `lab.test`, and a client.
const part = (name: string): string => resolve('test', 'adapters', 'kubernetes', 'certificates', name);
const data = (name: string): string => Buffer.from(readFileSync(part(name))).toString('base64');

describe('adapters/kubernetes: TLS', () => {
  let server: Server;
  let folder: string;
  let handshakes = 0;
  let host = '';
  const seen: { user: string | undefined }[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'squall-tls-'));
    const material = {
      cert: readFileSync(part('server.pem')),
      key: readFileSync(part('server.key')),
      ca: readFileSync(part('ca.pem')),
    };
    server = createServer(
      { ...material, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const { subject } = (
          request.socket as unknown as { getPeerCertificate(): { subject?: { CN?: string } } }
        ).getPeerCertificate();
        seen.push({ user: subject?.CN });
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"metadata":{"name":"x"}}');
      },
    );
    server.on('secureConnection', () => (handshakes += 1));
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    host = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    await rm(folder, { recursive: true, force: true });
  });

  async function open(cluster: object, user: object): Promise<OpenKubernetesApi> {
    const file = join(folder, 'config');
    const document = {
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
      clusters: [{ name: 'k', cluster: { server: host, ...cluster } }],
      users: [{ name: 'u', user }],
    };
    await writeFile(file, JSON.stringify(document));
    return createKubernetesApi({
      connection: { kubeconfig: file },
      environment: {},
      clock: createSystemClock(),
    });
  }

  it('trusts the authority of the kubeconfig, shows its certificate, and shakes hands once or twice for many calls', async () => {
    const user = { 'client-certificate-data': data('client.pem'), 'client-key-data': data('client.key') };
    const api = await open({ 'certificate-authority-data': data('ca.pem') }, user);
    const before = handshakes;
    for (let n = 0; n < 20; n++) expect((await api.get('/api/v1/nodes/x'))?.metadata.name).to.equal('x');
    // A call that follows within the same tick finds the first connection not yet free, hence the second.
    expect(handshakes - before).to.be.within(1, 2);
    expect(seen.at(-1)?.user).to.equal('client');
    const access = await api.access();
    expect(access.verify).to.equal(true);
    expect(access.ca).to.equal(readFileSync(part('ca.pem'), 'utf8'));
    expect(access.key?.reveal()).to.equal(readFileSync(part('client.key'), 'utf8'));
    expect(JSON.stringify(access)).to.not.include('PRIVATE KEY');
    await api.close();
  });

  it('refuses a server that nobody whom it trusts has signed, before it sends anything', async () => {
    const api = await open({}, { token: 'sq-test-token' });
    const count = seen.length;
    const error: unknown = await api.create('/api/v1/namespaces', {}).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(HarnessError);
    expect((error as HarnessError).code).to.equal('SQ_UNREACHABLE');
    expect((error as HarnessError).definite).to.equal(true);
    expect((error as HarnessError).message).to.match(/certificate/);
    expect(seen.length).to.equal(count);
    await api.close();
  });

  it('takes any server where the kubeconfig says so, and checks another name where it gives one', async () => {
    const careless = await open({ 'insecure-skip-tls-verify': true }, {});
    expect((await careless.get('/api/v1/nodes/x'))?.metadata.name).to.equal('x');
    await careless.close();
    const file = { 'certificate-authority': part('ca.pem') };
    const named = await open({ ...file, 'tls-server-name': 'lab.test' }, {});
    expect((await named.get('/api/v1/nodes/x'))?.metadata.name).to.equal('x');
    await named.close();
    const other = await open({ ...file, 'tls-server-name': 'elsewhere.test' }, {});
    const error: unknown = await other.get('/api/v1/nodes/x').catch((thrown: unknown) => thrown);
    expect((error as HarnessError).message).to.match(/elsewhere\.test/);
    await other.close();
  });
});
