import type { Figure } from '../../model/verdict.ts';
import { buildReportDocument } from '../build-report-document.ts';
import type { ReportDocument } from '../report-document.ts';
import type { Reporter } from '../reporter.ts';
import { shorten } from '../wording.ts';

/** Longer values make a series that no dashboard shows whole. */
const LABEL_LENGTH = 120;

type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

interface Family {
  /** Ends in its unit, where it has one. */
  readonly name: string;
  readonly unit?: 'seconds' | 'ratio';
  readonly help: string;
  readonly samples: readonly Sample[];
}

const TRUTHS = ['pass', 'fail', 'unknown'] as const;

/** Both edges of a figure, which never stand for one number. Milliseconds become seconds, the base unit of metrics. */
function edges(figure: Figure | undefined, labels: Labels): readonly Sample[] {
  if (figure === undefined) return [];
  const scale = figure.unit === 'ms' ? 1000 : 1;
  return (['min', 'max'] as const).map((edge) => ({
    labels: { ...labels, edge },
    value: figure[edge] / scale,
  }));
}

/** One series for each state, of which exactly one is 1: so it can be counted and alerted on by name. */
const states = (is: string, all: readonly string[], label: string, labels: Labels): readonly Sample[] =>
  all.map((state) => ({ labels: { ...labels, [label]: state }, value: state === is ? 1 : 0 }));

function runFamilies({ run, verdict, subject }: ReportDocument): readonly Family[] {
  const started = Date.parse(run.startedWall) / 1000;
  const info = {
    run: run.id,
    lab: run.lab,
    seed: run.seed,
    version: run.squall.version,
    commit: subject?.commit ?? '',
  };
  return [
    { name: 'squall_run_info', help: 'One run; ids stand here only.', samples: [{ labels: info, value: 1 }] },
    {
      name: 'squall_verdict',
      help: 'The verdict: 1 for the truth that holds.',
      samples: states(verdict.truth, TRUTHS, 'truth', {}),
    },
    {
      name: 'squall_exit_code',
      help: 'How the run exited.',
      samples: [{ labels: {}, value: verdict.exitCode }],
    },
    {
      name: 'squall_run_duration_seconds',
      unit: 'seconds',
      help: 'From the start of the run to its end.',
      samples: [{ labels: {}, value: run.tookMs / 1000 }],
    },
    {
      name: 'squall_last_run_timestamp_seconds',
      unit: 'seconds',
      help: 'When the run started.',
      samples: Number.isFinite(started) ? [{ labels: {}, value: started }] : [],
    },
  ];
}

function probeFamilies({ probes }: ReportDocument): readonly Family[] {
  const about = ({ probe, endpoint }: ReportDocument['probes'][number]): Labels => ({ probe, endpoint });
  return [
    {
      name: 'squall_probe_samples',
      help: 'Answers of a probe, by outcome.',
      samples: probes.flatMap((probe) => [
        { labels: { ...about(probe), outcome: 'good' }, value: probe.samples - probe.failures },
        { labels: { ...about(probe), outcome: 'failed' }, value: probe.failures },
      ]),
    },
    {
      name: 'squall_probe_latency_seconds',
      unit: 'seconds',
      help: 'Time from sent to answered, by quantile.',
      samples: probes.flatMap((probe) =>
        (['p50', 'p95', 'p99', 'max'] as const).map((rank) => ({
          labels: { ...about(probe), rank },
          value: probe.latencyMs[rank] / 1000,
        })),
      ),
    },
    {
      name: 'squall_probe_availability_ratio',
      unit: 'ratio',
      help: 'Time up over time up or down.',
      samples: probes.flatMap((probe) => edges(probe.availability, about(probe))),
    },
    {
      name: 'squall_probe_longest_outage_seconds',
      unit: 'seconds',
      help: 'The longest outage that a probe saw.',
      samples: probes.flatMap((probe) => edges(probe.longestOutage, about(probe))),
    },
    {
      name: 'squall_probe_unseen_ratio',
      unit: 'ratio',
      help: 'The share of time that nobody saw.',
      samples: probes.map((probe) => ({ labels: about(probe), value: probe.unseenRatio })),
    },
  ];
}

function faultFamilies({ recoveries, faults, openFaults, leftovers }: ReportDocument): readonly Family[] {
  return [
    {
      name: 'squall_recovery_seconds',
      unit: 'seconds',
      help: 'What a fault cost, and how long the way back took.',
      samples: recoveries.flatMap(({ step, fault, outage, serviceBack, redundancyBack }) => [
        ...edges(outage, { step, fault, of: 'outage' }),
        ...edges(serviceBack, { step, fault, of: 'service' }),
        ...edges(redundancyBack, { step, fault, of: 'redundancy' }),
      ]),
    },
    {
      name: 'squall_faults',
      help: 'Faults of the plan, by how they ended.',
      samples: [...new Set(faults.map(({ end }) => end))].map((end) => ({
        labels: { end },
        value: faults.filter((fault) => fault.end === end).length,
      })),
    },
    {
      name: 'squall_open_faults',
      help: 'Faults that nobody healed.',
      samples: [{ labels: {}, value: openFaults.length }],
    },
    {
      name: 'squall_leftovers',
      help: 'Objects that were left, and could not be swept.',
      samples: (['ours', 'cloud'] as const).map((whose) => ({
        labels: { whose },
        value: leftovers.filter(({ fault, swept }) => fault === whose && !swept).length,
      })),
    },
  ];
}

function ruleFamilies({ objectives, stages }: ReportDocument): readonly Family[] {
  return [
    {
      name: 'squall_objective',
      help: 'What an objective concluded: 1 for the truth that holds.',
      samples: objectives.flatMap(({ id, objective, truth }) =>
        states(truth, TRUTHS, 'truth', { name: id, objective }),
      ),
    },
    {
      name: 'squall_cases',
      help: 'Conformance cases, by stage and outcome.',
      samples: stages.flatMap((stage) =>
        (['passed', 'failed', 'skipped', 'unknown'] as const).map((outcome) => ({
          labels: { stage: stage.stage, outcome },
          value: stage[outcome],
        })),
      ),
    },
  ];
}

/** Escaped as OpenMetrics 1.0 and the older text format both do. */
const escape = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

function lineOf(name: string, plan: string, { labels, value }: Sample): string {
  const all = Object.entries({ plan, ...labels }).map(
    ([label, text]) => `${label}="${escape(shorten(text, LABEL_LENGTH))}"`,
  );
  return `${name}{${all.join(',')}} ${Number.isFinite(value) ? String(value) : 'NaN'}`;
}

/**
 * OpenMetrics text, which the textfile collector of Prometheus' node exporter reads as well: gauges only, for a run is over when
 * they are read. Two things of one name would be one series, so only the last of them stands.
 */
export const openMetrics: Reporter = {
  name: 'open-metrics',
  file: 'metrics.txt',
  render(input) {
    const document = buildReportDocument(input);
    const families = [
      ...runFamilies(document),
      ...probeFamilies(document),
      ...faultFamilies(document),
      ...ruleFamilies(document),
    ];
    const lines = families.flatMap(({ name, unit, help, samples }) => {
      const written = new Map(
        samples.map((sample) => {
          const line = lineOf(name, document.run.plan, sample);
          return [line.slice(0, line.lastIndexOf('}') + 1), line];
        }),
      );
      if (written.size === 0) return [];
      return [
        `# TYPE ${name} gauge`,
        ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
        `# HELP ${name} ${help}`,
        ...written.values(),
      ];
    });
    return `${lines.join('\n')}\n# EOF\n`;
  },
};
