import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { FailurePhase } from '../model/observation.ts';
import type { WireAccess } from '../ports/prober.ts';
import { failurePhase } from './failure-phase.ts';
import type { Asker, Asking } from './probe-line.ts';
import { secureOptions } from './secure-options.ts';

/**
 * Asks whether a TLS handshake ends well: a certificate for the name that was asked, valid now, and signed by whom the endpoint's
 * access trusts. Each sample makes a connection of its own and a whole handshake, and closes it at once.
 */
export function createTlsAsker(
  target: { readonly host: string; readonly port: number },
  access: WireAccess,
): Asker<WireAccess> {
  const open = new Set<TLSSocket>();
  const named = isIP(target.host) === 0;
  let trust = secureOptions(access);
  return {
    ask(attempt): Asking {
      let phase: FailurePhase = named ? 'resolve' : 'connect';
      const socket = connect({ ...trust, ...target, ...(named ? { servername: target.host } : {}) });
      open.add(socket);
      socket.once('lookup', () => {
        phase = 'connect';
      });
      socket.once('connect', () => {
        phase = 'tls';
      });
      socket.once('secureConnect', () => {
        attempt.finish(undefined, 0);
        // The server still waits for our last word; without it, it would count a broken handshake.
        socket.destroySoon();
      });
      socket.on('error', (error) => attempt.finish(failurePhase(error, phase), 0));
      socket.once('close', () => {
        open.delete(socket);
        // One that ends in the middle of a handshake need not report an error.
        attempt.finish(phase, 0);
      });
      return {
        giveUp() {
          socket.destroy();
          return phase;
        },
      };
    },
    refresh(renewed) {
      trust = secureOptions(renewed);
    },
    close() {
      for (const socket of open) socket.destroy();
      return Promise.resolve();
    },
  };
}
