import type { FailurePhase } from '../model/observation.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ask, BootSlot, Question, WireAccess } from '../ports/prober.ts';
import type { Asker, Asking, Attempt } from './probe-line.ts';
import { ServerTalk, type Heard } from './server-talk.ts';

type Boot = Extract<Question, { readonly kind: 'boot' }>;

export interface BootAskerOptions {
  readonly question: Boot;
  readonly access: WireAccess;
  readonly connection: 'new' | 'reused';
  readonly timeoutMs: number;
  readonly clock: Pick<Clock, 'after'>;
}

/** One look at a server that has no address yet, or is silent. */
const LOOK_WITHIN_MS = 2000;

/** How long what failed samples left is looked for at the end; what is there longer is the sweeper's. */
const TIDY_WITHIN_MS = 15_000;

/** Makes a server for each sample, and takes it away again. The phase of a failure is the part of that life that it did not get through. */
export function createBootAsker(options: BootAskerOptions): Asker<WireAccess> {
  const servers = new Servers(options);
  return {
    ask: (attempt) => new Life(servers, attempt).begin(),
    refresh: (access) => servers.refresh(access),
    close: () => servers.close(),
  };
}

/** Thrown inside of a life only: it has come to an end that is no good one. */
class Failed extends Error {
  readonly phase: FailurePhase;
  readonly status: number;

  constructor(phase: FailurePhase, status: number) {
    super(phase);
    this.phase = phase;
    this.status = status;
  }
}

/** What all samples of one probe share: the way to the compute service, and which slots are known to be empty. */
class Servers {
  readonly #question: Boot;
  readonly #options: BootAskerOptions;
  readonly #talk: ServerTalk;
  readonly #guests = new Map<string, ServerTalk>();
  /** Slots whose last server was seen gone by us. Whoever was here before, or an order without an answer, may have left one. */
  readonly #empty = new Set<BootSlot>();
  readonly #used = new Set<BootSlot>();
  readonly #closing = new AbortController();
  readonly #tidying = new Set<Promise<void>>();

  constructor(options: BootAskerOptions) {
    this.#options = options;
    this.#question = options.question;
    const { clock, timeoutMs } = options;
    this.#talk = new ServerTalk(options.connection, options.access, { clock, connectWithinMs: timeoutMs });
  }

  slotOf(n: number): BootSlot {
    const { slots } = this.#question;
    const slot = slots[n % slots.length];
    if (slot === undefined) throw new RangeError('a question without slots cannot be asked');
    return slot;
  }

  refresh(access: WireAccess): void {
    this.#talk.refresh(access);
  }

  call(method: string, path: string, signal: AbortSignal, body?: string): Promise<Heard> {
    const json = { accept: 'application/json' };
    const headers = { ...json, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const ask: Ask = {
      method,
      path,
      headers,
      ...(body === undefined ? {} : { body }),
      expect: [200, 202, 204],
    };
    return this.#talk.ask(ask, this.#options.timeoutMs, signal);
  }

  /** Asks the server itself once. */
  async answers(url: string, signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#options;
    const { origin, pathname, search } = new URL(url);
    const access = { url: origin, headers: {}, verify: true };
    const guest =
      this.#guests.get(url) ?? new ServerTalk('new', access, { clock, connectWithinMs: LOOK_WITHIN_MS });
    this.#guests.set(url, guest);
    const ask: Ask = { method: 'GET', path: pathname + search, headers: {}, expect: [200] };
    return (await guest.ask(ask, LOOK_WITHIN_MS, signal)).failure === undefined;
  }

  pause(signal: AbortSignal): Promise<void> {
    return this.#talk.wait(this.#question.lookEvery.ms, signal);
  }

  /** From now on there may be a server in that slot. */
  use(slot: BootSlot): void {
    this.#used.add(slot);
    this.#empty.delete(slot);
  }

  release(slot: BootSlot): void {
    this.#empty.add(slot);
  }

  /** Takes away whatever is in the slot, where that is not known to be nothing. @param found called when there was something. */
  async clear(slot: BootSlot, found: () => void, signal: AbortSignal): Promise<void> {
    // Nova takes the name for a regular expression.
    const path = `/servers?name=${encodeURIComponent(`^${slot.name}$`)}`;
    while (!this.#empty.has(slot)) {
      const { failure, body } = await this.call('GET', path, signal);
      const left = failure === undefined ? idsIn(body, slot.name) : undefined;
      if (left?.length === 0) return;
      if (left !== undefined) found();
      for (const id of left ?? []) await this.call('DELETE', `/servers/${id}`, signal);
      await this.pause(signal);
    }
  }

  /** In the background, without a say in any sample; what it does not reach is in the ledger. */
  tidy(slot: BootSlot): void {
    const over = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(TIDY_WITHIN_MS)]);
    const work = this.clear(slot, () => undefined, over).catch(() => undefined);
    this.#tidying.add(work);
    void work.then(() => this.#tidying.delete(work));
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The prober ends.'));
    await Promise.all(this.#tidying);
    const over = AbortSignal.timeout(TIDY_WITHIN_MS);
    const used = [...this.#used].filter((slot) => !this.#empty.has(slot));
    await Promise.all(used.map((slot) => this.clear(slot, () => undefined, over).catch(() => undefined)));
    await Promise.all([this.#talk, ...this.#guests.values()].map((talk) => talk.close()));
  }
}

/** The server of one sample. */
class Life implements Asking {
  readonly #servers: Servers;
  readonly #attempt: Attempt;
  readonly #slot: BootSlot;
  readonly #over = new AbortController();
  #phase: FailurePhase = 'build';
  /** Whether a server may have been made. */
  #ordered = false;

  constructor(servers: Servers, attempt: Attempt) {
    this.#servers = servers;
    this.#attempt = attempt;
    this.#slot = servers.slotOf(attempt.n);
  }

  begin(): this {
    this.#live().then(
      (status) => this.#attempt.finish(undefined, status),
      (error: unknown) => this.#fail(error),
    );
    return this;
  }

  giveUp(): FailurePhase {
    this.#over.abort(new Error('out of time'));
    return this.#phase;
  }

  #fail(error: unknown): void {
    if (this.#ordered) this.#servers.tidy(this.#slot);
    if (this.#over.signal.aborted) return;
    if (error instanceof Failed) this.#attempt.finish(error.phase, error.status);
    else this.#attempt.finish('harness', 0);
  }

  /** @returns the status of the answer to the order. */
  async #live(): Promise<number> {
    const { signal } = this.#over;
    await this.#servers.clear(this.#slot, () => (this.#phase = 'delete'), signal);
    this.#phase = 'build';
    this.#servers.use(this.#slot);
    this.#ordered = true;
    const ordered = await this.#servers.call('POST', '/servers', signal, this.#slot.order);
    const id = textAt(ordered.body, 'server', 'id');
    if (ordered.failure !== undefined || id === undefined) throw this.#failed(ordered);
    this.#phase = 'active';
    await this.#untilActive(`/servers/${id}`, signal);
    this.#phase = 'answers';
    const { answersAt } = this.#slot;
    while (answersAt !== undefined && !(await this.#servers.answers(answersAt, signal)))
      await this.#servers.pause(signal);
    this.#phase = 'delete';
    await this.#untilGone(`/servers/${id}`, signal);
    this.#servers.release(this.#slot);
    return ordered.status;
  }

  /** A look without an answer says nothing of the server: reads have probes of their own. */
  async #untilActive(path: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      const look = await this.#servers.call('GET', path, signal);
      const state = look.failure === undefined ? textAt(look.body, 'server', 'status') : undefined;
      if (state === 'ACTIVE') return;
      if (state === 'ERROR' || look.status === 404) throw this.#failed(look);
      await this.#servers.pause(signal);
    }
  }

  async #untilGone(path: string, signal: AbortSignal): Promise<void> {
    const asked = await this.#servers.call('DELETE', path, signal);
    if (asked.failure !== undefined) throw this.#failed(asked);
    while ((await this.#servers.call('GET', path, signal)).status !== 404) await this.#servers.pause(signal);
  }

  #failed({ failure, status }: Heard): Failed {
    return new Failed(failure === 'harness' ? 'harness' : this.#phase, status);
  }
}

function textAt(body: unknown, ...keys: readonly string[]): string | undefined {
  const found = keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Readonly<Record<string, unknown>>)[key]
        : undefined,
    body,
  );
  return typeof found === 'string' ? found : undefined;
}

/** Of those in a list that are really called so. */
function idsIn(body: unknown, name: string): readonly string[] | undefined {
  const servers = (body as { readonly servers?: unknown } | undefined)?.servers;
  if (!Array.isArray(servers)) return undefined;
  return servers.flatMap((server: unknown) =>
    textAt(server, 'name') === name ? [textAt(server, 'id') ?? ''] : [],
  );
}
