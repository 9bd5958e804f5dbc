import { StoreConflict, StoreUnavailable } from '../replica.ts';
import type { Document, DocumentChange, Expected } from '../replica.ts';
import type { WatchedStore } from '../watched-store.ts';
import type { Operation, Outcome } from './document-state.ts';
import { Member } from './member.ts';
import type { MemberOptions } from './member.ts';
import type { Answer, Message } from './message.ts';

interface Request {
  readonly id: number;
  /** Absent for a read. */
  readonly operation?: Operation;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: StoreUnavailable) => void;
  readonly cancel: () => void;
  /** Which leader it was sent to, and when. */
  sent?: { readonly to: string; readonly atMs: number };
}

/**
 * The store as one member of the group serves it: writes and the freshness of reads come from the leader, what is read comes
 * from what this member applied.
 */
export class MemberStore implements WatchedStore {
  readonly #options: MemberOptions;
  readonly #member: Member;
  readonly #requests = new Map<number, Request>();
  #waitingToApply: { readonly index: number; readonly resolve: () => void }[] = [];
  /** Reads that will share the next question to the leader. */
  #sharers: ((answer: Answer | StoreUnavailable) => void)[] = [];
  #asking = false;
  #nextId: number;
  #stopped = false;

  constructor(options: MemberOptions) {
    this.#options = options;
    // An answer to a question of before a restart must not fit one of after it.
    this.#nextId = Math.floor(options.time.random() * 2 ** 40);
    this.#member = new Member(options);
    this.#member.onProgress = () => this.#progress();
  }

  get leader(): string | undefined {
    return this.#member.leader;
  }

  revision(): number {
    return this.#member.log.state.revision;
  }

  follow(prefix: string, afterRevision: number, signal: AbortSignal): AsyncIterable<DocumentChange> {
    return this.#member.log.state.follow(prefix, afterRevision, signal);
  }

  async get(key: string): Promise<Document | undefined> {
    await this.#fresh();
    return this.#member.log.state.get(key);
  }

  async list(prefix: string): Promise<{ documents: readonly Document[]; revision: number }> {
    await this.#fresh();
    return { documents: this.#member.log.state.list(prefix), revision: this.revision() };
  }

  async put(key: string, value: Readonly<Record<string, unknown>>, expected: Expected): Promise<Document> {
    const { document } = await this.#write(key, { kind: 'put', key, value, expected });
    if (document === undefined) throw new Error('A put was applied without a document.');
    return document;
  }

  async delete(key: string, expected?: number): Promise<boolean> {
    const operation: Operation = { kind: 'delete', key, ...(expected === undefined ? {} : { expected }) };
    return (await this.#write(key, operation)).document !== undefined;
  }

  /** Everything that waits ends with `StoreUnavailable`. */
  stop(): void {
    this.#stopped = true;
    this.#member.stop();
    for (const request of [...this.#requests.values()]) this.#fail(request, 'this member was stopped');
  }

  receive(from: string, message: Message): void {
    if (this.#stopped) return;
    if (message.kind === 'ask') {
      const { term } = this.#member.log;
      this.#handOver(message.operation, (answer) =>
        this.#options.send(from, { kind: 'told', term, id: message.id, answer }),
      );
    } else if (message.kind === 'told') this.#told(message.id, message.answer);
    else this.#member.receive(from, message);
  }

  async #write(key: string, operation: Operation): Promise<Outcome & { kind: 'done' }> {
    const answer = await this.#request(operation);
    if (answer.kind !== 'outcome') throw new Error(`A write was answered as ${answer.kind}.`);
    if (answer.outcome.kind === 'conflict') throw new StoreConflict(key, answer.outcome.present);
    // Who wrote here reads here: what was acknowledged is waited for by the next read, not by the write.
    return answer.outcome;
  }

  async #fresh(): Promise<void> {
    const answer = await new Promise<Answer | StoreUnavailable>((resolve) => {
      this.#sharers.push(resolve);
      this.#askForAll();
    });
    if (answer instanceof Error) throw answer;
    if (answer.kind !== 'fresh') throw new Error(`A read was answered as ${answer.kind}.`);
    await this.#appliedUpTo(answer.index);
  }

  #askForAll(): void {
    if (this.#asking || this.#sharers.length === 0) return;
    this.#asking = true;
    this.#options.time.soon(() => {
      // Whoever comes after this waits for the next question: the answer to this one may be older than their call.
      const sharers = this.#sharers;
      this.#sharers = [];
      const done = (answer: Answer | StoreUnavailable): void => {
        this.#asking = false;
        for (const sharer of sharers) sharer(answer);
        this.#askForAll();
      };
      this.#request(undefined).then(done, done);
    });
  }

  #appliedUpTo(index: number): Promise<void> {
    if (this.#member.log.commit >= index) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const cancel = this.#options.time.after(this.#options.timers.requestMs, () => {
        reject(new StoreUnavailable('This member does not catch up with its group.', true));
      });
      this.#waitingToApply.push({
        index,
        resolve: () => {
          cancel();
          resolve();
        },
      });
    });
  }

  #request(operation: Operation | undefined): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const cancel = this.#options.time.after(this.#options.timers.requestMs, () => {
        this.#fail(request, 'no majority of its members answered in time');
      });
      const request: Request = {
        id,
        resolve,
        reject,
        cancel,
        ...(operation === undefined ? {} : { operation }),
      };
      this.#requests.set(id, request);
      if (this.#stopped) this.#fail(request, 'this member is stopped');
      else this.#try(request);
    });
  }

  /** Sends it to the leader, if there is one; otherwise it waits for the next. */
  #try(request: Request): void {
    const { leader } = this.#member;
    if (leader === undefined) return;
    request.sent = { to: leader, atMs: this.#options.time.nowMs() };
    const { id, operation } = request;
    if (leader === this.#options.self) return this.#handOver(operation, (answer) => this.#told(id, answer));
    const { term } = this.#member.log;
    this.#options.send(leader, { kind: 'ask', term, id, ...(operation === undefined ? {} : { operation }) });
  }

  #handOver(operation: Operation | undefined, answer: (answer: Answer) => void): void {
    if (operation === undefined) this.#member.readFresh(answer);
    else this.#member.propose(operation, answer);
  }

  #told(id: number, answer: Answer): void {
    const request = this.#requests.get(id);
    if (request === undefined) return;
    if (answer.kind === 'not-leader') delete request.sent;
    else if (answer.kind === 'unknown') this.#fail(request, 'the leader changed meanwhile');
    else {
      this.#requests.delete(id);
      request.cancel();
      request.resolve(answer);
    }
  }

  #fail(request: Request, why: string): void {
    this.#requests.delete(request.id);
    request.cancel();
    const definite = request.operation === undefined || request.sent === undefined;
    request.reject(new StoreUnavailable(`The store does not answer: ${why}.`, definite));
  }

  #progress(): void {
    const { commit } = this.#member.log;
    const reached = this.#waitingToApply.filter(({ index }) => index <= commit);
    if (reached.length > 0) {
      this.#waitingToApply = this.#waitingToApply.filter(({ index }) => index > commit);
      for (const { resolve } of reached) resolve();
    }
    if (this.#requests.size === 0) return;
    const { leader } = this.#member;
    const nowMs = this.#options.time.nowMs();
    for (const request of [...this.#requests.values()]) {
      const { sent } = request;
      // A read may be asked twice; a write whose leader is gone may have happened, so it is not repeated.
      const lost = sent !== undefined && nowMs - sent.atMs > this.#options.timers.heartbeatMs * 2;
      const moved = sent !== undefined && sent.to !== leader;
      if (sent === undefined || (request.operation === undefined && (moved || lost))) this.#try(request);
      else if (moved && leader !== undefined) this.#fail(request, 'the leader changed meanwhile');
    }
  }
}
