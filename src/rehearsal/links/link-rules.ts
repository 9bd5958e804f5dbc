import type { LinkRuleRecord } from './link-rule-record.ts';

/** What the rules in place do to one piece of traffic right now. */
export interface Treatment {
  readonly cut: boolean;
  /** Chance that one packet is lost, 0 to 1. */
  readonly loss: number;
  readonly delayMs: number;
  readonly jitterMs: number;
  /** Infinity when nothing limits it. */
  readonly bytesPerSecond: number;
}

export const UNTREATED: Treatment = {
  cut: false,
  loss: 0,
  delayMs: 0,
  jitterMs: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
};

export interface RuleTime {
  nowNs(): number;
  after(ms: number, callback: () => void): () => void;
}

/**
 * The rules that a process holds for its own outgoing traffic. Each ends by its own timer in this process, and a rule that is
 * over by the clock is never applied, even while the process was too busy (or frozen) for its timer.
 */
export class LinkRules {
  readonly #self: string;
  readonly #time: RuleTime;
  readonly #changed: (ended: LinkRuleRecord | undefined) => void;
  readonly #rules = new Map<string, { record: LinkRuleRecord; cancel: () => void }>();

  constructor(self: string, time: RuleTime, changed: (ended: LinkRuleRecord | undefined) => void) {
    this.#self = self;
    this.#time = time;
    this.#changed = changed;
  }

  /** Takes the place of a rule with the same id. Does nothing when its end has passed. */
  add(record: LinkRuleRecord): void {
    const leftMs = (record.endsNs - this.#time.nowNs()) / 1e6;
    if (leftMs <= 0) return;
    this.#rules.get(record.id)?.cancel();
    const cancel = this.#time.after(Math.ceil(leftMs), () => this.remove(record.id));
    this.#rules.set(record.id, { record, cancel });
    this.#changed(undefined);
  }

  remove(id: string): void {
    const rule = this.#rules.get(id);
    if (rule === undefined) return;
    rule.cancel();
    this.#rules.delete(id);
    this.#changed(rule.record);
  }

  list(): readonly LinkRuleRecord[] {
    const now = this.#time.nowNs();
    return [...this.#rules.values()].map((rule) => rule.record).filter((record) => record.endsNs > now);
  }

  /** What happens to traffic from this process to `peer`; `port` is the one at the end that was connected to. */
  treatment(peer: string, port: number): Treatment {
    if (this.#rules.size === 0) return UNTREATED;
    let { cut, loss, delayMs, jitterMs, bytesPerSecond } = UNTREATED;
    for (const { groupA, groupB, direction, ports, effect } of this.list()) {
      const forward = groupA.includes(this.#self) && groupB.includes(peer);
      const backward = direction === 'both' && groupB.includes(this.#self) && groupA.includes(peer);
      if (!forward && !backward) continue;
      if (ports.length > 0 && !ports.includes(port)) continue;
      if (effect.kind === 'cut') cut = true;
      else if (effect.kind === 'lose') loss = 1 - (1 - loss) * (1 - effect.share);
      else if (effect.kind === 'delay') {
        delayMs += effect.by.ms;
        jitterMs += effect.jitter.ms;
      } else bytesPerSecond = Math.min(bytesPerSecond, effect.bytesPerSecond);
    }
    return { cut, loss, delayMs, jitterMs, bytesPerSecond };
  }
}
