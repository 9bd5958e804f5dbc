import { Agent, request } from 'node:https';
import type { Clock } from '../../ports/clock.ts';
import { API_ADDRESS, API_PORT } from './shape.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Asks the cluster's API through its address, with the administrator's certificate and nothing between. */
export class ClusterReader {
  readonly #agent: Agent;
  readonly #clock: Clock;

  /** @param text the kubeconfig that kubeadm wrote for the administrator. */
  constructor(text: string, clock: Clock) {
    const held = (key: string): Buffer =>
      Buffer.from(new RegExp(`${key}: ([A-Za-z0-9+/=]+)`).exec(text)?.[1] ?? '', 'base64');
    this.#clock = clock;
    this.#agent = new Agent({
      ca: held('certificate-authority-data'),
      cert: held('client-certificate-data'),
      key: held('client-key-data'),
      keepAlive: true,
    });
  }

  /** undefined when nothing came in time, or no connection could be made. */
  ask(method: string, path: string, body?: object, patienceMs = 2000): Promise<ApiAnswer | undefined> {
    return new Promise((resolve) => {
      const text = body === undefined ? '' : JSON.stringify(body);
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
      const options = { host: API_ADDRESS, port: API_PORT, path, method, headers, agent: this.#agent };
      const sent = request(options, (response) => {
        let read = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (read += part));
        response.on('error', () => done(undefined));
        response.on('end', () => done({ status: response.statusCode ?? 0, body: parse(read) }));
      });
      const done = (answer: ApiAnswer | undefined): void => {
        cancel();
        resolve(answer);
      };
      const cancel = this.#clock.after(patienceMs, () => sent.destroy(new Error('no answer')));
      sent.once('error', () => done(undefined));
      sent.end(text);
    });
  }

  /** undefined when it does not answer. */
  async list(path: string): Promise<readonly KubeObject[] | undefined> {
    const answer = await this.ask('GET', path);
    if (answer?.status !== 200) return undefined;
    return (answer.body as { items: readonly KubeObject[] }).items;
  }

  close(): void {
    this.#agent.destroy();
  }
}

export type Fields = Readonly<Record<string, unknown>>;

export interface KubeObject {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: Fields;
  readonly status?: Fields;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
