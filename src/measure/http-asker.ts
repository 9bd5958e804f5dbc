import type { FailurePhase } from '../model/observation.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ask, Slots, WireAccess } from '../ports/prober.ts';
import { createHttpConnections, type HttpConnections, type Line } from './http-connections.ts';
import { HttpExchange } from './http-exchange.ts';
import { prepareAsk, type PreparedAsk } from './prepared-ask.ts';
import type { Asker, Asking, Attempt } from './probe-line.ts';

export interface HttpAskerOptions {
  /** One, or several in order, such as write, read back, delete. */
  readonly asks: readonly Ask[];
  /** Default 1. */
  readonly slots?: Slots;
  /** Samples from this number on are not asked, which is trouble of ours. Default: there is no end. */
  readonly most?: number;
  /** Hands the body of an answer to `Attempt.heard`. Default false. */
  readonly keepBody?: boolean;
  readonly access: WireAccess;
  readonly connection: 'new' | 'reused';
  readonly timeoutMs: number;
  readonly clock: Pick<Clock, 'after'>;
}

/** What is shared by all samples of one probe. */
interface Session {
  readonly clock: Pick<Clock, 'after'>;
  readonly connections: HttpConnections;
  asks: readonly PreparedAsk[];
  /** Samples that may have left something behind, by the path of it. */
  readonly dirty: Map<string, number>;
}

/** How long a clean-up may take; what it does not reach is the sweeper's. */
const CLEAN_UP_MS = 2000;

/** Asks over HTTP. The first answer that is not good decides; a sample whose asks are all answered well is good. */
export function createHttpAsker(options: HttpAskerOptions): Asker<WireAccess> {
  const { access, connection, timeoutMs } = options;
  const prepare = (renewed: WireAccess): readonly PreparedAsk[] =>
    options.asks.map((ask) => ({
      ...prepareAsk(ask, renewed, options.slots),
      keepBody: options.keepBody ?? false,
    }));
  const session: Session = {
    clock: options.clock,
    connections: createHttpConnections(connection, access, timeoutMs),
    asks: prepare(access),
    dirty: new Map(),
  };
  return {
    ask(attempt) {
      if (attempt.n < (options.most ?? Number.POSITIVE_INFINITY))
        return new Conversation(session, attempt).start();
      attempt.finish('harness', 0);
      return { giveUp: () => 'harness' };
    },
    refresh(renewed) {
      session.asks = prepare(renewed);
    },
    async close() {
      await Promise.all([...session.dirty.values()].map((n) => cleanUp(session, n)));
      await session.connections.close();
    },
  };
}

/** The phases in which the system cannot have acted on a request. */
const NOT_SENT: ReadonlySet<FailurePhase> = new Set(['resolve', 'connect', 'tls', 'harness']);

/** The asks of one sample, in order, over one line. */
class Conversation implements Asking {
  readonly #session: Session;
  readonly #asks: readonly PreparedAsk[];
  readonly #attempt: Attempt;
  readonly #line: Line;
  #at = 0;
  #exchange: HttpExchange | undefined;

  constructor(session: Session, attempt: Attempt) {
    this.#session = session;
    this.#asks = session.asks;
    this.#attempt = attempt;
    this.#line = session.connections.take();
  }

  start(): this {
    this.#next();
    return this;
  }

  giveUp(): FailurePhase {
    const reached = this.#exchange?.giveUp() ?? 'connect';
    this.#line.release();
    this.#leaveClean(reached);
    return reached;
  }

  #next(): void {
    const ask = this.#asks[this.#at];
    if (ask === undefined) return;
    this.#exchange = new HttpExchange(ask, this.#attempt.n, this.#line, (failure, status, body) => {
      if (failure === undefined && this.#at + 1 < this.#asks.length) {
        this.#at += 1;
        this.#next();
        return;
      }
      if (body !== undefined) this.#attempt.heard?.(body);
      this.#attempt.finish(failure, status);
      this.#line.release();
      if (failure !== undefined) this.#leaveClean(failure);
    });
    this.#exchange.start();
  }

  #leaveClean(failure: FailurePhase): void {
    const last = this.#asks.at(-1);
    if (this.#asks.length < 2 || last?.method !== 'DELETE') return;
    if (this.#at === 0 && NOT_SENT.has(failure)) return;
    this.#session.dirty.set(last.path(this.#attempt.n), this.#attempt.n);
    void cleanUp(this.#session, this.#attempt.n);
  }
}

/** Deletes what a sample may have created, without a say in any sample; the ledger knows of it anyway. */
function cleanUp(session: Session, n: number): Promise<void> {
  const last = session.asks.at(-1);
  if (last === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const line = session.connections.take();
    const end = (): void => {
      cancel();
      line.release();
      resolve();
    };
    const exchange = new HttpExchange(last, n, line, (_failure, status) => {
      // Not there is as good as deleted.
      if ((status >= 200 && status < 300) || status === 404) session.dirty.delete(last.path(n));
      end();
    });
    const cancel = session.clock.after(CLEAN_UP_MS, () => {
      exchange.giveUp();
      end();
    });
    exchange.start();
  });
}
