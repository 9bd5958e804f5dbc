import type { LinkRuleRecord } from './link-rule-record.ts';

/** What the rules in place do to one piece of traffic right now. */
export interface Treatment {
  readonly cut: boolean;
  /** Chance that one packet is lost, 0 to 1. */
  readonly loss: number;
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly bytesPerSecond: number;
}

export const UNTREATED: Treatment = {
  cut: false,
  loss: 0,
  delayMs: 0,
  jitterMs: 0,
  bytesPerSecond: Infinity,
};

/** The rules that a process holds for its own outgoing traffic. One that is over by the clock is never applied, whatever the process did meanwhile. */
export class LinkRules {
  readonly #self: string;
  readonly #nowNs: () => number;
  readonly #rules = new Map<string, LinkRuleRecord>();

  constructor(self: string, nowNs: () => number) {
    this.#self = self;
    this.#nowNs = nowNs;
  }

  /** Takes the place of a rule with the same id. @returns false when its end has passed */
  add(rule: LinkRuleRecord): boolean {
    this.#rules.set(rule.id, rule);
    return this.list().includes(rule);
  }

  /** @returns whether it was there */
  remove(id: string): boolean {
    return this.#rules.delete(id);
  }

  list(): readonly LinkRuleRecord[] {
    for (const [id, { endsNs }] of this.#rules) if (endsNs <= this.#nowNs()) this.#rules.delete(id);
    return [...this.#rules.values()];
  }

  /** What happens to traffic from this process to `peer`; `port` is the one at the end that was connected to. */
  treatment(peer: string, port: number): Treatment {
    if (this.#rules.size === 0) return UNTREATED;
    let { cut, loss, delayMs, jitterMs, bytesPerSecond } = UNTREATED;
    for (const { groupA, groupB, direction, ports, effect } of this.list()) {
      const forward = groupA.includes(this.#self) && groupB.includes(peer);
      const backward = direction === 'both' && groupB.includes(this.#self) && groupA.includes(peer);
      if ((!forward && !backward) || (ports.length > 0 && !ports.includes(port))) continue;
      if (effect.kind === 'cut') cut = true;
      else if (effect.kind === 'lose') loss = 1 - (1 - loss) * (1 - effect.share);
      else if (effect.kind === 'limit') bytesPerSecond = Math.min(bytesPerSecond, effect.bytesPerSecond);
      else [delayMs, jitterMs] = [delayMs + effect.by.ms, jitterMs + effect.jitter.ms];
    }
    return { cut, loss, delayMs, jitterMs, bytesPerSecond };
  }
}
