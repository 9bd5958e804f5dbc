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
  readonly #changed: (holder: string | undefined) => void;
  #heardMs = 0;
  holder: string | undefined;

  constructor(changed: (holder: string | undefined) => void = () => undefined) {
    this.#changed = changed;
  }

  hear(from: string, { priority, claim }: Advert): void {
    const nowMs = performance.now();
    const before = this.holder;
    if (priority === 0) this.holder = before === from ? undefined : before;
    else if (claim || before === undefined || nowMs - this.#heardMs > masterDownMs(0)) this.holder = from;
    if (this.holder === from) this.#heardMs = nowMs;
    if (this.holder !== before) this.#changed(this.holder);
  }
}
