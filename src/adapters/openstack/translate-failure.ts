import { describeError, HarnessError } from '../../model/errors.ts';
import { maskSecrets } from '../../model/secret.ts';
import type { Secret } from '../../model/secret.ts';

/** How far an exchange had come when it failed. */
export interface Progress {
  readonly method: string;
  readonly url: string;
  /** A connection was there, so bytes of the request may have left. */
  sent: boolean;
  /** The status line and the headers of the answer had come. */
  head?: { readonly status: number; readonly requestId?: string; readonly promised?: number };
  received: number;
}

/** Marks the request's own deadline, so that it is told apart from the caller's signal. */
export class DeadlinePassed extends Error {
  readonly ms: number;

  constructor(ms: number) {
    super(`no whole answer within ${ms} ms`);
    this.ms = ms;
  }
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
};

/** A URL without the user, the password and the query that it may hold. */
export function plainUrl(text: string): string {
  if (!URL.canParse(text)) return '(not a URL)';
  const url = new URL(text);
  return `${url.protocol}//${url.host}${url.pathname}`;
}

const codeOf = (error: unknown): string => {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
};

/** Libraries hang request options, headers and tokens on their errors, so only the words of one are kept. */
function plainCause(error: unknown, secrets: Iterable<Secret>): Error {
  const cause = new Error(maskSecrets(describeError(error), secrets));
  return Object.assign(cause, { code: codeOf(error) });
}

/** Turns whatever ended an exchange into the error that the port promises; `definite` only when nothing was sent. */
export function translateFailure(
  error: unknown,
  progress: Progress,
  secrets: Iterable<Secret>,
): HarnessError {
  const where = `${progress.method} ${plainUrl(progress.url)}`;
  const code = codeOf(error);
  const { head, sent, received } = progress;
  const facts = { code, sent, status: head?.status, requestId: head?.requestId };
  const options = { cause: plainCause(error, secrets), definite: !sent, facts };
  const id = head?.requestId === undefined ? '' : ` (${head.requestId})`;
  if (code.startsWith('HPE_')) {
    return new HarnessError('SQ_BAD_ANSWER', `The answer to ${where} is not HTTP.`, options);
  }
  const deadline = error instanceof DeadlinePassed ? error : undefined;
  if (head !== undefined) {
    const promised = head.promised === undefined ? 'its end' : `the ${head.promised} bytes that it promised`;
    const stopped = deadline === undefined ? 'ended' : `fell silent for the rest of ${deadline.ms} ms`;
    const says = `The answer to ${where}${id} ${stopped} after ${received} bytes, before ${promised}.`;
    return new HarnessError('SQ_BAD_ANSWER', says, options);
  }
  const words =
    deadline?.message ?? WORDS[code] ?? maskSecrets(describeError(error), secrets).replace(/\.$/, '');
  const says = `${where} got no answer: ${words}${sent ? '' : '; the request was not sent'}.`;
  return new HarnessError('SQ_UNREACHABLE', says, options);
}
