import { MemberStore } from '../../../src/rehearsal/consensus/index.ts';
import type { Answer, DiskLine, MemberDisk, Question } from '../../../src/rehearsal/consensus/index.ts';
import type { HostTime } from '../../../src/rehearsal/host-time.ts';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that passes only when a test says so. */
export class SimulatedTime {
  #nowMs = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, order: this.#order++, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Lets promises go on after each event, as a process would. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      let next: Timer | undefined;
      for (const timer of this.#timers)
        if (
          next === undefined ||
          timer.atMs < next.atMs ||
          (timer.atMs === next.atMs && timer.order < next.order)
        )
          next = timer;
      if (next === undefined || next.atMs > endMs) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#nowMs = endMs;
  }
}

/** What it holds outlives the member, and is copied as on a real disk. */
export function diskInMemory(): MemberDisk {
  let lines: string[] = [];
  return {
    read: () => lines.map((line) => JSON.parse(line) as DiskLine),
    add: (line) => void lines.push(JSON.stringify(line)),
    replace: (all) => void (lines = all.map((line) => JSON.stringify(line))),
  };
}

/** Members of one group on a network that loses, delays and cuts as it is told. */
export class LossyGroup {
  readonly time = new SimulatedTime();
  readonly names: readonly string[];
  readonly members = new Map<string, MemberStore>();
  readonly #disks = new Map<string, MemberDisk>();
  readonly #random: () => number;
  loss = 0;
  /** Who led each term. */
  readonly leaders = new Map<number, Set<string>>();
  /** Those that are cut off from all others. */
  cut = new Set<string>();
  /** Stopped in place: what would happen in them happens when they are thawed. */
  readonly #frozen = new Map<string, (() => void)[]>();

  constructor(size: number, random: () => number) {
    this.#random = random;
    this.names = Array.from({ length: size }, (_, at) => `member-${at + 1}`);
    for (const name of this.names) {
      this.#disks.set(name, diskInMemory());
      this.start(name);
    }
  }

  start(name: string): void {
    if (this.members.has(name)) return;
    const time: HostTime = {
      nowMs: () => this.time.nowMs(),
      after: (ms, run) => this.time.after(ms, () => this.#within(name, run)),
      random: this.#random,
    };
    const disk = this.#disks.get(name);
    if (disk === undefined) throw new Error(`${name} has no disk.`);
    const member = new MemberStore({
      self: name,
      peers: this.names.filter((peer) => peer !== name),
      disk,
      timers: { heartbeatMs: 100, electionMs: 600, requestMs: 2000 },
      time,
      ask: (to, question, limitMs) => this.#ask(name, to, question, limitMs),
      onLead: (term) => {
        if (term === undefined) return;
        this.leaders.set(term, (this.leaders.get(term) ?? new Set()).add(name));
      },
    });
    this.members.set(name, member);
  }

  /** Its memory is lost, its disk stays. */
  kill(name: string): void {
    const member = this.members.get(name);
    this.members.delete(name);
    member?.stop();
  }

  freeze(name: string): void {
    this.#frozen.set(name, []);
  }

  thaw(name: string): void {
    const late = this.#frozen.get(name) ?? [];
    this.#frozen.delete(name);
    for (const run of late) this.time.after(1, run);
  }

  #within(name: string, run: () => void): void {
    const late = this.#frozen.get(name);
    if (late === undefined) run();
    else late.push(run);
  }

  #ask(from: string, to: string, question: Question, limitMs: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.time.after(limitMs, () => this.#within(from, () => reject(new Error('No answer came.'))));
      this.#pass(from, to, question, (asked) => {
        const member = this.members.get(to);
        void member?.answer(from, asked).then((answer) => this.#pass(to, from, answer, resolve));
      });
    });
  }

  #pass<T>(from: string, to: string, message: T, arrive: (message: T) => void): void {
    const gone = (): boolean => !this.members.has(from) || this.cut.has(from) || this.cut.has(to);
    if (gone() || this.#random() < this.loss) return;
    const copy = JSON.stringify(message);
    this.time.after(1 + this.#random() * 20, () => {
      if (!this.cut.has(to) && !this.cut.has(from)) this.#within(to, () => arrive(JSON.parse(copy) as T));
    });
  }
}
