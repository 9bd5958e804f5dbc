import { FRONTS, UNIT_PORTS } from '../lab-layout.ts';
import type { Wire } from '../links/wire.ts';
import { timer } from '../timers.ts';
import { PRIORITIES, masterDownMs, skewMs } from './holder-view.ts';
import type { Advert, HolderView } from './holder-view.ts';
import { isHealthy } from './streams.ts';

/** How often the address is claimed after it moved; keepalived repeats its gratuitous ARPs too. */
const CLAIMS = 3;

/** The keepalived of one control node: VRRP (RFC 5798) without pre-emption, so that the address moves only when it must. */
export class AddressKeeper {
  readonly #self: string;
  readonly #wire: Wire;
  readonly #view: HolderView;
  readonly #onMaster: () => void;
  readonly #priority: number;
  /** Whether it has the address. */
  isMaster = false;
  #isFaulty = false;
  #isStopped = false;
  #claims = 0;
  /** When it takes the address, unless another one is heard before. */
  #deadlineMs = 0;
  #dueMs = 0;
  #timeout: NodeJS.Timeout | undefined;

  /** Shares what it says and hears with the view of its node. @param onMaster called when it has taken the address */
  constructor(self: string, wire: Wire, view: HolderView, onMaster: () => void) {
    [this.#self, this.#wire, this.#view, this.#onMaster] = [self, wire, view, onMaster];
    this.#priority = PRIORITIES[self] ?? 100;
    wire.serve('vrrp', (advert, from) => {
      view.hear(from, advert as Advert);
      this.#hear(advert as Advert);
    });
    this.#waitFor(masterDownMs(this.#priority));
    void this.#watch();
  }

  /** Hands the address back, as keepalived does when it is told to end. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timeout);
    this.#handBack();
    this.#wire.serve('vrrp', (advert, from) => this.#view.hear(from, advert as Advert));
  }

  #hear({ priority }: Advert): void {
    if (this.isMaster && priority > 0 && priority <= this.#priority) {
      // The other one does not know of us: tell the network again where the address is.
      this.#claims = CLAIMS;
      return this.#advertise();
    }
    if (this.isMaster && priority > 0) this.#become(false);
    if (!this.isMaster) this.#waitFor(priority === 0 ? skewMs(this.#priority) : masterDownMs(this.#priority));
  }

  #waitFor(ms: number): void {
    this.#deadlineMs = performance.now() + ms;
    this.#turnAfter(ms);
  }

  #turnAfter(ms: number): void {
    clearTimeout(this.#timeout);
    this.#dueMs = performance.now() + ms;
    this.#timeout = setTimeout(() => this.#turn(), ms);
  }

  #turn(): void {
    const downMs = masterDownMs(this.#priority);
    if (performance.now() - this.#dueMs > downMs) {
      // It was frozen, and another one has the address by now: it listens before it claims anything.
      this.#become(false);
      return this.#waitFor(downMs);
    }
    if (!this.isMaster && !this.#isFaulty && performance.now() >= this.#deadlineMs - 1) {
      this.#claims = CLAIMS;
      this.#become(true);
    }
    if (this.isMaster) this.#advertise();
    this.#turnAfter(timer('keepalived.advert-interval'));
  }

  /** A node whose API server does not answer must not have the address. */
  async #watch(): Promise<void> {
    for (let against = 0; !this.#isStopped;) {
      const stream = this.#wire.connect(this.#self, 'backend/kubernetes', FRONTS.kubernetes);
      const isWell = await isHealthy(stream, '/readyz', timer('keepalived.check-timeout'));
      against = isWell === this.#isFaulty ? against + 1 : 0;
      if (against >= timer(isWell ? 'keepalived.check-rise' : 'keepalived.check-fall')) {
        [this.#isFaulty, against] = [!isWell, 0];
        if (this.#isFaulty) this.#handBack();
      }
      await new Promise((resolve) => setTimeout(resolve, timer('keepalived.check-interval')));
    }
  }

  #handBack(): void {
    if (this.isMaster) this.#send({ priority: 0, claim: false });
    this.#become(false);
  }

  #advertise(): void {
    this.#send({ priority: this.#priority, claim: this.#claims > 0 });
    this.#claims = Math.max(0, this.#claims - 1);
  }

  /** To every process: only control nodes vote, all learn where the address is. */
  #send(advert: Advert): void {
    this.#view.hear(this.#self, advert);
    this.#wire.tellAll('vrrp', UNIT_PORTS.keepalived, advert);
  }

  #become(isMaster: boolean): void {
    const isNew = isMaster && !this.isMaster;
    this.isMaster = isMaster;
    if (isNew) this.#onMaster();
  }
}
