import type { Analysis } from '../model/analysis.ts';
import type { Evidence } from '../model/evidence.ts';
import type { ProbeSeries } from '../model/observation.ts';
import { isControl } from '../model/plan.ts';
import { agreementOf } from './agreement.ts';
import { analyseProbe } from './analyse-probe.ts';
import { calibrationOf } from './calibration.ts';
import { usersOf } from './user-uptime.ts';
import { toOurClock } from './clock-relation.ts';
import { historyOf } from './comparison/history.ts';
import { measuresOf } from './comparison/measures-of.ts';
import { durabilityOf } from './durability.ts';
import { recoveriesOf } from './recoveries.ts';
import { settlePairs } from './settle-pairs.ts';
import { togetherOf } from './together.ts';
import { stageCounts } from './stage-counts.ts';

/** What the evidence amounts to. Pure: the same evidence gives the same analysis, whatever the order of its samples. */
export function analyse(evidence: Evidence): Analysis {
  const moved = evidence.series.map((one) =>
    toOurClock(one, evidence.clocks ?? [], evidence.run.started.clock),
  );
  const series = settlePairs(moved.map((one) => coverMethod(one.series, evidence)));
  const injections = evidence.chaos?.injections ?? [];
  const probes = series.map((one, index) => analyseProbe(one, moved[index]?.errorNs, injections));
  const users = probes.map(({ part }) => !isControl(part));
  const clocks = moved.flatMap(({ relation }) => relation ?? []);
  const analysis: Analysis = {
    schemaVersion: 1,
    window: windowOf(series, evidence),
    probes,
    recoveries: recoveriesOf(
      evidence,
      series.filter((_, index) => users[index]),
      probes.filter((_, index) => users[index]),
    ),
    ...usersOf(probes.filter((_, index) => users[index])),
    ...(clocks.length === 0 ? {} : { clocks }),
    // Before they are moved: an error of the clock would be taken for one of the system.
    ...togetherOf(evidence.series),
    ...durabilityOf(evidence),
    ...(evidence.calibration === undefined ? {} : { calibration: calibrationOf(evidence.calibration) }),
    conformance: evidence.conformance.map(stageCounts),
    ...agreementOf(evidence),
  };
  return { ...analysis, ...besideOthers(evidence, analysis) };
}

function besideOthers(
  { plan, chaos, end, history }: Evidence,
  analysis: Analysis,
): Pick<Analysis, 'history'> {
  if (history === undefined) return {};
  const measures = measuresOf(plan, analysis, chaos);
  return { history: historyOf(measures, end.reason === 'complete', history) };
}

/** A prober that began late or died early has not seen the rest of the method: that rest is part of its series, and unseen. */
function coverMethod(series: ProbeSeries, { chaos }: Evidence): ProbeSeries {
  if (chaos === undefined || chaos.started.clock !== series.clock) return series;
  return {
    ...series,
    startNs: Math.min(series.startNs, chaos.started.ns),
    endNs: Math.max(series.endNs, chaos.ended.ns),
  };
}

function windowOf(series: readonly ProbeSeries[], { run }: Evidence): Analysis['window'] {
  if (series.length === 0) return { fromNs: run.started.ns, toNs: run.started.ns };
  return {
    fromNs: Math.min(...series.map(({ startNs }) => startNs)),
    toNs: Math.max(...series.map(({ endNs }) => endNs)),
  };
}
