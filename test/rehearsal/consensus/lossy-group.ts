import { diskInMemory, MemberStore } from '../../../src/rehearsal/consensus/index.ts';
import type { MemberDisk, MemberTime, Message } from '../../../src/rehearsal/consensus/index.ts';

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

/** Members of one group on a network that loses, delays and cuts as it is told. */
export class LossyGroup {
  readonly time = new SimulatedTime();
  readonly names: readonly string[];
  readonly members = new Map<string, MemberStore>();
  readonly #disks = new Map<string, MemberDisk>();
  readonly #random: () => number;
  loss = 0;
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
    const time: MemberTime = {
      nowMs: () => this.time.nowMs(),
      after: (ms, run) => this.time.after(ms, () => this.#within(name, run)),
      soon: (run) => void this.time.after(0, () => this.#within(name, run)),
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
      send: (to, message) => this.#send(name, to, message),
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

  #send(from: string, to: string, message: Message): void {
    if (!this.members.has(from) || this.cut.has(from) || this.cut.has(to) || this.#random() < this.loss)
      return;
    const copy = JSON.stringify(message);
    this.time.after(1 + this.#random() * 20, () => {
      if (this.cut.has(to) || this.cut.has(from)) return;
      this.#within(to, () => this.members.get(to)?.receive(from, JSON.parse(copy) as Message));
    });
  }
}
