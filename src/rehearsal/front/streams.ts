import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Ends a connection so that the other end sees a reset. */
export function breakOff(stream: Duplex): void {
  if (stream instanceof Socket) stream.resetAndDestroy();
  else stream.destroy();
}

/** Hands on what either end says, and how it ends: an end as an end, a break as a break. */
export function pipeBoth(a: Duplex, b: Duplex): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.pipe(to);
    from.on('error', () => undefined);
    from.on('close', () => {
      if (!to.destroyed && (!from.readableEnded || from.errored !== null)) breakOff(to);
    });
  }
}

export type Found = { readonly look: 'answers' | 'refused' | 'silent'; readonly said: string };

/** Says that over a new connection, and tells what came of it. Never throws. */
export function askOver(stream: Duplex, question: string, timeoutMs: number): Promise<Found> {
  return new Promise((resolve) => {
    const done = (look: Found['look'], said = ''): void => {
      clearTimeout(timeout);
      stream.destroy();
      resolve({ look, said });
    };
    const timeout = setTimeout(() => done('silent'), timeoutMs);
    stream.once('close', () => done('refused'));
    stream.once('data', (chunk: Buffer) => done('answers', chunk.toString('latin1')));
    stream.write(question);
  });
}

/** Only a 200 in time is healthy. */
export async function isHealthy(stream: Duplex, path: string, timeoutMs: number): Promise<boolean> {
  const question = `GET ${path} HTTP/1.1\r\nHost: check\r\nConnection: close\r\n\r\n`;
  return /^HTTP\/1\.[01] 200 /.test((await askOver(stream, question, timeoutMs)).said);
}
