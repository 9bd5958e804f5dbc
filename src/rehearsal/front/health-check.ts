import type { WireStream } from '../links/wire-stream.ts';

const REQUESTS: Readonly<Record<'/healthcheck' | '/readyz', Buffer>> = {
  '/healthcheck': Buffer.from('GET /healthcheck HTTP/1.1\r\nHost: check\r\nConnection: close\r\n\r\n'),
  '/readyz': Buffer.from('GET /readyz HTTP/1.1\r\nHost: check\r\nConnection: close\r\n\r\n'),
};

/** Asks once over that connection; only a 200 in time is healthy. Never throws. */
export function checkHealth(
  stream: WireStream,
  path: keyof typeof REQUESTS,
  timeoutMs: number,
): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (healthy: boolean): void => {
      clearTimeout(timer);
      stream.destroy();
      resolve(healthy);
    };
    const timer = setTimeout(() => done(false), timeoutMs);
    stream.once('error', () => done(false));
    stream.once('close', () => done(false));
    stream.once('data', (chunk: Buffer) => done(/^HTTP\/1\.[01] 200 /.test(chunk.toString('latin1', 0, 13))));
    stream.write(REQUESTS[path]);
  });
}
