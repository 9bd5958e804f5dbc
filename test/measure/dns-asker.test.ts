import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createDnsAsker } from '../../src/measure/dns-asker.ts';
import { decodeAnswer, encodeQuestion } from '../../src/measure/dns-message.ts';
import type { FailurePhase } from '../../src/model/observation.ts';

/** A name server that answers each question with a code and so many records. */
class NameServer {
  code = 0;
  answers = 1;
  silent = false;
  readonly asked: Buffer[] = [];
  readonly ports = new Set<number>();
  readonly #socket: Socket = createSocket('udp4');

  async listen(): Promise<number> {
    this.#socket.on('message', (question, { port, address }) => {
      this.asked.push(question);
      this.ports.add(port);
      if (this.silent) return;
      const answer = Buffer.from(question);
      answer.writeUInt16BE(0x8180 | this.code, 2);
      answer.writeUInt16BE(this.answers, 6);
      this.#socket.send(answer, port, address);
    });
    this.#socket.bind(0, '127.0.0.1');
    await once(this.#socket, 'listening');
    return this.#socket.address().port;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}

type Result = readonly [FailurePhase | undefined, number];

describe('asking a name server', () => {
  let server = new NameServer();
  let port = 0;
  const asker = (connection: 'new' | 'reused') =>
    createDnsAsker({ host: '127.0.0.1', port, name: 'api.example', type: 'A', connection });
  const askOnce = (through: ReturnType<typeof asker>, n: number): Promise<Result> =>
    new Promise((resolve) => through.ask({ n, finish: (failure, status) => resolve([failure, status]) }));

  beforeEach(async () => {
    server = new NameServer();
    port = await server.listen();
  });
  afterEach(() => server.close());

  for (const connection of ['new', 'reused'] as const) {
    it(`is answered well where there is a record (${connection})`, async () => {
      const asking = asker(connection);
      const results = await Promise.all([0, 1, 65_536 + 2].map((n) => askOnce(asking, n)));
      expect(results).to.deep.equal([
        [undefined, 1000],
        [undefined, 1000],
        [undefined, 1000],
      ]);
      expect(server.asked.map((bytes) => bytes.readUInt16BE(0)).sort()).to.deep.equal([0, 1, 2]);
      expect(server.ports.size).to.equal(connection === 'new' ? 3 : 1);
      await asking.close();
    });
  }

  it('tells a refusal from an empty answer', async () => {
    const asking = asker('reused');
    server.code = 3;
    expect(await askOnce(asking, 1)).to.deep.equal(['status', 1003]);
    server.code = 0;
    server.answers = 0;
    expect(await askOnce(asking, 2)).to.deep.equal(['body', 1000]);
    await asking.close();
  });

  it('hears that nobody listens, and asks again from a new socket', async () => {
    const unused = new NameServer();
    const closed = await unused.listen();
    await unused.close();
    const asking = createDnsAsker({
      host: '127.0.0.1',
      port: closed,
      name: 'api.example',
      type: 'A',
      connection: 'reused',
    });
    expect(await askOnce(asking, 1)).to.deep.equal(['connect', 0]);
    expect(await askOnce(asking, 2)).to.deep.equal(['connect', 0]);
    await asking.close();
  });

  it('says that it waited for an answer that never came, and does not take it for a later one', async () => {
    server.silent = true;
    const asking = asker('reused');
    const results: Result[] = [];
    const given = asking.ask({ n: 7, finish: (failure, status) => results.push([failure, status]) });
    while (server.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(given.giveUp()).to.equal('wait');
    server.silent = false;
    expect(await askOnce(asking, 8)).to.deep.equal([undefined, 1000]);
    expect(results).to.deep.equal([]);
    await asking.close();
  });
});

describe('a message to a name server', () => {
  it('is as the standard lays it out', () => {
    expect(encodeQuestion(0x1234, 'a.bc.', 'AAAA').toString('hex')).to.equal(
      '123401000001000000000000' + '0161' + '026263' + '00' + '001c' + '0001',
    );
  });

  it('refuses names that cannot be asked, and answers that are none', () => {
    expect(() => encodeQuestion(1, 'a..b', 'A')).to.throw(RangeError);
    expect(() => encodeQuestion(1, 'a'.repeat(64), 'A')).to.throw(RangeError);
    expect(decodeAnswer(Buffer.alloc(11))).to.equal(undefined);
    expect(decodeAnswer(encodeQuestion(1, 'a', 'A'))).to.equal(undefined);
  });
});
