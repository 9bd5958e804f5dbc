import { readFileSync } from 'node:fs';
import { createServer as createPlainServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { createAsker } from '../../src/measure/create-asker.ts';
import { milliseconds } from '../../src/model/duration.ts';
import type { FailurePhase } from '../../src/model/observation.ts';
import type { Question, WireAccess } from '../../src/ports/prober.ts';
import { spec } from './sample-series.ts';

const made = (name: string): string =>
  readFileSync(join('test', 'adapters', 'kubernetes', 'certificates', name), 'utf8');

type Result = readonly [FailurePhase | undefined, number];

describe('asking over TLS', () => {
  let server: Server;
  let plain: Server;
  let handshakes = 0;
  const resumed: boolean[] = [];
  const clock = { after: () => () => undefined, now: () => ({ clock: 'host:test', ns: 0 }) };
  const portOf = (one: Server): number => (one.address() as AddressInfo).port;
  const listen = (one: Server): Promise<void> =>
    new Promise((resolve) => one.listen(0, '127.0.0.1', () => resolve()));

  before(async () => {
    server = createServer({ cert: made('server.pem'), key: made('server.key') }, (socket: TLSSocket) => {
      handshakes += 1;
      resumed.push(socket.isSessionReused());
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
    });
    server.on('tlsClientError', () => undefined);
    plain = createPlainServer((socket) =>
      socket.on('error', () => undefined).end('this is no handshake\r\n'),
    );
    await listen(server);
    await listen(plain);
  });
  after(() => {
    server.close();
    plain.close();
  });

  async function asked(
    kind: 'tls' | 'http',
    access: Partial<WireAccess>,
    port = portOf(server),
  ): Promise<Result> {
    const question: Question =
      kind === 'tls'
        ? { kind, host: '127.0.0.1', port }
        : { kind, ask: { method: 'GET', path: '/', headers: {}, expect: [200] } };
    const asker = createAsker(
      {
        spec: spec({ connection: 'new', timeout: milliseconds(5000) }),
        question,
        access: { url: `https://127.0.0.1:${port}`, headers: {}, verify: true, ...access },
      },
      clock,
    );
    try {
      return await new Promise<Result>((resolve) =>
        asker.ask({ n: 0, finish: (failure, status) => resolve([failure, status]) }),
      );
    } finally {
      await asker.close();
    }
  }

  for (const kind of ['tls', 'http'] as const) {
    const status = kind === 'http' ? 200 : 0;

    it(`trusts the authority that it was given, in a whole handshake each time (${kind})`, async () => {
      const begun = handshakes;
      expect(await asked(kind, { ca: made('ca.pem') })).to.deep.equal([undefined, status]);
      expect(await asked(kind, { ca: made('ca.pem') })).to.deep.equal([undefined, status]);
      // The server hears of the end of a handshake after us.
      while (handshakes - begun < 2) await new Promise((resolve) => setImmediate(resolve));
      expect(resumed).not.to.include(true);
    });

    it(`fails in the handshake without that authority, unless it need not verify (${kind})`, async () => {
      expect(await asked(kind, {})).to.deep.equal(['tls', 0]);
      expect(await asked(kind, { verify: false })).to.deep.equal([undefined, status]);
    });

    it(`tells a port that speaks no TLS from one where nobody listens (${kind})`, async () => {
      expect(await asked(kind, { ca: made('ca.pem') }, portOf(plain))).to.deep.equal(['tls', 0]);
      const gone = createPlainServer();
      await listen(gone);
      const port = portOf(gone);
      await new Promise((resolve) => gone.close(resolve));
      expect(await asked(kind, { ca: made('ca.pem') }, port)).to.deep.equal(['connect', 0]);
    });
  }
});
