import type { Operation } from './document-state.ts';
import type { MemberDisk } from './member-disk.ts';
import type { Answer, MemberTime, MemberTimers, Message } from './message.ts';
import { ReplicatedLog } from './replicated-log.ts';

export interface MemberOptions {
  readonly self: string;
  readonly peers: readonly string[];
  readonly disk: MemberDisk;
  readonly timers: MemberTimers;
  readonly time: MemberTime;
  send(to: string, message: Message): void;
  /** Called when this member becomes the leader, and with undefined when it no longer is. */
  onLead?(term: number | undefined): void;
}

interface Progress {
  next: number;
  match: number;
  round: number;
  heardMs: number;
}

interface FreshRead {
  readonly round: number;
  readonly index: number;
  readonly answer: (answer: Answer) => void;
}

/** One member of a Raft group (Ongaro 2014): elections with a trial round, log replication, reads confirmed by a majority. */
export class Member {
  readonly log: ReplicatedLog;
  readonly #options: MemberOptions;
  readonly #waiting = new Map<number, { readonly term: number; readonly answer: (answer: Answer) => void }>();
  readonly #progress = new Map<string, Progress>();
  #role: 'follower' | 'trial' | 'candidate' | 'leader' = 'follower';
  #leader: string | undefined;
  #ballots = new Set<string>();
  #heardMs: number;
  #patienceMs: number;
  #round = 0;
  #reads: FreshRead[] = [];
  #firstOfTerm = 0;
  #sendingSoon = false;
  #beatMs = 0;
  #cancel: () => void = () => undefined;
  #stopped = false;
  /** Called after anything was applied, or the leader changed. */
  onProgress: () => void = () => undefined;

  constructor(options: MemberOptions) {
    this.#options = options;
    this.log = new ReplicatedLog(options.disk);
    this.#heardMs = options.time.nowMs();
    // A group that never had a leader waits for none.
    const fresh = this.log.term === 0;
    this.#patienceMs = fresh
      ? options.timers.heartbeatMs * (1 + 3 * options.time.random())
      : this.#drawPatience();
    this.#tick();
  }

  get leader(): string | undefined {
    return this.#leader;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
    this.#stepDown();
  }

  /** Answers once it is known what became of it; only the leader can. */
  propose(operation: Operation, answer: (answer: Answer) => void): void {
    if (this.#role !== 'leader') return answer({ kind: 'not-leader' });
    const { term } = this.log;
    this.log.add([{ term, operation }]);
    this.#waiting.set(this.log.last, { term, answer });
    this.#sendSoon();
  }

  /** Answers with the index that a reader must have applied to see everything that was acknowledged before it asked. */
  readFresh(answer: (answer: Answer) => void): void {
    if (this.#role !== 'leader') return answer({ kind: 'not-leader' });
    // What earlier terms committed is known only once something of this term is.
    const index = Math.max(this.log.commit, this.#firstOfTerm);
    this.#reads.push({ round: this.#round + 1, index, answer });
    if (this.#confirmedRound() === this.#round) this.#sendSoon();
  }

  receive(from: string, message: Message): void {
    if (this.#stopped || message.kind === 'ask' || message.kind === 'told') return;
    const ofTrial = (message.kind === 'candidate' || message.kind === 'ballot') && message.trial;
    if (message.term > this.log.term && !ofTrial) {
      this.log.enterTerm(message.term);
      this.#stepDown();
    }
    switch (message.kind) {
      case 'candidate':
        return this.#decide(from, message);
      case 'ballot':
        return this.#count(from, message);
      case 'append':
      case 'install':
        return this.#follow(from, message);
      case 'appended':
        return this.#note(from, message);
    }
  }

  #tick(): void {
    const { time, timers } = this.#options;
    const nowMs = time.nowMs();
    if (this.#role === 'leader') {
      const near = [...this.#progress.values()].filter(({ heardMs }) => nowMs - heardMs <= timers.electionMs);
      if (near.length + 1 < this.#majority()) this.#stepDown();
      else if (nowMs - this.#beatMs >= timers.heartbeatMs) this.#sendAll();
    } else if (nowMs - this.#heardMs > this.#patienceMs) this.#stand(true);
    this.#cancel = time.after(timers.heartbeatMs / 2, () => this.#tick());
  }

  #majority(): number {
    return Math.floor((this.#options.peers.length + 1) / 2) + 1;
  }

  #drawPatience(): number {
    return this.#options.timers.electionMs * (1 + this.#options.time.random());
  }

  #stand(trial: boolean): void {
    this.#leader = undefined;
    this.#role = trial ? 'trial' : 'candidate';
    this.#heardMs = this.#options.time.nowMs();
    this.#patienceMs = trial ? this.#drawPatience() / 2 : this.#drawPatience();
    this.#ballots = new Set([this.#options.self]);
    if (!trial) this.log.enterTerm(this.log.term + 1, this.#options.self);
    const term = trial ? this.log.term + 1 : this.log.term;
    const { last } = this.log;
    const message: Message = { kind: 'candidate', term, trial, last, lastTerm: this.log.termAt(last) ?? 0 };
    for (const peer of this.#options.peers) this.#options.send(peer, message);
    this.#ifElected();
  }

  #decide(from: string, message: Message & { kind: 'candidate' }): void {
    const { last } = this.log;
    const lastTerm = this.log.termAt(last) ?? 0;
    const whole = message.lastTerm > lastTerm || (message.lastTerm === lastTerm && message.last >= last);
    const served = this.#options.time.nowMs() - this.#heardMs < this.#options.timers.electionMs;
    const { term, trial } = message;
    let granted: boolean;
    if (trial)
      granted = whole && term > this.log.term && this.#role !== 'leader' && !(this.#leader && served);
    else {
      granted = whole && term === this.log.term && (this.log.vote ?? from) === from;
      if (granted) {
        this.log.enterTerm(term, from);
        this.#heardMs = this.#options.time.nowMs();
      }
    }
    this.#options.send(from, { kind: 'ballot', term: granted ? term : this.log.term, trial, granted });
  }

  #count(from: string, { term, trial, granted }: Message & { kind: 'ballot' }): void {
    if (!granted || this.#role !== (trial ? 'trial' : 'candidate')) return;
    if (term !== (trial ? this.log.term + 1 : this.log.term)) return;
    this.#ballots.add(from);
    this.#ifElected();
  }

  #ifElected(): void {
    if (this.#ballots.size < this.#majority()) return;
    if (this.#role === 'trial') return this.#stand(false);
    const { self, peers, time } = this.#options;
    this.#role = 'leader';
    this.#leader = self;
    this.#round = 0;
    this.#progress.clear();
    for (const peer of peers)
      this.#progress.set(peer, { next: this.log.last + 1, match: 0, round: 0, heardMs: time.nowMs() });
    this.log.add([{ term: this.log.term, operation: { kind: 'none' } }]);
    this.#firstOfTerm = this.log.last;
    this.#options.onLead?.(this.log.term);
    this.#sendAll();
    this.#advance();
    this.onProgress();
  }

  #stepDown(): void {
    const led = this.#role === 'leader';
    this.#role = 'follower';
    this.#leader = undefined;
    const waiting = [...this.#waiting.values()];
    const reads = this.#reads;
    this.#waiting.clear();
    this.#reads = [];
    for (const { answer } of waiting) answer({ kind: 'unknown' });
    for (const { answer } of reads) answer({ kind: 'not-leader' });
    if (led) this.#options.onLead?.(undefined);
    this.onProgress();
  }

  #sendSoon(): void {
    if (this.#sendingSoon) return;
    this.#sendingSoon = true;
    this.#options.time.soon(() => {
      this.#sendingSoon = false;
      if (this.#role === 'leader' && !this.#stopped) this.#sendAll();
    });
  }

  #sendAll(): void {
    this.#round += 1;
    this.#beatMs = this.#options.time.nowMs();
    for (const [peer, progress] of this.#progress) this.#sendTo(peer, progress);
    this.#advance();
    this.#answerReads();
  }

  #sendTo(peer: string, progress: Progress): void {
    const { term, commit, snapshot } = this.log;
    const previous = progress.next - 1;
    const previousTerm = this.log.termAt(previous);
    if (previousTerm === undefined) {
      this.#options.send(peer, { kind: 'install', term, snapshot, commit, round: this.#round });
      progress.next = snapshot.index + 1;
      return;
    }
    const entries = this.log.from(progress.next);
    this.#options.send(peer, {
      kind: 'append',
      term,
      previous,
      previousTerm,
      entries,
      commit,
      round: this.#round,
    });
    progress.next = this.log.last + 1;
  }

  #follow(from: string, message: Message & { kind: 'append' | 'install' }): void {
    const { term } = this.log;
    const { round } = message;
    const reply = (fits: boolean, match: number): void =>
      this.#options.send(from, { kind: 'appended', term, fits, match, round });
    if (message.term < term) return reply(false, this.log.commit);
    this.#heardMs = this.#options.time.nowMs();
    this.#patienceMs = this.#drawPatience();
    const changed = this.#leader !== from;
    this.#role = 'follower';
    this.#leader = from;
    if (message.kind === 'install') {
      this.log.install(message.snapshot);
      reply(true, message.snapshot.index);
    } else {
      const { previous, previousTerm, entries } = message;
      // What lies below our snapshot is committed, and so agrees.
      const agrees = previous < this.log.first - 1 || this.log.termAt(previous) === previousTerm;
      if (!agrees) {
        reply(false, Math.min(this.log.last, previous - 1, Math.max(this.log.commit, previous - 64)));
      } else {
        this.log.merge(previous, entries);
        const match = previous + entries.length;
        this.log.commitTo(Math.min(message.commit, match), () => undefined);
        reply(true, match);
      }
    }
    if (changed || message.kind === 'install' || message.commit > 0) this.onProgress();
  }

  #note(from: string, { term, fits, match, round }: Message & { kind: 'appended' }): void {
    const progress = this.#progress.get(from);
    if (this.#role !== 'leader' || term !== this.log.term || progress === undefined) return;
    progress.heardMs = this.#options.time.nowMs();
    progress.round = Math.max(progress.round, round);
    if (fits) {
      progress.match = Math.max(progress.match, match);
      progress.next = Math.max(progress.next, match + 1);
      this.#advance();
    } else {
      progress.next = Math.max(progress.match, match) + 1;
      this.#sendTo(from, progress);
    }
    this.#answerReads();
  }

  /** What a majority has, and is of this term, is committed, and all before it. */
  #advance(): void {
    const matches = [this.log.last, ...[...this.#progress.values()].map(({ match }) => match)];
    const agreed = matches.sort((a, b) => b - a)[this.#majority() - 1] ?? 0;
    if (agreed <= this.log.commit || this.log.termAt(agreed) !== this.log.term) return;
    this.log.commitTo(agreed, (index, term, outcome) => {
      const waiting = this.#waiting.get(index);
      this.#waiting.delete(index);
      waiting?.answer(waiting.term === term ? { kind: 'outcome', outcome } : { kind: 'unknown' });
    });
    this.onProgress();
    // Followers learn of it with the next message; those who read there wait for it.
    this.#sendSoon();
  }

  #confirmedRound(): number {
    const rounds = [this.#round, ...[...this.#progress.values()].map(({ round }) => round)];
    return rounds.sort((a, b) => b - a)[this.#majority() - 1] ?? 0;
  }

  #answerReads(): void {
    if (this.#reads.length === 0) return;
    const confirmed = this.#confirmedRound();
    const done = this.#reads.filter(({ round, index }) => round <= confirmed && index <= this.log.commit);
    this.#reads = this.#reads.filter((read) => !done.includes(read));
    for (const { answer, index } of done) answer({ kind: 'fresh', index });
    if (this.#reads.length > 0 && confirmed === this.#round) this.#sendSoon();
  }
}
