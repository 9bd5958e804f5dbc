import type { Trace } from './match-trace.ts';
import type { ReportDocument } from './report-document.ts';

/** All segments of one probe from one vantage, by the names that the prober gives them. */
function samplesOf(document: ReportDocument, probe: string): string {
  const found = document.probes.find((one) => one.probe === probe);
  // What a pod asks for us is kept where its prober keeps the rest.
  const vantage = found?.part === undefined ? found?.vantage : '';
  return vantage === undefined
    ? 'samples/'
    : `samples/${encodeURIComponent(vantage)}*/${encodeURIComponent(probe)}-*`;
}

function traceProbes(document: ReportDocument): readonly Trace[] {
  return document.probes.map(({ probe }, index) => ({
    below: `/probes/${index}`,
    files: [samplesOf(document, probe)],
    how: `Computed from every sample of ${probe}; its intervals are in analysis.json under probes.`,
  }));
}

function traceRecoveries(document: ReportDocument): readonly Trace[] {
  return document.recoveries.flatMap(({ injection, felt, predicted }, index) => [
    {
      below: `/recoveries/${index}`,
      files: ['chaos.json', ...felt.map((one) => samplesOf(document, one.probe)), 'events.ndjson'],
      how: `Counted from the effect of ${injection} in chaos.json, to the edges of the samples and to what the watchers saw.`,
    },
    ...(predicted === undefined
      ? []
      : [
          {
            below: `/recoveries/${index}/predicted`,
            files: ['schedule.json', 'topology-before.json'],
            how: 'Predicted before anything was hurt, from the timers as they were read.',
          },
        ]),
  ]);
}

function traceGlance({ glance, probes }: ReportDocument): readonly Trace[] {
  const of = (name: string | undefined): string => {
    const index = probes.findIndex(({ probe }) => probe === name);
    return index < 0 ? '/probes' : `/probes/${index}`;
  };
  return [
    {
      below: '/glance/longestOutage',
      files: ['samples/'],
      how: `The longest of all probes: ${of(glance.longestOutage?.probe)}/longestOutage.`,
    },
    {
      below: '/glance/lowestAvailability',
      files: ['samples/'],
      how: `The lowest of all probes: ${of(glance.lowestAvailability?.probe)}/availability.`,
    },
    { below: '/glance/cases', files: ['conformance/'], how: 'Counted over all conformance stages.' },
    { below: '/glance/faults', files: ['chaos.json'], how: 'Counted over the injections.' },
  ];
}

/** For every figure of the page, where its evidence lies. The longest `below` that fits a figure is the one that holds. */
export function traceFigures(document: ReportDocument): readonly Trace[] {
  return [
    ...traceGlance(document),
    ...traceProbes(document),
    {
      below: '/users',
      files: ['samples/'],
      how: 'Up and down time of all probes together, each as one user.',
    },
    ...traceRecoveries(document),
    ...document.objectives.map(({ reasons }, index) => ({
      below: `/objectives/${index}`,
      files: [...new Set(reasons.flatMap(({ evidence }) => evidence))].slice(0, 12),
      how: 'The figure that the rule was held against; verdict.json has every reason.',
    })),
    ...document.stages.map(({ stage }, index) => ({
      below: `/stages/${index}`,
      files: [`conformance/${stage}*`],
      how: 'Counted over the results of the stage; a planned case without a result is unknown.',
    })),
    {
      below: '/durability',
      files: ['samples/', 'writes.json'],
      how: 'Acknowledged writes, and what was read back.',
    },
    {
      below: '/calibration',
      files: ['calibration/'],
      how: 'Answers at each rate, held against those at the lowest; calibration.json has the result.',
    },
    {
      below: '/history',
      files: ['history.json'],
      how: 'What the earlier runs measured, as their own analysis.json says it.',
    },
    ...(document.history?.measures ?? []).map((_, index) => ({
      below: `/history/measures/${index}/now`,
      files: ['analysis.json'],
      how: 'The mean over the rounds of this step, or the sum that its title names.',
    })),
    { below: '/faults', files: ['chaos.json', 'journal/'], how: 'Written down as each fault went.' },
    { below: '/topology/timers', files: ['topology-before.json'], how: 'Read from the live configuration.' },
    {
      below: '/topology',
      files: ['topology-before.json', 'topology-after.json', 'events.ndjson'],
      how: 'Looked at before the first fault and at the end; the watchers tell what lay between.',
    },
    { below: '/events', files: ['events.ndjson'], how: 'As the watchers saw it.' },
    { below: '/run', files: ['run.json', 'end.json'], how: 'From the start of the run to its end.' },
    { below: '/verdict', files: ['verdict.json'], how: 'From the table of exit codes.' },
  ];
}
