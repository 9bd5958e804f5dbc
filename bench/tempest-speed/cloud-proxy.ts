import {
  request as plain,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import { request as secure } from 'node:https';
import { bytesOf, LoopbackServer, send } from '../../test/suites/loopback-server.ts';

/** One request that the cloud was to receive. */
export interface Call {
  readonly method: string;
  /** Scheme, host and port of the service. */
  readonly origin: string;
  /** Below the origin, with its query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** What stands between a call and its reply: hands the call on, as it is or changed, or answers by itself. */
export type Between = (call: Call, pass: (call: Call) => Promise<Reply>) => Promise<Reply>;

const ORIGINS = /(https?):\/\/([\w.-]+)(?::(\d+))?/g;

const originOf = (scheme: string, host: string, port?: string): string =>
  `${scheme}://${host}:${port ?? (scheme === 'https' ? '443' : '80')}`;

const originsIn = (text: string): readonly string[] =>
  [...text.matchAll(ORIGINS)].map(([, scheme = '', host = '', port]) => originOf(scheme, host, port));

/**
 * Stands in front of all services of one cloud, on loopback, as `/<scheme>_<host>_<port>/path`. Every address of the cloud's in an
 * answer is rewritten so that clients keep coming through here: those of its Keystone and of its catalogue.
 */
export class CloudProxy extends LoopbackServer {
  /** How many calls came since it was last set, by the program that made them. */
  calls = new Map<string, number>();
  between: Between = (call, pass) => pass(call);
  readonly #origins: Set<string>;
  readonly #tls: { readonly ca?: string };
  #own = '';

  /** @param authUrl where Keystone is. @param ca of the certificates, where they are not of a public one. */
  constructor(authUrl: string, ca?: string) {
    super();
    this.#origins = new Set(originsIn(authUrl));
    this.#tls = ca === undefined ? {} : { ca };
  }

  override async start(): Promise<string> {
    this.#own = await super.start();
    return this.#own;
  }

  /** The text with every address of the cloud leading through here. */
  rewritten(text: string): string {
    return text.replace(ORIGINS, (whole: string, scheme: string, host: string, port?: string) => {
      const origin = originOf(scheme, host, port);
      return this.#origins.has(origin)
        ? `${this.#own}/${origin.replace('://', '_').replace(/:/, '_')}`
        : whole;
    });
  }

  protected override async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const [, scheme = '', host = '', port = '', path = ''] =
      /^\/(https?)_([\w.-]+)_(\d+)(.*)$/.exec(incoming.url ?? '') ?? [];
    const origin = originOf(scheme, host, port);
    if (!this.#origins.has(origin)) {
      send(outgoing, 502, {}, Buffer.from(`${origin} is no address of the cloud behind this proxy.`));
      return;
    }
    const by = /^[\w-]+/.exec(incoming.headers['user-agent'] ?? '')?.[0] ?? 'nobody';
    this.calls.set(by, (this.calls.get(by) ?? 0) + 1);
    const { method = 'GET', headers } = incoming;
    const call = { method, origin, path: path === '' ? '/' : path, headers, body: await bytesOf(incoming) };
    const reply = await this.between(call, (changed) => this.#pass(changed));
    send(outgoing, reply.status, reply.headers, this.#leadingBack(reply));
  }

  #leadingBack({ headers, body }: Reply): Buffer {
    if (!String(headers['content-type']).includes('json') || body.length === 0) return body;
    const text = body.toString('utf8');
    this.#learn(text);
    return Buffer.from(this.rewritten(text));
  }

  /** A catalogue tells where the services are. */
  #learn(text: string): void {
    if (!text.includes('"endpoints"') || !text.includes('"catalog"')) return;
    const { token, catalog = token?.catalog ?? [] } = JSON.parse(text) as Catalogue & { token?: Catalogue };
    const addresses = catalog.flatMap(({ endpoints }) => endpoints.map(({ url }) => url)).join('\n');
    for (const origin of originsIn(addresses)) this.#origins.add(origin);
  }

  #pass({ method, origin, path, headers, body }: Call): Promise<Reply> {
    const { hostname, port, host, protocol } = new URL(origin);
    const order = {
      ...{ host: hostname, port: port === '' ? (protocol === 'https:' ? 443 : 80) : port, method, path },
      headers: { ...headers, host, connection: 'close' },
      ...this.#tls,
    };
    return new Promise((resolve, reject) => {
      const asked = (protocol === 'https:' ? secure : plain)(order, (answer) => {
        const { statusCode: status = 502 } = answer;
        bytesOf(answer).then(
          (bytes) => resolve({ status, headers: withoutHops(answer), body: bytes }),
          reject,
        );
      });
      asked.on('error', reject).end(body);
    });
  }
}

interface Catalogue {
  readonly catalog?: readonly { readonly endpoints: readonly { readonly url: string }[] }[];
}

function withoutHops({ headers }: IncomingMessage): OutgoingHttpHeaders {
  const { connection: _connection, 'keep-alive': _keepAlive, ...rest } = headers;
  return rest;
}
