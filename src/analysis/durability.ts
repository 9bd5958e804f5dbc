import type { Analysis, Durability } from '../model/analysis.ts';
import type { Evidence } from '../model/evidence.ts';
import type { FailurePhase, Sample, WrittenBack } from '../model/observation.ts';

/** Failures before which nothing of the request can have reached the system. */
const NEVER_SENT: ReadonlySet<FailurePhase> = new Set(['resolve', 'connect', 'tls']);

/**
 * Every write that was acknowledged must be there. One that got no good answer is indefinite: it may be there or not, and
 * neither says anything against the system. One that was never sent does not count.
 */
export function durabilityOf({ writes = [], series }: Evidence): Pick<Analysis, 'durability'> {
  if (writes.length === 0) return {};
  return {
    durability: writes.map((back) =>
      judgeWrites(
        back,
        series.filter(({ probe }) => probe.name === back.probe).flatMap(({ samples }) => samples),
      ),
    ),
  };
}

function judgeWrites({ probe, slots }: WrittenBack, samples: readonly Sample[]): Durability {
  const found = slots.map((slot) => (slot.found === undefined ? undefined : new Set(slot.found)));
  const look = (n: number): 'there' | 'gone' | 'unread' => {
    const inSlot = found[n % slots.length];
    if (inSlot === undefined) return 'unread';
    return inSlot.has(n) ? 'there' : 'gone';
  };
  const acknowledged = samples.filter(({ outcome }) => outcome === 'ok').map(({ n }) => n);
  const indefinite = samples.filter(isIndefinite);
  const trouble = slots.find((slot) => slot.trouble !== undefined)?.trouble;
  return {
    probe,
    acknowledged: acknowledged.length,
    lost: acknowledged.filter((n) => look(n) === 'gone').sort((a, b) => a - b),
    unread: acknowledged.filter((n) => look(n) === 'unread').length,
    indefinite: indefinite.length,
    indefiniteFound: indefinite.filter(({ n }) => look(n) === 'there').length,
    ...(trouble === undefined ? {} : { trouble }),
  };
}

const isIndefinite = ({ outcome, phase }: Sample): boolean =>
  outcome !== 'ok' && (phase === undefined || !NEVER_SENT.has(phase));
