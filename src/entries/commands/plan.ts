import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeSchedule, proveSchedule } from '../../chaos/index.ts';
import { refuseProbes } from '../../measure/index.ts';
import { EXIT } from '../../model/exit-code.ts';
import { describeError, HarnessError } from '../../model/errors.ts';
import { formatDuration } from '../../model/duration.ts';
import {
  describeTarget,
  type PredictedWindow,
  type Schedule,
  type ScheduledStep,
} from '../../model/schedule.ts';
import type { Topology } from '../../model/topology.ts';
import { discover, parseTopologyFile } from '../../topology/index.ts';
import type { SharedArguments } from '../shared-arguments.ts';
import { openLab } from '../compose-world.ts';
import { packageFolder } from '../places.ts';
import { readPlan } from '../read-plan.ts';
import { resolveSettings, withProtection, type Settings } from '../settings.ts';

export interface PlanArguments extends SharedArguments {
  readonly plan: string;
  readonly topology?: string;
}

/** Printed where no seed is given, so that the same command gives the same bytes. */
const UNSEEDED = '1';

export async function planCommand(argv: PlanArguments): Promise<number> {
  const { set } = await resolveSettings(argv);
  const { plan: written } = await readPlan(argv.plan, set);
  const settings = await resolveSettings(argv, written.seed);
  const plan = withProtection(written, settings);
  const topology = await findTopology(argv.topology, settings);
  refuseProbes(plan.probes, topology);
  const schedule = makeSchedule(plan, topology, settings.seed ?? UNSEEDED);
  const proof = proveSchedule(schedule, topology, plan.limits);
  if (settings.output === 'json') process.stdout.write(`${JSON.stringify({ schedule, proof }, null, 2)}\n`);
  else
    process.stdout.write(
      describe(
        schedule,
        proof.reasoning.map(({ says }) => says),
        plan.learns,
      ),
    );
  return proof.ok ? EXIT.pass : EXIT.refusedState;
}

/** A file if one is given; what is up, if it is; otherwise the rehearsal's own topology, which comes with Squall. */
async function findTopology(file: string | undefined, settings: Settings): Promise<Topology> {
  if (file !== undefined) return readTopology(file);
  const { lab, base } = await openLab(settings);
  const { state } = await lab.status();
  if (state !== 'up' && lab.name === 'rehearsal') {
    process.stderr.write('squall: the rehearsal is not up; this is the topology that it will have\n');
    return readTopology(join(packageFolder(), 'chaos-plans', 'rehearsal.topology.json'));
  }
  const connection = await lab.connection();
  const clients = await base.connect(connection);
  return discover({ lab, connection, ...clients, place: base.self.place }, AbortSignal.timeout(60_000));
}

async function readTopology(file: string): Promise<Topology> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new HarnessError('SQ_USAGE', `The topology ${file} cannot be read: ${describeError(error)}.`, {
      cause: error,
    });
  }
  return parseTopologyFile(text, file);
}

function describe(schedule: Schedule, proof: readonly string[], learns: string): string {
  const lines = [`Plan ${schedule.plan}, seed ${schedule.seed}`, learns, '', 'Schedule'];
  for (const step of schedule.steps) lines.push(...describeStep(step, '  '));
  lines.push('', 'Blast radius', ...proof.map((line) => `  ${line}`), '');
  return lines.join('\n');
}

function describeStep(step: ScheduledStep, indent: string): readonly string[] {
  const line = (text: string): string => `${indent}${step.id}: ${text}`;
  switch (step.kind) {
    case 'fault': {
      const targets = step.targets.map(describeTarget).join(', ');
      const from = step.from.length === 0 ? '' : ` from ${step.from.map(describeTarget).join(', ')}`;
      const held = step.duration.ms === 0 ? '' : ` for ${formatDuration(step.duration)}`;
      return [
        line(`${step.fault} on ${targets}${from}${held}`),
        ...describeWindow(step.predicted, `${indent}  `),
      ];
    }
    case 'wait':
      return [
        line(
          step.wait.for === 'duration'
            ? `wait ${formatDuration(step.wait.duration)}`
            : `wait until recovered, at most ${formatDuration(step.wait.ceiling)}`,
        ),
      ];
    case 'suites':
      return [line('run suites')];
    case 'pause':
      return [line(`until ${formatDuration(step.every)} after the start of ${step.sinceStartOf}`)];
    case 'parallel':
      return [
        line('at the same time'),
        ...step.branches.flat().flatMap((inner) => describeStep(inner, `${indent}  `)),
      ];
  }
}

function describeWindow(window: PredictedWindow | undefined, indent: string): readonly string[] {
  if (window === undefined) return [];
  const range = ({ min, max }: PredictedWindow['outage']): string =>
    `${formatDuration(min)} to ${formatDuration(max)}`;
  return [
    `${indent}predicted: outage ${range(window.outage)}, full redundancy after ${range(window.redundancy)}`,
    ...window.because.map((reason) => `${indent}  because ${reason}`),
  ];
}
