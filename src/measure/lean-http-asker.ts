import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import type { FailurePhase } from '../model/observation.ts';
import type { Ask, WireAccess } from '../ports/prober.ts';
import { AnswerReader } from './answer-reader.ts';
import { failurePhase } from './failure-phase.ts';
import { prepareAsk, type PreparedAsk } from './prepared-ask.ts';
import type { Asker, Asking, Attempt } from './probe-line.ts';
import { secureOptions } from './secure-options.ts';

/** A connection that was idle for longer is not trusted: servers close theirs after five seconds (Node's default) or later. */
const IDLE_MS = 4000;

/** So much less than the server says, for what is under way. */
const IDLE_LESS_MS = 1000;

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const PATH = /^[\x21-\x7e]+$/;

/** Questions that it can ask: what has no body, over connections that stay open. */
export const isLean = (ask: Ask, connection: 'new' | 'reused'): boolean =>
  connection === 'reused' && ask.body === undefined && ['GET', 'HEAD'].includes(ask.method);

export interface LeanHttpOptions {
  readonly ask: Ask;
  readonly access: WireAccess;
  readonly now: () => number;
}

/**
 * Asks a plain question over connections of its own, with a request that was written once: at ten thousand a second half of what undici
 * takes of the processor (docs/prober.md), so that a busy host holds the prober up less. A sample never waits for a connection that is busy.
 */
export function createLeanHttpAsker({ ask, access, now }: LeanHttpOptions): Asker<WireAccess> {
  const lines = new Lines(access, now);
  let prepared = prepareAsk(ask, access);
  let request = requestOf(prepared, access);
  return {
    ask(attempt) {
      const bytes = request(attempt.n);
      const flight = new Flight(attempt, prepared);
      if (bytes === undefined) queueMicrotask(() => flight.end('harness'));
      else lines.take().send(flight, bytes);
      return flight;
    },
    refresh(renewed) {
      prepared = prepareAsk(ask, renewed);
      request = requestOf(prepared, renewed);
    },
    close() {
      lines.close();
      return Promise.resolve();
    },
  };
}

/** The bytes of a request by its number; undefined where they would be no request. */
function requestOf(ask: PreparedAsk, access: WireAccess): (n: number) => Buffer | undefined {
  const headers = Object.entries({
    host: new URL(access.url).host,
    connection: 'keep-alive',
    ...lowerCase(ask.headers),
  });
  if (!headers.every(([name, value]) => HEADER_NAME.test(name) && HEADER_VALUE.test(value)))
    return () => undefined;
  const rest = ` HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  let last: { readonly path: string; readonly bytes: Buffer | undefined } | undefined;
  return (n) => {
    const path = ask.path(n);
    if (last?.path !== path) {
      const bytes = PATH.test(path) ? Buffer.from(`${ask.method} ${path}${rest}`, 'latin1') : undefined;
      last = { path, bytes };
    }
    return last.bytes;
  };
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** One sample under way. */
class Flight implements Asking {
  readonly ask: PreparedAsk;
  readonly #attempt: Attempt;
  line: Line | undefined;
  #over = false;

  constructor(attempt: Attempt, ask: PreparedAsk) {
    this.#attempt = attempt;
    this.ask = ask;
  }

  giveUp(): FailurePhase {
    this.#over = true;
    return this.line?.giveUp() ?? 'connect';
  }

  /** The answer is whole. */
  judge({ status, body }: AnswerReader): void {
    const text = this.ask.holds?.(this.#attempt.n);
    if (!this.ask.expect.has(status)) this.end('status', status);
    else this.end(text === undefined || body.includes(text) ? undefined : 'body', status);
  }

  end(failure: FailurePhase | undefined, status = 0): void {
    if (this.#over) return;
    this.#over = true;
    this.#attempt.finish(failure, status);
  }
}

/** Connections to one server; those that are idle, the newest last. */
class Lines {
  readonly #open: () => Socket;
  readonly #firstPhase: FailurePhase;
  readonly #now: () => number;
  readonly #all = new Set<Line>();
  readonly #idle: Line[] = [];

  constructor(access: WireAccess, now: () => number) {
    this.#now = now;
    const { protocol, hostname, port } = new URL(access.url);
    const host = hostname.replace(/^\[|\]$/g, '');
    this.#firstPhase = isIP(host) === 0 ? 'resolve' : 'connect';
    if (protocol === 'https:') {
      const to = { host, port: Number(port || 443), ...secureOptions(access), ALPNProtocols: ['http/1.1'] };
      this.#open = () => connectSecure({ ...to, ...(isIP(host) === 0 ? { servername: host } : {}) });
    } else this.#open = () => connectPlain({ host, port: Number(port || 80) });
  }

  take(): Line {
    const nowNs = this.#now();
    while ((this.#idle[0]?.idleUntilNs ?? Infinity) < nowNs) this.#idle.shift()?.drop();
    for (let line = this.#idle.pop(); line !== undefined; line = this.#idle.pop()) {
      if (line.idleUntilNs >= nowNs) return line;
      line.drop();
    }
    const line = new Line(this.#open(), this.#firstPhase, {
      idle: (one, idleMs) => {
        one.idleUntilNs = this.#now() + idleMs * 1e6;
        this.#idle.push(one);
      },
      gone: (one) => {
        this.#all.delete(one);
        const at = this.#idle.indexOf(one);
        if (at >= 0) this.#idle.splice(at, 1);
      },
    });
    this.#all.add(line);
    return line;
  }

  close(): void {
    for (const line of this.#all) line.drop();
  }
}

interface Owner {
  idle(line: Line, idleMs: number): void;
  gone(line: Line): void;
}

/** One connection, with at most one request on it. */
class Line {
  idleUntilNs = 0;
  readonly #socket: Socket;
  readonly #owner: Owner;
  #phase: FailurePhase;
  #connected = false;
  #flight: Flight | undefined;
  #reader: AnswerReader | undefined;

  constructor(socket: Socket, firstPhase: FailurePhase, owner: Owner) {
    this.#socket = socket;
    this.#owner = owner;
    this.#phase = firstPhase;
    const secure = 'encrypted' in socket;
    socket.setNoDelay(true);
    socket.once('lookup', () => (this.#phase = 'connect'));
    socket.once('connect', () => this.#reach(secure ? 'tls' : 'wait'));
    socket.once('secureConnect', () => this.#reach('wait'));
    socket.on('data', (bytes) => this.#hear(bytes));
    socket.on('end', () => {
      if (this.#reader?.end() === true) this.#whole();
    });
    socket.on('error', (error) => this.#fail(error));
    socket.once('close', () => {
      owner.gone(this);
      this.#fail(undefined);
    });
  }

  send(flight: Flight, bytes: Buffer): void {
    this.#flight = flight;
    flight.line = this;
    this.#reader = new AnswerReader({
      headOnly: flight.ask.method === 'HEAD',
      keepBody: flight.ask.holds !== undefined,
    });
    if (this.#connected) this.#phase = 'wait';
    this.#socket.write(bytes);
  }

  /** Nothing that was not sent yet will be. @returns how far it had come. */
  giveUp(): FailurePhase {
    this.#flight = undefined;
    this.drop();
    return this.#phase;
  }

  drop(): void {
    this.#socket.destroy();
  }

  #reach(phase: FailurePhase): void {
    this.#phase = phase;
    this.#connected = phase === 'wait';
  }

  #hear(bytes: Buffer): void {
    // Nobody has asked.
    if (this.#flight === undefined || this.#reader === undefined) return this.drop();
    try {
      const whole = this.#reader.push(bytes);
      if (this.#reader.status > 0) this.#phase = 'body';
      if (whole) this.#whole();
    } catch (error) {
      this.#fail(error);
      this.drop();
    }
  }

  #whole(): void {
    const [flight, reader] = [this.#flight, this.#reader];
    this.#flight = undefined;
    this.#reader = undefined;
    if (flight === undefined || reader === undefined) return;
    const kept = reader.keptSeconds;
    const idleMs = kept === undefined ? IDLE_MS : Math.min(IDLE_MS, kept * 1000 - IDLE_LESS_MS);
    if (reader.reusable && idleMs > 0) this.#owner.idle(this, idleMs);
    else this.drop();
    flight.judge(reader);
  }

  #fail(error: unknown): void {
    const [flight, status] = [this.#flight, this.#reader?.status ?? 0];
    this.#flight = undefined;
    this.#reader = undefined;
    flight?.end(error === undefined ? this.#phase : failurePhase(error, this.#phase), status);
  }
}
