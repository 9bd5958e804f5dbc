import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Ends a connection so that the other end sees a reset, where the stream can do that. */
export function breakOff(stream: Duplex): void {
  if (stream instanceof Socket) stream.resetAndDestroy();
  else stream.destroy();
}

/** Hands on what either end says, and how it ends: an end as an end, a break as a break. */
export function pipeBoth(a: Duplex, b: Duplex): void {
  handOn(a, b);
  handOn(b, a);
}

function handOn(from: Duplex, to: Duplex): void {
  from.on('data', (chunk: Buffer) => {
    if (to.writable && !to.write(chunk)) {
      from.pause();
      to.once('drain', () => from.resume());
    }
  });
  from.on('end', () => {
    if (to.writable) to.end();
  });
  from.on('close', () => {
    if (to.destroyed) return;
    if (!from.readableEnded || from.errored !== null) breakOff(to);
  });
  from.on('error', () => undefined);
}
