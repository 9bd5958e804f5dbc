import { timer } from '../timers.ts';
import { PRIORITIES, masterDownMs, skewMs } from './holder-view.ts';
import type { Advert } from './holder-view.ts';

export interface AddressKeeperOptions {
  readonly self: string;
  /** To every process: only control nodes vote, all learn where the address is. */
  send(advert: Advert): void;
  onMaster(isMaster: boolean): void;
  /** Whether the API server of this node answers: one that does not must not have the address. Never throws. */
  check(): Promise<boolean>;
}

/** How often the address is claimed after it moved; keepalived repeats its gratuitous ARPs too. */
const CLAIMS = 3;

/** The keepalived of one control node: VRRP (RFC 5798) without pre-emption, so that the address moves only when it must. */
export class AddressKeeper {
  readonly #options: AddressKeeperOptions;
  readonly #priority: number;
  #isMaster = false;
  #isFaulty = false;
  #isStopped = false;
  #claims = 0;
  /** When it takes the address, unless another one is heard before. */
  #deadlineMs = 0;
  #timeout: NodeJS.Timeout | undefined;

  constructor(options: AddressKeeperOptions) {
    this.#options = options;
    this.#priority = PRIORITIES[options.self] ?? 100;
    this.#waitFor(masterDownMs(this.#priority));
    void this.#watch();
  }

  /** Hands the address back, as keepalived does when it is told to end. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timeout);
    this.#handBack();
  }

  hear({ priority }: Advert): void {
    if (this.#isMaster && priority > 0 && priority <= this.#priority) {
      // The other one does not know of us: tell the network again where the address is.
      this.#claims = CLAIMS;
      return this.#advertise();
    }
    if (this.#isMaster && priority > 0) this.#become(false);
    if (!this.#isMaster)
      this.#waitFor(priority === 0 ? skewMs(this.#priority) : masterDownMs(this.#priority));
  }

  #waitFor(ms: number): void {
    this.#deadlineMs = performance.now() + ms;
    this.#turnAfter(ms);
  }

  #turnAfter(ms: number): void {
    clearTimeout(this.#timeout);
    this.#timeout = setTimeout(() => this.#turn(), ms);
  }

  #turn(): void {
    if (!this.#isMaster && !this.#isFaulty && performance.now() >= this.#deadlineMs - 1) {
      this.#claims = CLAIMS;
      this.#become(true);
    }
    if (this.#isMaster) this.#advertise();
    this.#turnAfter(timer('keepalived.advert-interval'));
  }

  async #watch(): Promise<void> {
    for (let against = 0; !this.#isStopped;) {
      const isWell = await this.#options.check();
      against = isWell === this.#isFaulty ? against + 1 : 0;
      if (against >= timer(isWell ? 'keepalived.check-rise' : 'keepalived.check-fall')) {
        [this.#isFaulty, against] = [!isWell, 0];
        if (this.#isFaulty) this.#handBack();
      }
      await new Promise((resolve) => setTimeout(resolve, timer('keepalived.check-interval')));
    }
  }

  #handBack(): void {
    if (this.#isMaster) this.#options.send({ priority: 0, claim: false });
    this.#become(false);
  }

  #advertise(): void {
    this.#options.send({ priority: this.#priority, claim: this.#claims > 0 });
    this.#claims = Math.max(0, this.#claims - 1);
  }

  #become(isMaster: boolean): void {
    if (this.#isMaster === isMaster) return;
    this.#isMaster = isMaster;
    this.#options.onMaster(isMaster);
  }
}
