import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a URL of a catalogue, a link or a kubeconfig leads to. */
export interface Place {
  readonly scheme: string;
  readonly host: string;
  readonly port: string;
}

const URLS = /(https?):\/\/([\w.-]+):(\d+)/g;

/** A plain HTTP server on loopback that stands before others, or for them; what throws in it ends the connection. */
export abstract class LoopbackServer {
  readonly #server: Server;

  constructor() {
    this.#server = createServer((incoming, outgoing) => {
      this.answer(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
    });
  }

  /** @returns its URL, without a path. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${this.#port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  protected abstract answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void>;

  /** The text with the URLs that are meant leading through here, as `placeIn` reads them; never those that already do. */
  protected leadingHere(text: string, isMeant: (place: Place) => boolean): string {
    const own = this.#port;
    return text.replace(URLS, (whole: string, scheme: string, host: string, port: string) =>
      port === own || !isMeant({ scheme, host, port }) ? whole : `http://127.0.0.1:${own}/${host}_${port}`,
    );
  }

  get #port(): string {
    return String((this.#server.address() as AddressInfo).port);
  }
}

/** The place that a request is for, which came with `/<host>_<port>/path`. */
export function placeIn({ url = '' }: IncomingMessage): Omit<Place, 'scheme'> & { readonly path: string } {
  const [, host = '', port = '', path = ''] = /^\/([\w.-]+)_(\d+)(.*)$/.exec(url) ?? [];
  return { host, port, path: path === '' ? '/' : path };
}

export async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Passes an answer on whose body may have another length than it had. */
export function send(
  outgoing: ServerResponse,
  status: number,
  given: OutgoingHttpHeaders,
  body: Buffer,
): void {
  const { 'content-length': _length, 'transfer-encoding': _encoding, ...headers } = given;
  if (status === 204 || outgoing.req.method === 'HEAD') outgoing.writeHead(status, headers).end();
  else outgoing.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
}
