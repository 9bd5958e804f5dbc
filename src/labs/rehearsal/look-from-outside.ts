import { connect } from 'node:net';
import type { Duration } from '../../model/duration.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Look } from '../../ports/lab.ts';

const QUESTION = 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n';

/**
 * Connects and says something, as any client would. What is accepted and then broken off at once was refused: the address
 * accepts for its nodes before it knows.
 */
export function lookFromOutside(port: number, timeout: Duration, clock: Clock): Promise<Look> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const done = (look: Look): void => {
      cancel();
      resolve(look);
      socket.destroy();
    };
    const cancel = clock.after(timeout.ms, () => done('silent'));
    socket.once('connect', () => socket.write(QUESTION));
    socket.once('data', () => done('answers'));
    socket.once('error', () => done('refused'));
    socket.once('close', () => done('refused'));
  });
}
