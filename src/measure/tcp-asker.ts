import { connect, isIP, type Socket } from 'node:net';
import type { FailurePhase } from '../model/observation.ts';
import { failurePhase } from './failure-phase.ts';
import type { Asker, Asking, Attempt } from './probe-line.ts';

/** Asks whether a TCP connection can be made; each sample makes its own and closes it at once. */
export function createTcpAsker(target: { readonly host: string; readonly port: number }): Asker<unknown> {
  const open = new Set<Socket>();
  const named = isIP(target.host) === 0;
  return {
    ask(attempt: Attempt): Asking {
      let phase: FailurePhase = named ? 'resolve' : 'connect';
      const socket = connect({ host: target.host, port: target.port });
      open.add(socket);
      socket.once('lookup', () => {
        phase = 'connect';
      });
      socket.once('connect', () => {
        attempt.finish(undefined, 0);
        socket.destroy();
      });
      socket.on('error', (error) => attempt.finish(failurePhase(error, phase), 0));
      socket.once('close', () => open.delete(socket));
      return {
        giveUp() {
          socket.destroy();
          return phase;
        },
      };
    },
    refresh: () => undefined,
    close() {
      for (const socket of open) socket.destroy();
      return Promise.resolve();
    },
  };
}
