import type { FailurePhase } from '../model/observation.ts';
import type { Ask, WireAccess } from '../ports/prober.ts';
import { createHttpConnections, type HttpConnections, type Line } from './http-connections.ts';
import { HttpExchange } from './http-exchange.ts';
import { prepareAsk, type PreparedAsk } from './prepared-ask.ts';
import type { Asker, Asking, Attempt } from './probe-line.ts';

export interface HttpAskerOptions {
  /** One, or several in order, such as write, read back, delete. */
  readonly asks: readonly Ask[];
  readonly access: WireAccess;
  readonly connection: 'new' | 'reused';
  readonly timeoutMs: number;
}

/** Asks over HTTP. The first answer that is not good decides; a sample whose asks are all answered well is good. */
export function createHttpAsker(options: HttpAskerOptions): Asker<WireAccess> {
  const connections = createHttpConnections(options.connection, options.access, options.timeoutMs);
  let prepared = options.asks.map((ask) => prepareAsk(ask, options.access));
  return {
    ask: (attempt) => new Conversation(prepared, connections, attempt).start(),
    refresh(access) {
      prepared = options.asks.map((ask) => prepareAsk(ask, access));
    },
    close: () => connections.close(),
  };
}

/** The phases in which the system cannot have acted on a request. */
const NOT_SENT: ReadonlySet<FailurePhase> = new Set(['resolve', 'connect', 'tls', 'harness']);

/** The asks of one sample, in order, over one line. */
class Conversation implements Asking {
  readonly #asks: readonly PreparedAsk[];
  readonly #connections: HttpConnections;
  readonly #attempt: Attempt;
  readonly #line: Line;
  #at = 0;
  #exchange: HttpExchange | undefined;

  constructor(asks: readonly PreparedAsk[], connections: HttpConnections, attempt: Attempt) {
    this.#asks = asks;
    this.#connections = connections;
    this.#attempt = attempt;
    this.#line = connections.take();
  }

  start(): this {
    this.#next();
    return this;
  }

  giveUp(): FailurePhase {
    const reached = this.#exchange?.giveUp() ?? 'connect';
    this.#line.release();
    if (this.#at > 0 || !NOT_SENT.has(reached)) this.#cleanUp();
    return reached;
  }

  #next(): void {
    const ask = this.#asks[this.#at];
    if (ask === undefined) return;
    this.#exchange = new HttpExchange(ask, this.#attempt.n, this.#line, (failure, status) => {
      if (failure === undefined && this.#at + 1 < this.#asks.length) {
        this.#at += 1;
        this.#next();
        return;
      }
      this.#attempt.finish(failure, status);
      this.#line.release();
      if (failure !== undefined && (this.#at > 0 || !NOT_SENT.has(failure))) this.#cleanUp();
    });
    this.#exchange.start();
  }

  /** What an earlier ask may have created is deleted once more, without a say in the sample; the ledger knows of it anyway. */
  #cleanUp(): void {
    const last = this.#asks.at(-1);
    if (this.#asks.length < 2 || last?.method !== 'DELETE') return;
    const line = this.#connections.take();
    new HttpExchange(last, this.#attempt.n, line, () => line.release()).start();
  }
}
