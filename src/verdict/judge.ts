import type { Analysis } from '../model/analysis.ts';
import type { Evidence } from '../model/evidence.ts';
import { EXIT, worstExitCode, type ExitCode } from '../model/exit-code.ts';
import { isControl } from '../model/plan.ts';
import { mergeTruth, type ObjectiveResult, type Reason, type Verdict } from '../model/verdict.ts';
import { writeFigure } from './figures.ts';
import { judgeObjectives } from './judge-objectives.ts';
import { isOurs, leakReasons, leftOurs } from './leaks.ts';
import { objectiveRegistry } from './objective-registry.ts';
import type { Objective } from './objective.ts';
import { applyRunRules } from './run-rules.ts';

/**
 * Evidence in, verdict out: pure, and the same evidence gives the same bytes.
 * @param registry the objectives that plans may name; default all that come with Squall.
 */
export function judge(
  evidence: Evidence,
  analysis: Analysis,
  registry: readonly Objective[] = objectiveRegistry,
): Verdict {
  const objectives = judgeObjectives(evidence, analysis, registry);
  const gathered = [...applyRunRules(evidence, analysis), ...objectives.flatMap(({ reasons }) => reasons)];
  const reasons = gathered.length > 0 ? onlyOnce(gathered) : [NOTHING_JUDGED];
  const ours =
    reasons.some((reason) => reason.class === 'healing' && reason.truth === 'fail') ||
    leftOurs(evidence.leftovers);
  const exitCode = exitCodeOf(evidence, reasons, ours);
  const deciding = decidingReason(reasons, evidence, ours);
  return {
    schemaVersion: 1,
    truth: mergeTruth(reasons.map(({ truth }) => truth)),
    headline: deciding ? headlineOf(deciding, reasons) : praise(evidence, analysis, objectives),
    ...(deciding ? { class: deciding.class } : {}),
    reasons: deciding ? [deciding, ...reasons.filter((reason) => reason !== deciding)] : reasons,
    objectives,
    exitCode,
  };
}

const NOTHING_JUDGED: Reason = {
  truth: 'unknown',
  class: 'measuring',
  says: 'The plan has neither objectives nor conformance stages, so nothing was judged.',
  evidence: ['plan.json'],
};

/** Rules and objectives may say the same, such as what was left behind. */
function onlyOnce(reasons: readonly Reason[]): readonly Reason[] {
  const said = new Map<string, Reason>();
  for (const reason of reasons) {
    const key = `${reason.truth} ${reason.class} ${reason.says}`;
    if (!said.has(key)) said.set(key, reason);
  }
  return [...said.values()];
}

/** What is ours comes first; a run that was cut short keeps the code of what cut it; then a failure, then not knowing. */
function exitCodeOf({ end }: Evidence, reasons: readonly Reason[], ours: boolean): ExitCode {
  if (ours) return EXIT.oursLeft;
  if (end.reason === 'stopped') return end.signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
  if (end.reason === 'not-steady') return EXIT.refusedState;
  const codes: ExitCode[] = reasons.map(({ truth }) => EXIT_OF[truth]);
  const own = end.error === undefined ? undefined : asExitCode(end.error.exitCode);
  if (own === EXIT.internal || own === EXIT.refusedPlan || own === EXIT.refusedState) return own;
  if (end.reason === 'refused' && own === undefined) return EXIT.refusedState;
  return worstExitCode(own === undefined ? codes : [...codes, own]);
}

const EXIT_OF = { pass: EXIT.pass, fail: EXIT.systemFailed, unknown: EXIT.unknown } as const;

/** A code that this Squall does not know comes from another version's mistake, and so counts as one. */
const asExitCode = (code: number): ExitCode =>
  Object.values(EXIT).find((known) => known === code) ?? EXIT.internal;

/** The one reason that the exit code speaks of; none on a pass. */
function decidingReason(
  reasons: readonly Reason[],
  { end, leftovers }: Evidence,
  ours: boolean,
): Reason | undefined {
  const first = (wanted: (reason: Reason) => boolean): Reason | undefined => reasons.find(wanted);
  if (ours) {
    const owed = first(({ truth, class: of }) => truth === 'fail' && of === 'healing');
    const left = new Set(leakReasons(leftovers.filter(isOurs)).map(({ says }) => says));
    const leaked = owed ?? first(({ says }) => left.has(says));
    if (leaked !== undefined) return leaked;
  }
  const cut = end.reason === 'complete' ? undefined : first(({ evidence }) => evidence.includes('end.json'));
  return cut ?? first(({ truth }) => truth === 'fail') ?? first(({ truth }) => truth === 'unknown');
}

function headlineOf(deciding: Reason, reasons: readonly Reason[]): string {
  const others = reasons.filter((reason) => reason.truth !== 'pass' && reason !== deciding).length;
  if (others === 0) return deciding.says;
  return `${deciding.says.replace(/\.$/, '')} (and ${others} more reason${others === 1 ? '' : 's'}).`;
}

function praise(
  { chaos, conformance }: Evidence,
  analysis: Analysis,
  objectives: readonly ObjectiveResult[],
): string {
  const faults = chaos?.injections.length ?? 0;
  const lasting = chaos?.injections.filter(({ lasts }) => lasts).length ?? 0;
  const passed = conformance
    .flatMap(({ results }) => results)
    .filter(({ outcome }) => outcome === 'passed').length;
  const worst = [...analysis.probes]
    .filter(({ part }) => !isControl(part))
    .sort((a, b) => b.longestOutage.max - a.longestOutage.max)[0];
  const parts = [
    ...(objectives.length > 0 ? [`all ${objectives.length} objectives are met`] : []),
    ...(faults > 0 ? [`${faults} fault${faults === 1 ? '' : 's'} took effect`] : []),
    ...(lasting > 0
      ? [lasting === 1 ? 'the one that lasted is healed' : `the ${lasting} that lasted are healed`]
      : []),
    ...(passed > 0 ? [`${passed} conformance cases passed`] : []),
    ...(worst && worst.longestOutage.max > 0
      ? [`the longest outage was ${writeFigure(worst.longestOutage)} (${worst.probe})`]
      : []),
  ];
  return `The system held: ${parts.join(', ')}.`;
}
