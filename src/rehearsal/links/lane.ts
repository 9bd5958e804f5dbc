import type { HostTime } from '../host-time.ts';
import type { Treatment } from './link-rules.ts';

/** How long a sender waits before it sends again what nobody confirmed: TCP's least on Linux, doubled each time. */
const RETRANSMIT_MS = 200;
const RETRANSMIT_MOST_MS = 1600;

/** One direction of one connection: keeps the order, and does to what passes what the rules of the link say. */
export class Lane {
  readonly #time: HostTime;
  readonly #treat: () => Treatment;
  readonly #deliver: (bytes: Buffer) => void;
  readonly #reliable: boolean;
  readonly #queue: { readonly bytes: Buffer; readonly dueMs: number }[] = [];
  #lastDueMs = 0;
  #againMs = RETRANSMIT_MS;
  #waits = false;

  /** @param reliable what is cut waits and is sent again; otherwise it is gone */
  constructor(time: HostTime, treat: () => Treatment, deliver: (bytes: Buffer) => void, reliable: boolean) {
    this.#time = time;
    this.#treat = treat;
    this.#deliver = deliver;
    this.#reliable = reliable;
  }

  push(bytes: Buffer): void {
    const { cut, loss, delayMs, jitterMs, bytesPerSecond } = this.#treat();
    if (cut && !this.#reliable) return;
    const random = (): number => this.#time.random();
    let dueMs = this.#time.nowMs() + delayMs + (jitterMs > 0 ? jitterMs * random() : 0);
    for (let againMs = RETRANSMIT_MS; loss > 0 && random() < Math.min(loss, 0.99); againMs *= 2)
      dueMs += Math.min(againMs, RETRANSMIT_MOST_MS);
    this.#lastDueMs = Math.max(dueMs, this.#lastDueMs + (bytes.length / bytesPerSecond) * 1000);
    this.#queue.push({ bytes, dueMs: this.#lastDueMs });
    if (!this.#waits) this.#pump();
  }

  #pump(): void {
    this.#waits = false;
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      const waitMs = head.dueMs - this.#time.nowMs();
      if (waitMs > 0) return this.#pumpAfter(waitMs);
      if (this.#treat().cut && this.#reliable) {
        this.#pumpAfter(this.#againMs);
        this.#againMs = Math.min(this.#againMs * 2, RETRANSMIT_MOST_MS);
        return;
      }
      this.#againMs = RETRANSMIT_MS;
      this.#queue.shift();
      if (!this.#treat().cut) this.#deliver(head.bytes);
    }
  }

  #pumpAfter(ms: number): void {
    this.#waits = true;
    this.#time.after(Math.ceil(ms), () => this.#pump());
  }
}
