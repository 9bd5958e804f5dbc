import { HarnessError, describeError } from '../../model/errors.ts';

/** How far an exchange had come when it failed. */
export interface Circumstance {
  readonly server: string;
  readonly exchange: { readonly method: string; readonly path: string; readonly signal?: AbortSignal };
  /** A byte of the request may have left. */
  readonly started: boolean;
  /** The head of the answer was there. */
  readonly answered: boolean;
  readonly received: number;
}

/** Marks a deadline of our own, so that it is told apart from the caller's signal. */
export class DeadlinePassed extends Error {
  readonly ms: number;

  constructor(ms: number) {
    super(`no whole answer within ${ms} ms`);
    this.ms = ms;
  }
}

/**
 * Turns whatever ended an exchange into the error that the port promises. A caller's signal keeps its own reason. "The request
 * was surely not sent" is known, not guessed: the transport sees the moment before the first byte is written.
 */
export function translateFailure(error: unknown, circumstance: Circumstance): Error {
  const { exchange, started } = circumstance;
  if (error instanceof HarnessError) return error;
  if (exchange.signal?.aborted === true && error === exchange.signal.reason) return error as Error;
  const where = `${exchange.method} ${exchange.path} at ${plainServer(circumstance.server)}`;
  const code = codeOf(error);
  const facts = { code, server: plainServer(circumstance.server), sent: started };
  if (code.startsWith('HPE_')) {
    return new HarnessError('SQ_BAD_ANSWER', `The answer to ${where} is not HTTP.`, {
      cause: error,
      definite: false,
      facts,
    });
  }
  if (
    code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' ||
    (circumstance.answered && code === 'UND_ERR_SOCKET')
  ) {
    const says = `The answer to ${where} ended after ${circumstance.received} bytes, before its own length said so.`;
    return new HarnessError('SQ_BAD_ANSWER', says, { cause: error, definite: false, facts });
  }
  const says = `${where} got no answer: ${reasonOf(error, code)}${started ? '' : '; the request was not sent'}.`;
  return new HarnessError('SQ_UNREACHABLE', says, { cause: error, definite: !started, facts });
}

/** A server's address without the user and password that a URL may hold. */
export function plainServer(server: string): string {
  if (!URL.canParse(server)) return server;
  const url = new URL(server);
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/$/, '')}`;
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (typeof code === 'string') return code;
  return error instanceof Error && error.name === 'HTTPParserError' ? 'HPE_UNKNOWN' : '';
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed while the request was sent',
  ENOTFOUND: 'the name could not be resolved',
  EAI_AGAIN: 'the name could not be resolved',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'no connection was made within 5 s',
  UND_ERR_SOCKET: 'the other side closed the connection',
  UND_ERR_DESTROYED: 'this client was closed',
  UND_ERR_CLOSED: 'this client was closed',
};

function reasonOf(error: unknown, code: string): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return reasonOf(error.errors[0], codeOf(error.errors[0]));
  }
  return WORDS[code] ?? describeError(error).replace(/\.$/, '');
}
