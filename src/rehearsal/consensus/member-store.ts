import { setMaxListeners } from 'node:events';
import { StoreConflict, StoreUnavailable } from '../replica.ts';
import type { Document, DocumentChange, Expected } from '../replica.ts';
import type { WatchedStore } from '../watched-store.ts';
import { DocumentLog } from './document-log.ts';
import type { Operation } from './document-log.ts';
import type { Pending } from './member-disk.ts';
import type { Answer, Candidacy, MemberOptions, News, Question } from './message.ts';

const NOT_LEADER: Answer = { kind: 'not-leader', lost: false };
const LOST: Answer = { kind: 'not-leader', lost: true };

/**
 * The store as one member of its group serves it. A leader is elected as in Raft (Ongaro 2014), with a trial round. It sends one
 * change at a time, which is committed when a majority has it, and answers reads under a lease. Writes and the freshness of
 * reads come from the leader, what is read comes from what this member applied.
 */
export class MemberStore implements WatchedStore {
  readonly #options: MemberOptions;
  readonly #majority: number;
  readonly #log: DocumentLog;
  readonly #stopped = new AbortController();
  #role: 'follower' | 'candidate' | 'leader' = 'follower';
  #leader: string | undefined;
  /** When a leader was heard last, and from when on this member stands itself. */
  #heardMs: number;
  #standsMs: number;
  /** Of the leader: since when, when it sent last, and when it sent what each other member answered last. */
  #ledSinceMs = 0;
  #sentMs = 0;
  readonly #answeredMs = new Map<string, number>();
  /** Who has the pending change, and what the next one waits for. */
  readonly #holders = new Set<string>();
  #turn: Promise<unknown> = Promise.resolve();
  #inherits = false;
  #cancelTick: () => void = () => undefined;

  constructor(options: MemberOptions) {
    const { disk, peers, time, timers } = options;
    this.#options = options;
    this.#majority = Math.floor((peers.length + 1) / 2) + 1;
    this.#log = new DocumentLog(disk);
    this.#heardMs = time.nowMs();
    // A group that never had a leader waits for none.
    const fresh = this.#heardMs + timers.heartbeatMs * (1 + 3 * time.random());
    this.#standsMs = this.#log.term === 0 ? fresh : this.#patience();
    this.#tick();
  }

  get leader(): string | undefined {
    return this.#leader;
  }

  revision(): number {
    return this.#log.applied.revision;
  }

  async get(key: string): Promise<Document | undefined> {
    await this.#request();
    return this.#log.get(key);
  }

  async list(
    prefix: string,
  ): Promise<{ readonly documents: readonly Document[]; readonly revision: number }> {
    await this.#request();
    return this.#log.list(prefix);
  }

  async put(key: string, value: Document['value'], expected: Expected): Promise<Document> {
    return (await this.#request({ kind: 'put', key, value, expected })) as Document;
  }

  async delete(key: string, expected: Expected = 'any'): Promise<boolean> {
    return (await this.#request({ kind: 'delete', key, expected })) !== undefined;
  }

  async *follow(prefix: string, after: number, signal: AbortSignal): AsyncGenerator<DocumentChange> {
    yield* this.#log.follow(prefix, after, AbortSignal.any([signal, this.#stopped.signal]));
    if (!signal.aborted) throw new StoreUnavailable('This member of the store was stopped.', true);
  }

  stop(): void {
    this.#stopped.abort();
    this.#cancelTick();
    this.#stepDown();
  }

  /** A question of another member. */
  async answer(from: string, question: Question): Promise<Answer> {
    if (this.#stopped.signal.aborted) return NOT_LEADER;
    if (question.kind === 'ask') return this.#lead(question.operation);
    const granted =
      question.kind === 'vote' ? this.#decide(from, question.candidacy) : this.#hear(from, question.news);
    return { kind: 'told', term: this.#log.term, granted };
  }

  /** Done by whoever leads. A read is asked again when that one is lost; a write is not, because it may have happened. */
  async #request(operation?: Operation): Promise<Document | undefined> {
    const { time, timers, self, ask } = this.#options;
    const limit = new AbortController();
    const { signal } = limit;
    setMaxListeners(0, signal);
    const cancel = time.after(timers.requestMs, () => limit.abort());
    const patienceMs = operation === undefined ? timers.electionMs : timers.requestMs;
    let definite = true;
    try {
      for (;;) {
        const leader = this.#leader;
        if (this.#stopped.signal.aborted) break;
        const moved = this.#log.until(() => this.#leader !== leader, signal);
        if (leader === undefined) {
          await moved;
          continue;
        }
        definite = operation === undefined;
        const asked =
          leader === self ? this.#lead(operation) : ask(leader, { kind: 'ask', operation }, patienceMs);
        const answer = await Promise.race([moved.then(() => LOST), asked.catch(() => LOST)]);
        if (answer.kind === 'done') {
          await this.#log.until(() => this.revision() >= answer.revision, signal);
          if (answer.outcome?.conflict !== true) return answer.outcome?.document;
          throw new StoreConflict(operation?.key ?? '', answer.outcome.document);
        }
        if (answer.kind === 'not-leader' && answer.lost && !definite) break;
        await new Promise<void>((resolve) => void time.after(timers.heartbeatMs / 2, resolve));
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      cancel();
      limit.abort();
    }
    throw new StoreUnavailable('The store does not answer: no majority of its members did.', definite);
  }

  async #lead(operation?: Operation): Promise<Answer> {
    if (operation === undefined)
      return (await this.#leads()) ? { kind: 'done', revision: this.revision() } : NOT_LEADER;
    const turn = this.#turn.then(() => this.#change(operation));
    this.#turn = turn;
    return turn;
  }

  /** Until the lease is over nobody else can lead: a majority heard this leader, and votes for no other meanwhile. */
  async #leads(): Promise<boolean> {
    const { time, timers } = this.#options;
    const inLease = (): boolean => time.nowMs() < this.#majorityHeardMs() + 0.9 * timers.electionMs;
    await this.#log.until(() => this.#role !== 'leader' || (inLease() && !this.#inherits));
    return this.#role === 'leader';
  }

  async #change(operation: Operation): Promise<Answer> {
    if (!(await this.#leads())) return NOT_LEADER;
    const { change, outcome } = this.#log.resultOf(operation);
    if (change !== undefined && !(await this.#replicate({ term: this.#log.term, change }))) return LOST;
    return { kind: 'done', revision: this.revision(), outcome };
  }

  /** Resolves when a majority has it, or with false when this member does not lead any more. */
  async #replicate(pending: Pending): Promise<boolean> {
    const leads = (): boolean => this.#role === 'leader' && this.#log.term === pending.term;
    this.#holders.clear();
    this.#log.accept(pending);
    this.#sendAll();
    await this.#log.until(() => !leads() || this.#holders.size + 1 >= this.#majority);
    if (!leads()) return false;
    this.#log.commit();
    // Those who wrote or read at other members wait until these learn of it.
    this.#sendAll();
    return true;
  }

  #sendAll(): void {
    this.#sentMs = this.#options.time.nowMs();
    for (const peer of this.#options.peers) this.#sendTo(peer, false);
  }

  #sendTo(peer: string, isBehind: boolean): void {
    const { term, applied: base, pending, documents } = this.#log;
    const { ask, time, timers } = this.#options;
    const news = { term, base, change: pending?.change, documents: isBehind ? documents : undefined };
    const sentMs = time.nowMs();
    ask(peer, { kind: 'news', news }, timers.requestMs).then(
      (answer) => {
        if (answer.kind !== 'told' || this.#isOutdated(answer.term)) return;
        if (this.#role !== 'leader' || this.#log.term !== term) return;
        this.#answeredMs.set(peer, Math.max(sentMs, this.#answeredMs.get(peer) ?? 0));
        if (!answer.granted && !isBehind) this.#sendTo(peer, true);
        if (answer.granted && this.#log.pending === pending) this.#holders.add(peer);
        this.#log.tell();
      },
      () => undefined,
    );
  }

  #majorityHeardMs(): number {
    const heard = [Infinity, ...[...this.#answeredMs.values()].sort((a, b) => b - a)];
    return heard[this.#majority - 1] ?? -Infinity;
  }

  #tick(): void {
    const { time, timers } = this.#options;
    const nowMs = time.nowMs();
    if (this.#role === 'leader') {
      const heardMs = Math.max(this.#majorityHeardMs(), this.#ledSinceMs);
      if (nowMs - heardMs > timers.electionMs) this.#stepDown();
      else if (nowMs - this.#sentMs >= timers.heartbeatMs) this.#sendAll();
    } else if (nowMs > this.#standsMs) this.#stand(true);
    this.#cancelTick = time.after(timers.heartbeatMs / 2, () => this.#tick());
  }

  #patience(): number {
    const { time, timers } = this.#options;
    return time.nowMs() + timers.electionMs * (1 + time.random());
  }

  #stand(trial: boolean): void {
    const { peers, self, ask, timers } = this.#options;
    this.#follow(undefined, 'candidate');
    this.#standsMs = this.#patience();
    if (!trial) this.#log.enterTerm(this.#log.term + 1, self);
    const { term, last } = this.#log;
    let votes = 0;
    const count = (): void => {
      votes += 1;
      if (votes !== this.#majority || this.#role !== 'candidate' || this.#log.term !== term) return;
      if (trial) this.#stand(false);
      else this.#begin();
    };
    const candidacy = { term: trial ? term + 1 : term, trial, last };
    for (const peer of peers)
      ask(peer, { kind: 'vote', candidacy }, timers.requestMs).then(
        (answer) => {
          if (answer.kind === 'told' && !this.#isOutdated(answer.term) && answer.granted) count();
        },
        () => undefined,
      );
    count();
  }

  #decide(from: string, { term, trial, last }: Candidacy): boolean {
    const { time, timers } = this.#options;
    const own = this.#log.last;
    const knowsAll = last.term > own.term || (last.term === own.term && last.revision >= own.revision);
    const isServed = this.#log.term > 0 && time.nowMs() - this.#heardMs < timers.electionMs;
    if (isServed || this.#role === 'leader' || term < this.#log.term) return false;
    if (trial) return knowsAll && term > this.#log.term;
    this.#isOutdated(term);
    if (!knowsAll || (this.#log.vote ?? from) !== from) return false;
    this.#log.enterTerm(term, from);
    this.#standsMs = this.#patience();
    return true;
  }

  /** Whether there is a later term than that of this member, which is then in that one. */
  #isOutdated(term: number): boolean {
    if (term <= this.#log.term || this.#stopped.signal.aborted) return false;
    this.#log.enterTerm(term);
    this.#stepDown();
    return true;
  }

  #begin(): void {
    const { self, onLead, time } = this.#options;
    const { term, pending } = this.#log;
    this.#ledSinceMs = time.nowMs();
    this.#answeredMs.clear();
    this.#follow(self, 'leader');
    onLead?.(term);
    // What an earlier leader sent may be committed, so it is sent again before anything else.
    this.#inherits = pending !== undefined;
    if (pending === undefined) this.#sendAll();
    else
      this.#turn = this.#turn
        .then(() => this.#replicate({ ...pending, term }))
        .then((done) => (this.#inherits &&= !done));
  }

  #stepDown(): void {
    if (this.#role === 'leader') this.#options.onLead?.(undefined);
    this.#follow(undefined, 'follower');
  }

  #follow(leader: string | undefined, role: 'follower' | 'candidate' | 'leader'): void {
    [this.#leader, this.#role] = [leader, role];
    this.#log.tell();
  }

  /** Whether it now has all that the leader sent. */
  #hear(from: string, { term, base, change, documents }: News): boolean {
    if (term < this.#log.term) return false;
    this.#isOutdated(term);
    this.#follow(from, 'follower');
    this.#heardMs = this.#options.time.nowMs();
    this.#standsMs = this.#patience();
    if (documents !== undefined) this.#log.restore(base, documents);
    const { last } = this.#log;
    if (last.term === base.term && last.revision === base.revision) this.#log.commit();
    if (this.revision() < base.revision) return false;
    if (change !== undefined && this.revision() < change.revision) this.#log.accept({ term, change });
    return true;
  }
}
