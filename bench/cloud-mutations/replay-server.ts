import type { IncomingMessage, ServerResponse } from 'node:http';
import { bytesOf, LoopbackServer, send } from '../../test/suites/loopback-server.ts';
import { dropField, type Mutation } from '../../test/suites/mutation.ts';
import { templateOf } from '../../test/suites/mutating-proxy.ts';
import type { Recorded } from './recording.ts';
import { marksOf } from './recording-proxy.ts';

/** The path below the host, with what differs from run to run taken out. */
export const askedFor = ({ path }: Pick<Recorded, 'path'>): string =>
  templateOf(path.replace(/^\/[\w.-]+_\d+/, ''));

/** Answers the requests of a suite file as a cloud once did, and spoils what it is told to while one case runs. */
export class ReplayServer extends LoopbackServer {
  /** The case that runs. */
  by = '';
  readonly #left: Recorded[];
  readonly #all: readonly Recorded[];
  readonly #target: string;
  readonly #mutation: Mutation | undefined;

  /** @param target the case whose answers are spoiled; those of others, and of what the file shares, never are. */
  constructor(exchanges: readonly Recorded[], target: string, mutation?: Mutation) {
    super();
    this.#all = exchanges;
    this.#left = [...exchanges];
    this.#target = target;
    this.#mutation = mutation;
  }

  /** The endpoints as they stand in recorded answers lead to one cloud, so all of them are meant. */
  rewritten(text: string): string {
    return this.leadingHere(text, () => true);
  }

  protected override async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const found = this.#take(incoming, String(await bytesOf(incoming)));
    if (found === undefined) {
      outgoing.writeHead(404, { 'content-type': 'text/plain' }).end('It was not recorded.');
      return;
    }
    const { status, text } = this.#spoiled(found);
    send(outgoing, status, found.headers, Buffer.from(this.rewritten(text)));
  }

  /** The next answer to this request, or the last one again: whoever waits may look more often than it did. */
  #take(incoming: IncomingMessage, asked: string): Recorded | undefined {
    const { method = 'GET', url: path = '' } = incoming;
    const { version, token } = marksOf(incoming);
    const fits = (one: Recorded): boolean =>
      one.by === this.by &&
      one.method === method &&
      one.path === path &&
      one.version === version &&
      one.token === token &&
      (method === 'GET' || one.asked === asked);
    const next = this.#left.findIndex(fits);
    return next === -1 ? this.#all.findLast(fits) : this.#left.splice(next, 1)[0];
  }

  #spoiled(found: Recorded): { readonly status: number; readonly text: string } {
    const mutation = this.#mutation;
    const isMeant =
      mutation !== undefined &&
      found.by === this.#target &&
      mutation.method === found.method &&
      mutation.template === askedFor(found);
    if (!isMeant || mutation.kind === 'stale') return found;
    if (mutation.kind === 'status')
      return found.status === mutation.from ? { ...found, status: mutation.status } : found;
    return { ...found, text: JSON.stringify(dropField(JSON.parse(found.text), mutation.field)) };
  }
}
