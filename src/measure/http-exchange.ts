import type { Dispatcher } from 'undici';
import type { FailurePhase } from '../model/observation.ts';
import { failurePhase } from './failure-phase.ts';
import type { Line } from './http-connections.ts';
import type { PreparedAsk } from './prepared-ask.ts';

/** As much of a body as is kept to look for a text in it. */
const MOST_KEPT_BYTES = 1024 * 1024;

/**
 * Called once. @param failure absent: a good status, and a whole body that holds what it should.
 * @param body what was kept of it, where it was to be kept.
 */
export type Answered = (failure: FailurePhase | undefined, status: number, body?: Buffer) => void;

/**
 * One HTTP request and its answer, through undici's callbacks: no promise, no stream. The answer counts once its body is whole.
 * Redirects are not followed.
 */
export class HttpExchange implements Dispatcher.DispatchHandler {
  readonly #ask: PreparedAsk;
  readonly #n: number;
  readonly #line: Line;
  readonly #answered: Answered;
  #phase: FailurePhase | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #kept: Buffer[] | undefined;
  #keptBytes = 0;
  #over = false;

  constructor(ask: PreparedAsk, n: number, line: Line, answered: Answered) {
    this.#ask = ask;
    this.#n = n;
    this.#line = line;
    this.#answered = answered;
    if (ask.holds !== undefined || ask.keepBody === true) this.#kept = [];
  }

  start(): void {
    const { method, path, headers, body } = this.#ask;
    this.#line.dispatcher.dispatch(
      { method: method, path: path(this.#n), headers, body: body(this.#n) },
      this,
    );
  }

  /** Stops, and says how far it had come. */
  giveUp(): FailurePhase {
    const reached = this.#reached();
    this.#over = true;
    this.#controller?.abort(new Error('out of time'));
    return reached;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#phase = this.#ask.body(this.#n) === null ? 'wait' : 'send';
    // It was given up while it waited for its connection: it must not be sent now.
    if (this.#over) controller.abort(new Error('out of time'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, statusCode: number): void {
    this.#phase = 'body';
    this.#status = statusCode;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#kept === undefined || this.#keptBytes > MOST_KEPT_BYTES) return;
    this.#kept.push(chunk);
    this.#keptBytes += chunk.length;
  }

  onResponseEnd(): void {
    if (!this.#ask.expect.has(this.#status)) this.#end('status');
    else this.#end(this.#holds() ? undefined : 'body');
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end(failurePhase(error, this.#reached()));
  }

  #reached(): FailurePhase {
    return this.#phase ?? this.#line.connecting.phase;
  }

  #holds(): boolean {
    const text = this.#ask.holds?.(this.#n);
    return text === undefined || Buffer.concat(this.#kept ?? []).includes(text);
  }

  #end(failure: FailurePhase | undefined): void {
    if (this.#over) return;
    this.#over = true;
    const body = this.#ask.keepBody === true ? Buffer.concat(this.#kept ?? []) : undefined;
    this.#answered(failure, this.#status, body);
  }
}
