import type { Duration } from '../model/duration.ts';
import { describeError } from '../model/errors.ts';
import type { HealingEntry, Verification } from '../model/injection.ts';
import { deadlineAfter, unlessAborted } from './deadline.ts';
import { notSeen, type Fault, type FaultTools } from './fault.ts';
import { faultRegistry } from './fault-registry.ts';
import { lookUntil } from './look-until.ts';
import { timeLeft } from './time-left.ts';

/**
 * Healing has its own time, whatever was aborted: from its first try until it is seen to be healed, or from the end that the fault
 * brings by itself where that comes within the same time, for on a target that cannot be reached it is that end which heals.
 */
export const HEAL_DEADLINE = { ms: 60_000 };

/**
 * Besides, where nodes are reached through the API: a kubelet that was cut off hears it again only when its own connection is given
 * up, which Go's HTTP/2 does after 30 s without a frame and 15 s without the answer to a ping (the defaults in
 * `k8s.io/apimachinery/pkg/util/net/http.go`), and then it starts the pod that heals.
 */
const HEARS_AGAIN = { ms: 60_000 };

/** One try of a heal, its verification included, before it is sent again: a heal may reach a lab that is not back yet. */
const TRY_DEADLINE = { ms: 15_000 };

const TRY_AGAIN_AFTER = { ms: 500 };

/**
 * Heals a fault from its journal entry alone and looks whether what we changed is as it was. Idempotent, and safe when two do it
 * at once. What fails is tried again until its time is over, or the signal.
 * @param signal gives up early; never pass the signal that stopped the run.
 * @param registry where the entry's fault is found; all of Squall's by default.
 * @returns what was seen last; it never throws, for a heal that failed is a finding that somebody has to act on.
 */
export async function healEntry(
  entry: HealingEntry,
  tools: FaultTools,
  signal: AbortSignal,
  registry: readonly Fault[] = faultRegistry,
): Promise<Verification> {
  const fault = registry.find(({ name }) => name === entry.fault);
  const refused = (says: string): Verification => ({ ...notSeen(says), at: tools.clock.now() });
  if (fault === undefined)
    return refused(`This Squall does not know the fault ${entry.fault}, so it cannot heal it.`);
  if (entry.faultVersion > fault.version) {
    return refused(
      `${entry.fault} was injected by a newer Squall (its healing data have version ${entry.faultVersion}).`,
    );
  }
  const deadline = deadlineAfter(tools.clock, limitOf(entry, tools), `Healing ${entry.fault}`);
  const limit = AbortSignal.any([signal, deadline.signal]);
  try {
    return await tryUntil(fault, entry, tools, limit);
  } finally {
    deadline.release();
  }
}

function limitOf(entry: HealingEntry, { lab, clock }: FaultTools): Duration {
  const byItself = Math.min(HEAL_DEADLINE.ms, timeLeft(entry, clock).ms);
  const heard = lab.abilities.throughApi === true ? HEARS_AGAIN.ms : 0;
  return { ms: HEAL_DEADLINE.ms + byItself + heard };
}

async function tryUntil(
  fault: Fault,
  entry: HealingEntry,
  tools: FaultTools,
  limit: AbortSignal,
): Promise<Verification> {
  let trouble: string | undefined;
  for (;;) {
    const attempt = deadlineAfter(tools.clock, TRY_DEADLINE, `One try to heal ${entry.fault}`);
    const signal = AbortSignal.any([limit, attempt.signal]);
    try {
      await unlessAborted(fault.heal(entry, tools, signal), signal);
      const seenNow = await lookUntil(() => fault.verifyHealed(entry, tools, signal), tools.clock, signal);
      if (seenNow.ok) return seenNow;
      trouble = undefined;
      if (limit.aborted) return seenNow;
    } catch (error) {
      trouble = trouble ?? describeError(error);
    } finally {
      attempt.release();
    }
    await tools.clock.sleep(TRY_AGAIN_AFTER, limit).catch(() => undefined);
    if (limit.aborted) {
      const says = trouble ?? describeError(limit.reason);
      return { ...notSeen(`Healing failed: ${says}`), at: tools.clock.now() };
    }
  }
}
