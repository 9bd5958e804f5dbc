import type { Analysis } from '../../model/analysis.ts';
import type { PredictedWindow } from '../../model/schedule.ts';
import { atMost, writeFigure } from '../figures.ts';
import { resolveLimit } from '../limits.ts';
import { concludeOne, type Judgement, type Objective } from '../objective.ts';
import { chosenProbes, joinJudgements } from '../per-probe.ts';
import { whyUnseen } from '../unseen.ts';

/** The longest stretch without a good answer; each probe for itself. */
export const longestOutage: Objective = {
  name: 'longest-outage',
  summary: 'No outage was longer than this.',
  parameters: {
    probe: { type: 'string', describe: 'The probe by name; default every probe, each for itself.' },
    maximum: {
      type: 'limit',
      required: true,
      describe:
        'The longest outage allowed, from the first request that was not answered well to the next that was. `x predicted` counts from the longest outage that any fault of the run predicts.',
    },
  },
  judge(evidence, analysis, spec) {
    const limit = resolveLimit(spec.parameters['maximum'], longestPrediction(analysis), 'outage');
    const judged = chosenProbes(analysis, spec).map((probe): Judgement => {
      const unseen = whyUnseen(probe, evidence.plan.limits.maxUnseen);
      const known = limit !== undefined && unseen === undefined;
      return concludeOne(known ? atMost(probe.longestOutage, limit.ms) : 'unknown', {
        about: `Longest outage of ${probe.probe}`,
        expected: limit ? `at most ${limit.says}` : 'a limit relative to a prediction, and there is none',
        found: unseen ?? writeFigure(probe.longestOutage),
        figure: probe.longestOutage,
        evidence: [`analysis.json#probes/${probe.probe}`],
      });
    });
    return joinJudgements(judged, 'more', spec);
  },
};

function longestPrediction(analysis: Analysis): PredictedWindow | undefined {
  return analysis.recoveries
    .flatMap((recovery) => recovery.predicted ?? [])
    .reduce<PredictedWindow | undefined>((longest, window) => {
      return longest && longest.outage.max.ms >= window.outage.max.ms ? longest : window;
    }, undefined);
}
