import { atLeast, writeFigure, writeRatio } from '../figures.ts';
import { concludeOne, type Judgement, type Objective } from '../objective.ts';
import { chosenProbes, joinJudgements } from '../per-probe.ts';
import { whyUnseen } from '../unseen.ts';

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
  },
  judge(evidence, analysis, spec) {
    const minimum = Number(spec.parameters['minimum']);
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
