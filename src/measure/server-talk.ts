import type { FailurePhase } from '../model/observation.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ask, WireAccess } from '../ports/prober.ts';
import { createHttpConnections, type HttpConnections } from './http-connections.ts';
import { HttpExchange } from './http-exchange.ts';
import { prepareAsk } from './prepared-ask.ts';

export interface Heard {
  /** Absent: a good status. */
  readonly failure?: FailurePhase;
  /** 0 where there was none. */
  readonly status: number;
  /** Parsed; undefined where it is no JSON. */
  readonly body: unknown;
}

/** One answer after another, for questions that are so rare that a promise for each costs nothing. */
export class ServerTalk {
  readonly #connections: HttpConnections;
  readonly #clock: Pick<Clock, 'after'>;
  #access: WireAccess;

  constructor(
    kind: 'new' | 'reused',
    access: WireAccess,
    options: { readonly clock: Pick<Clock, 'after'>; readonly connectWithinMs: number },
  ) {
    this.#connections = createHttpConnections(kind, access, options.connectWithinMs);
    this.#clock = options.clock;
    this.#access = access;
  }

  refresh(access: WireAccess): void {
    this.#access = access;
  }

  /**
   * Asks once.
   * @param withinMs a silence for so long is a failure.
   * @throws the signal's reason.
   */
  ask(ask: Ask, withinMs: number, signal: AbortSignal): Promise<Heard> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const line = this.#connections.take();
      const end = (): void => {
        cancel();
        signal.removeEventListener('abort', stop);
        line.release();
      };
      const exchange = new HttpExchange(
        { ...prepareAsk(ask, this.#access), keepBody: true },
        0,
        line,
        (failure, status, body) => {
          end();
          resolve({ ...(failure === undefined ? {} : { failure }), status, body: read(body) });
        },
      );
      const stop = (): void => {
        exchange.giveUp();
        end();
        reject(signal.reason as Error);
      };
      const cancel = this.#clock.after(withinMs, () => {
        const failure = exchange.giveUp();
        end();
        resolve({ failure, status: 0, body: undefined });
      });
      signal.addEventListener('abort', stop);
      exchange.start();
    });
  }

  /** @throws the signal's reason. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        cancel();
        reject(signal.reason as Error);
      };
      const cancel = this.#clock.after(ms, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  close(): Promise<void> {
    return this.#connections.close();
  }
}

function read(body: Buffer | undefined): unknown {
  try {
    return JSON.parse(body?.toString('utf8') ?? '');
  } catch {
    return undefined;
  }
}
