import { timer } from '../timers.ts';
import { PRIORITIES, masterDownMs, skewMs } from './holder-view.ts';
import type { Advert } from './holder-view.ts';

export interface AddressKeeperOptions {
  readonly self: string;
  nowMs(): number;
  /** To every other process: only control nodes vote, all learn where the address is. */
  send(advert: Advert): void;
  onMaster(master: boolean): void;
  /** Whether the API server of this node answers: one that does not must not have the address. Never throws. */
  check(): Promise<boolean>;
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
  #checkTimer: NodeJS.Timeout | undefined;
  #fault = false;
  /** Checks in a row that say otherwise. */
  #against = 0;
  #stopped = false;

  constructor(options: AddressKeeperOptions) {
    this.#options = options;
    this.#priority = PRIORITIES[options.self] ?? 100;
    this.#deadlineMs = options.nowMs() + masterDownMs(this.#priority);
    this.#timer = setTimeout(() => this.#turn(), timer('keepalived.advert-interval') / 3);
    void this.#check();
  }

  get master(): boolean {
    return this.#master;
  }

  /** Hands the address back, as keepalived does when it is told to end. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#checkTimer);
    this.#handBack();
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
    if (!this.#master && !this.#fault && nowMs >= this.#deadlineMs) {
      this.#claims = CLAIMS;
      this.#become(true);
    }
    if (this.#master) this.#advertise();
    this.#again(this.#master ? timer('keepalived.advert-interval') : Math.max(20, this.#deadlineMs - nowMs));
  }

  async #check(): Promise<void> {
    const well = await this.#options.check();
    if (this.#stopped) return;
    this.#against = well === this.#fault ? this.#against + 1 : 0;
    if (this.#against >= timer(well ? 'keepalived.check-rise' : 'keepalived.check-fall')) {
      this.#against = 0;
      this.#fault = !well;
      if (this.#fault) this.#handBack();
    }
    this.#checkTimer = setTimeout(() => void this.#check(), timer('keepalived.check-interval'));
  }

  #handBack(): void {
    if (this.#master) this.#options.send({ priority: 0, claim: false });
    this.#become(false);
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
