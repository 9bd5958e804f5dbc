import { connect } from 'node:net';
import type { Duration } from '../../model/duration.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Look } from '../../ports/lab.ts';

/** Connects from this host and says something, as any client would; hanging up is an answer too. */
export function lookFromHost(host: string, port: number, timeout: Duration, clock: Clock): Promise<Look> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let connected = false;
    const done = (look: Look): void => {
      cancel();
      resolve(look);
      socket.destroy();
    };
    const cancel = clock.after(timeout.ms, () => done('silent'));
    socket.once('connect', () => {
      connected = true;
      socket.write('GET / HTTP/1.0\r\n\r\n');
    });
    socket.once('data', () => done('answers'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      done(connected ? 'answers' : error.code === 'ECONNREFUSED' ? 'refused' : 'silent'),
    );
    socket.once('close', () => done(connected ? 'answers' : 'silent'));
  });
}
