import type { CaseOutcome } from '../model/conformance.ts';
import type { ReportedFault } from './report-document.ts';

const END_SAYS: Readonly<Record<string, string>> = {
  'not-injected': 'It was not injected.',
  'not-healed': 'It was not healed.',
  expired: 'It was not healed by us: it ended by its expiry.',
};

/** A fault as a CI server sees it: it passed when its effect was seen and it was healed; its reason says what else happened. */
export function outcomeOfFault(fault: ReportedFault): {
  readonly outcome: CaseOutcome;
  readonly reason?: string;
} {
  const says = [
    END_SAYS[fault.end],
    fault.trouble,
    fault.verified?.ok === false ? fault.verified.says : undefined,
  ];
  const reason = says.filter((text) => text !== undefined).join(' ');
  if (fault.end === 'not-injected') return { outcome: 'skipped', reason };
  if (fault.end === 'not-healed') return { outcome: 'failed', reason };
  if (fault.verifiedHealed?.ok === false) return { outcome: 'failed', reason: fault.verifiedHealed.says };
  if (fault.verified?.ok !== true)
    return { outcome: 'unknown', reason: reason || 'Its effect was not verified.' };
  return { outcome: 'passed' };
}
