import { timer } from '../timers.ts';

/** What whoever holds the address says, or who hands it back. */
export interface Advert {
  /** 0 when it hands the address back. */
  readonly priority: number;
  /** It tells the network that the address is here now: a gratuitous ARP. */
  readonly claim: boolean;
}

export const PRIORITIES: Readonly<Record<string, number>> = {
  'control-1': 150,
  'control-2': 140,
  'control-3': 130,
};

/** RFC 5798: how much later one of lower priority takes over. */
export const skewMs = (priority: number): number =>
  ((256 - priority) / 256) * timer('keepalived.advert-interval');

export const masterDownMs = (priority: number): number =>
  timer('keepalived.advert-interval') * timer('keepalived.missed-adverts') + skewMs(priority);

/** Where one process believes the address to be, as its neighbour table would. */
export class HolderView {
  readonly #nowMs: () => number;
  readonly #changed: (holder: string | undefined, before: string | undefined) => void;
  #holder: string | undefined;
  #heardMs = 0;

  constructor(
    nowMs: () => number,
    changed: (holder: string | undefined, before: string | undefined) => void,
  ) {
    this.#nowMs = nowMs;
    this.#changed = changed;
  }

  get holder(): string | undefined {
    return this.#holder;
  }

  hear(from: string, { priority, claim }: Advert): void {
    if (priority === 0) {
      if (this.#holder === from) this.#set(undefined);
      return;
    }
    const silentMs = this.#nowMs() - this.#heardMs;
    if (claim || this.#holder === undefined || silentMs > masterDownMs(0)) this.#set(from);
    if (from === this.#holder) this.#heardMs = this.#nowMs();
  }

  #set(holder: string | undefined): void {
    const before = this.#holder;
    this.#holder = holder;
    if (before !== holder) this.#changed(holder, before);
  }
}
