import { expect } from 'chai';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createLeanHttpAsker, isLean } from '../../src/measure/lean-http-asker.ts';
import type { FailurePhase } from '../../src/model/observation.ts';
import type { Ask } from '../../src/ports/prober.ts';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const ask: Ask = { method: 'GET', path: '/a/{n}', headers: { 'X-One': '1' }, expect: [200] };

describe('an asker that keeps its connections', () => {
  const requests: string[] = [];
  const sockets: Socket[] = [];
  let server: Server;
  let answer: string | undefined;
  let nowNs = 0;

  beforeEach(async () => {
    [requests.length, sockets.length, answer, nowNs] = [0, 0, OK, 0];
    server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        requests.push(bytes.toString());
        if (answer !== undefined) socket.write(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  const asker = (over: Partial<Ask> = {}) =>
    createLeanHttpAsker({
      ask: { ...ask, ...over },
      access: {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`,
        headers: { 'X-Token': 't' },
        verify: true,
      },
      now: () => nowNs,
    });
  type Asker = ReturnType<typeof asker>;
  const once = (one: Asker, n = 0): Promise<readonly [FailurePhase | undefined, number]> =>
    new Promise((resolve) => one.ask({ n, finish: (failure, status) => resolve([failure, status]) }));
  const until = async (so: () => boolean): Promise<void> => {
    while (!so()) await new Promise((resolve) => setTimeout(resolve, 2));
  };

  it('sends what it is told, and uses a connection again', async () => {
    const one = asker();
    expect(await once(one, 7)).to.deep.equal([undefined, 200]);
    expect(await once(one, 8)).to.deep.equal([undefined, 200]);
    expect(sockets).to.have.lengthOf(1);
    expect(requests[0]).to.match(
      /^GET \/base\/a\/7 HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\nconnection: keep-alive\r\n/,
    );
    expect(requests[0])
      .to.contain('x-token: t\r\n')
      .and.to.contain('x-one: 1\r\n')
      .and.to.match(/\r\n\r\n$/);
    expect(requests[1]).to.contain('GET /base/a/8 ');
    await one.close();
  });

  it('never waits for a connection that is busy', async () => {
    answer = undefined;
    const one = asker();
    const both = [once(one, 1), once(one, 2)];
    await until(() => requests.length === 2);
    expect(sockets).to.have.lengthOf(2);
    for (const socket of sockets) socket.write(OK);
    expect(await Promise.all(both)).to.deep.equal([
      [undefined, 200],
      [undefined, 200],
    ]);
    await one.close();
  });

  it('opens another when the server has closed one, or it was idle for long', async () => {
    const one = asker();
    await once(one);
    sockets[0]?.end();
    await new Promise((resolve) => sockets[0]?.once('close', resolve));
    expect(await once(one)).to.deep.equal([undefined, 200]);
    expect(sockets).to.have.lengthOf(2);
    nowNs = 4.1e9;
    expect(await once(one)).to.deep.equal([undefined, 200]);
    expect(sockets).to.have.lengthOf(3);
    answer = 'HTTP/1.1 200 OK\r\nkeep-alive: timeout=2\r\ncontent-length: 2\r\n\r\nok';
    await once(one);
    nowNs += 1.1e9;
    await once(one);
    expect(sockets).to.have.lengthOf(4);
    await one.close();
  });

  it('says how far it had come when it is given up, and takes no answer for the next', async () => {
    answer = undefined;
    const one = asker();
    let told = 0;
    const asking = one.ask({ n: 0, finish: () => (told += 1) });
    await until(() => requests.length === 1);
    expect(asking.giveUp()).to.equal('wait');
    answer = OK;
    sockets[0]?.write(OK);
    expect(await once(one)).to.deep.equal([undefined, 200]);
    expect(told).to.equal(0);
    await one.close();
  });

  it('sends nothing that was given up before there was a connection', async () => {
    const one = asker();
    expect(one.ask({ n: 0, finish: () => undefined }).giveUp()).to.equal('connect');
    expect(await once(one, 5)).to.deep.equal([undefined, 200]);
    expect(requests).to.have.lengthOf(1);
    await one.close();
  });

  it('sends no header and no path that would be another request', async () => {
    expect(await once(asker({ headers: { a: 'b\r\nc: d' } }))).to.deep.equal(['harness', 0]);
    expect(await once(asker({ path: '/ HTTP/1.1\r\n\r\nGET /' }))).to.deep.equal(['harness', 0]);
    expect(requests).to.deep.equal([]);
  });

  it('uses renewed credentials from then on', async () => {
    const one = asker();
    one.refresh({ url: 'http://127.0.0.1/', headers: { 'X-Token': 'new' }, verify: true });
    await once(one);
    expect(requests[0]).to.contain('x-token: new\r\n');
    await one.close();
  });

  it('is for questions without a body on kept connections', () => {
    expect(isLean(ask, 'reused')).to.equal(true);
    expect(isLean(ask, 'new')).to.equal(false);
    expect(isLean({ ...ask, body: '' }, 'reused')).to.equal(false);
    expect(isLean({ ...ask, method: 'DELETE' }, 'reused')).to.equal(false);
  });
});
