import { createServer, type AddressInfo, type Server } from 'node:net';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { createAsker } from '../../src/measure/create-asker.ts';
import { milliseconds } from '../../src/model/duration.ts';
import type { FailurePhase } from '../../src/model/observation.ts';
import { spec } from './sample-series.ts';

describe('where an HTTP sample fails', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  /** What becomes of a sample that is answered with these bytes; then the connection is closed. */
  async function answeredWith(
    bytes: string,
    connection: 'new' | 'reused',
  ): Promise<readonly [FailurePhase | undefined, number]> {
    const one = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => (bytes === '' ? socket.resetAndDestroy() : socket.end(bytes)));
    });
    server = one;
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
    const asker = createAsker(
      {
        spec: spec({ connection, timeout: milliseconds(5000) }),
        question: {
          kind: 'http',
          ask: { method: 'GET', path: '/', headers: {}, expect: [200], holds: 'hello' },
        },
        access: {
          url: `http://127.0.0.1:${(one.address() as AddressInfo).port}`,
          headers: {},
          verify: true,
        },
      },
      { after: () => () => undefined, now: () => ({ clock: 'host:test', ns: 0 }) },
    );
    try {
      return await new Promise((resolve) =>
        asker.ask({ n: 0, finish: (failure, status) => resolve([failure, status]) }),
      );
    } finally {
      await asker.close();
    }
  }

  const cases: readonly (readonly [string, string, FailurePhase | undefined, number])[] = [
    ['a good answer', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello', undefined, 200],
    ['another status', 'HTTP/1.1 503 Gone\r\ncontent-length: 5\r\n\r\nhello', 'status', 503],
    ['another body', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nsorry', 'body', 200],
    ['a body that breaks off', 'HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello', 'body', 200],
    ['bytes that are no HTTP', 'SSH-2.0-OpenSSH\r\n', 'answer', 0],
    ['a reset', '', 'wait', 0],
  ];
  for (const connection of ['new', 'reused'] as const) {
    for (const [title, bytes, phase, status] of cases) {
      it(`${title} (${connection}): ${phase ?? 'none'}`, async () => {
        expect(await answeredWith(bytes, connection)).to.deep.equal([phase, status]);
      });
    }
  }
});
