import { timer } from '../timers.ts';
import { PRIORITIES, masterDownMs, skewMs } from './holder-view.ts';
import type { Advert } from './holder-view.ts';

export interface AddressKeeperOptions {
  readonly self: string;
  nowMs(): number;
  /** To every other process: only control nodes vote, all learn where the address is. */
  send(advert: Advert): void;
  onMaster(master: boolean): void;
}

/** How often the address is claimed after it moved; keepalived repeats its gratuitous ARPs too. */
const CLAIMS = 3;

/** The keepalived of one control node: VRRP (RFC 5798) without pre-emption, so that the address moves only when it must. */
export class AddressKeeper {
  readonly #options: AddressKeeperOptions;
  readonly #priority: number;
  #master = false;
  #claims = 0;
  #deadlineMs: number;
  #timer: NodeJS.Timeout;

  constructor(options: AddressKeeperOptions) {
    this.#options = options;
    this.#priority = PRIORITIES[options.self] ?? 100;
    this.#deadlineMs = options.nowMs() + masterDownMs(this.#priority);
    this.#timer = setTimeout(() => this.#turn(), timer('keepalived.advert-interval') / 3);
  }

  get master(): boolean {
    return this.#master;
  }

  /** Hands the address back, as keepalived does when it is told to end. */
  stop(): void {
    clearTimeout(this.#timer);
    if (this.#master) this.#options.send({ priority: 0, claim: false });
    this.#become(false);
  }

  hear(advert: Advert): void {
    if (this.#master) {
      if (advert.priority > this.#priority) this.#become(false);
      else if (advert.priority > 0) {
        // The other one does not know of us: tell the network again where the address is.
        this.#claims = CLAIMS;
        this.#advertise();
        return;
      }
    }
    const wait = advert.priority === 0 ? skewMs(this.#priority) : masterDownMs(this.#priority);
    this.#deadlineMs = this.#options.nowMs() + wait;
    if (advert.priority === 0) this.#again(wait);
  }

  #turn(): void {
    const nowMs = this.#options.nowMs();
    if (!this.#master && nowMs >= this.#deadlineMs) {
      this.#claims = CLAIMS;
      this.#become(true);
    }
    if (this.#master) this.#advertise();
    this.#again(this.#master ? timer('keepalived.advert-interval') : Math.max(20, this.#deadlineMs - nowMs));
  }

  #again(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#turn(), ms);
  }

  #advertise(): void {
    this.#options.send({ priority: this.#priority, claim: this.#claims > 0 });
    this.#claims = Math.max(0, this.#claims - 1);
  }

  #become(master: boolean): void {
    if (this.#master === master) return;
    this.#master = master;
    this.#options.onMaster(master);
  }
}
