import type { Treatment } from '../links/link-rules.ts';

/** How long a sender waits before it sends again what nobody confirmed: TCP's least on Linux, doubled each time. */
const RETRANSMIT_MS = 200;
const RETRANSMIT_MOST_MS = 1600;

export interface LaneTime {
  readonly nowMs: () => number;
  readonly after: (ms: number, callback: () => void) => () => void;
  readonly random: () => number;
}

interface Waiting {
  readonly bytes: Buffer;
  readonly dueMs: number;
}

/** One direction of one connection: keeps the order, and does to what passes what the rules of the link say. */
export class Lane {
  readonly #time: LaneTime;
  readonly #treat: () => Treatment;
  readonly #deliver: (bytes: Buffer) => void;
  readonly #reliable: boolean;
  #queue: Waiting[] = [];
  #lastDueMs = 0;
  #retries = 0;
  #cancel: (() => void) | undefined;

  /** @param reliable what is cut waits and is sent again; otherwise it is gone */
  constructor(time: LaneTime, treat: () => Treatment, deliver: (bytes: Buffer) => void, reliable: boolean) {
    this.#time = time;
    this.#treat = treat;
    this.#deliver = deliver;
    this.#reliable = reliable;
  }

  push(bytes: Buffer): void {
    const { cut, loss, delayMs, jitterMs, bytesPerSecond } = this.#treat();
    if (cut && !this.#reliable) return;
    const free = !cut && loss === 0 && delayMs === 0 && jitterMs === 0 && !Number.isFinite(bytesPerSecond);
    if (free && this.#queue.length === 0) return this.#deliver(bytes);
    let dueMs = this.#time.nowMs() + delayMs + (jitterMs > 0 ? jitterMs * this.#time.random() : 0);
    let again = RETRANSMIT_MS;
    while (loss > 0 && this.#time.random() < Math.min(loss, 0.99)) {
      dueMs += again;
      again = Math.min(again * 2, RETRANSMIT_MOST_MS);
    }
    if (Number.isFinite(bytesPerSecond))
      dueMs = Math.max(dueMs, this.#lastDueMs + (bytes.length / bytesPerSecond) * 1000);
    this.#lastDueMs = Math.max(this.#lastDueMs, dueMs);
    this.#queue.push({ bytes, dueMs: this.#lastDueMs });
    if (this.#cancel === undefined) this.#pump();
  }

  drop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#queue = [];
  }

  #pump(): void {
    this.#cancel = undefined;
    for (;;) {
      const head = this.#queue[0];
      if (head === undefined) return;
      const waitMs = head.dueMs - this.#time.nowMs();
      if (waitMs > 0) return this.#pumpAfter(waitMs);
      if (this.#treat().cut) {
        if (!this.#reliable) {
          this.#queue.shift();
          continue;
        }
        return this.#pumpAfter(Math.min(RETRANSMIT_MS * 2 ** this.#retries++, RETRANSMIT_MOST_MS));
      }
      this.#retries = 0;
      this.#queue.shift();
      this.#deliver(head.bytes);
    }
  }

  #pumpAfter(ms: number): void {
    this.#cancel = this.#time.after(Math.ceil(ms), () => this.#pump());
  }
}
