import type { Analysis } from '../../model/analysis.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { ObjectiveSpec } from '../../model/plan.ts';
import { atLeast, writeFigure, writeRatio } from '../figures.ts';
import { concludeOne, type Judgement, type Objective } from '../objective.ts';
import { chosenProbes, joinJudgements } from '../per-probe.ts';
import { whyUnseen } from '../unseen.ts';

/** The lengths for which the analysis knows the worst window. */
const WINDOWS_MS: Readonly<Record<string, number>> = {
  '1s': 1000,
  '5s': 5000,
  '15s': 15_000,
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '1d': 86_400_000,
};

/** How much of the time, or of the requests, was answered well; each probe for itself. */
export const availability: Objective = {
  name: 'availability',
  summary: 'At least this share of the time, or of the requests, was answered well.',
  parameters: {
    probe: { type: 'string', describe: 'The probe by name; default every probe, each for itself.' },
    minimum: {
      type: 'percent',
      required: true,
      describe: 'The least share, such as 99.9%, over the whole time that the probes ran.',
    },
    by: {
      type: 'enum',
      values: ['time', 'request'],
      default: 'time',
      describe: 'Share of the time that was up, or of the requests that were answered well.',
    },
    window: {
      type: 'enum',
      values: Object.keys(WINDOWS_MS),
      describe:
        'The worst of all windows of this length has the least share, by time; absent: the whole time. Short windows forbid long outages, long ones forbid many.',
    },
  },
  judge(evidence, analysis, spec) {
    const minimum = Number(spec.parameters['minimum']);
    const { window } = spec.parameters;
    if (typeof window === 'string') return judgeWindow(evidence, analysis, spec, window);
    const byRequest = spec.parameters['by'] === 'request';
    const judged = chosenProbes(analysis, spec).map((probe): Judgement => {
      const figure = byRequest ? probe.requestRatio : probe.availability;
      const unseen = whyUnseen(probe, evidence.plan.limits.maxUnseen);
      return concludeOne(unseen === undefined ? atLeast(figure, minimum) : 'unknown', {
        about: `Availability of ${probe.probe} by ${byRequest ? 'request' : 'time'}`,
        expected: `at least ${writeRatio(minimum)}`,
        found: unseen ?? writeFigure(figure),
        figure,
        evidence: [`analysis.json#probes/${probe.probe}`],
      });
    });
    return joinJudgements(judged, 'less', spec);
  },
};

function judgeWindow(evidence: Evidence, analysis: Analysis, spec: ObjectiveSpec, window: string): Judgement {
  const minimum = Number(spec.parameters['minimum']);
  const judged = chosenProbes(analysis, spec).map((probe): Judgement => {
    const worst = probe.windows?.find(({ windowMs }) => windowMs === WINDOWS_MS[window])?.worst;
    const unseen = whyUnseen(probe, evidence.plan.limits.maxUnseen);
    return concludeOne(worst === undefined || unseen !== undefined ? 'unknown' : atLeast(worst, minimum), {
      about: `Availability of ${probe.probe} in the worst window of ${window}`,
      expected: `at least ${writeRatio(minimum)}`,
      found: unseen ?? (worst === undefined ? 'no window of that length' : writeFigure(worst)),
      ...(worst === undefined ? {} : { figure: worst }),
      evidence: [`analysis.json#probes/${probe.probe}`],
    });
  });
  return joinJudgements(judged, 'less', spec);
}
