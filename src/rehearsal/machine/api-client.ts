import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { timer } from '../timers.ts';

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** The way of a node's own programs to the Kubernetes API, over connections that they keep. */
export interface ApiClient {
  /**
   * The answer with its body still to be read. A connection that says nothing for longer than `api-client-read-idle-timeout` is
   * given up, with all others: their machine is as silent.
   * @throws when the connection breaks.
   */
  open(asked: ApiRequest, signal?: AbortSignal): Promise<IncomingMessage>;
  /** The whole answer; its body is undefined when it is not JSON. */
  ask(asked: ApiRequest, signal?: AbortSignal): Promise<{ readonly status: number; readonly body: unknown }>;
}

class StreamAgent extends Agent {
  readonly #open: () => Duplex;

  constructor(open: () => Duplex) {
    super({ keepAlive: true, maxFreeSockets: 8 });
    this.#open = open;
  }

  // The options say nothing that the wire needs to know.
  override createConnection(): Duplex {
    return this.#open();
  }
}

/** @param connect opens a connection to where the API is now */
export function createApiClient(connect: () => Duplex, token: string): ApiClient {
  let agent = new StreamAgent(connect);
  const open = ({ method, path, body }: ApiRequest, signal?: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const used = agent;
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers: Record<string, string> = { authorization: `Bearer ${token}` };
      if (text !== undefined) headers['content-type'] = 'application/json';
      if (text !== undefined) headers['content-length'] = String(Buffer.byteLength(text));
      const sent = request({
        agent: used,
        method,
        path,
        headers,
        host: 'kubernetes',
        ...(signal === undefined ? {} : { signal }),
      });
      const idle = setTimeout(() => {
        if (agent === used) agent = new StreamAgent(connect);
        sent.destroy(new Error('The Kubernetes API said nothing for too long.'));
        used.destroy();
      }, timer('api-client-read-idle-timeout'));
      sent.once('error', reject);
      sent.once('close', () => clearTimeout(idle));
      sent.once('response', (response) => {
        response.on('data', () => idle.refresh());
        response.on('error', () => undefined);
        response.pause();
        resolve(response);
      });
      sent.end(text);
    });
  return {
    open,
    async ask(asked, signal) {
      const response = await open(asked, signal);
      let text = '';
      for await (const part of response as AsyncIterable<Buffer>) text += part.toString();
      return { status: response.statusCode ?? 0, body: parse(text) };
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
