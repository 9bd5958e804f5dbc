import { readCalibration, readSeries } from '../measure/index.ts';
import type { ConformanceResults, Leftover } from '../model/conformance.ts';
import { HarnessError } from '../model/errors.ts';
import {
  RUN_SCHEMA_VERSION,
  type Evidence,
  type RunEnd,
  type RunRecord,
  type Subject,
} from '../model/evidence.ts';
import type { EarlierRuns } from '../model/history.ts';
import type { ChaosRecord } from '../model/injection.ts';
import type { WatchedEvent, WrittenBack } from '../model/observation.ts';
import type { Plan } from '../model/plan.ts';
import type { Schedule } from '../model/schedule.ts';
import type { Topology } from '../model/topology.ts';
import type { RunFolder } from '../ports/run-folder.ts';

/**
 * What a run folder holds, as the value that everything after gathering is a function of.
 * @throws SQ_RUN_UNREADABLE when it is no run folder, not whole, or of a version that this Squall does not know.
 */
export async function readEvidence(folder: RunFolder): Promise<Evidence> {
  const run = await readRun(folder);
  const [plan, end] = await Promise.all([
    folder.readJson<Plan>('plan.json'),
    folder.readJson<RunEnd>('end.json'),
  ]);
  if (plan === undefined) throw missing(folder, 'plan.json');
  const optional = {
    subject: await folder.readJson<Subject>('subject.json'),
    topologyBefore: await folder.readJson<Topology>('topology-before.json'),
    topologyAfter: await folder.readJson<Topology>('topology-after.json'),
    schedule: await folder.readJson<Schedule>('schedule.json'),
    chaos: await folder.readJson<ChaosRecord>('chaos.json'),
    calibration: await readCalibration(folder),
    history: await folder.readJson<EarlierRuns>('history.json'),
    writes: await folder.readJson<readonly WrittenBack[]>('writes.json'),
  };
  return {
    run,
    plan,
    ...present(optional),
    conformance: await readStages(folder),
    ...(await readSeries(folder)),
    events: await folder.readLines<WatchedEvent>('events.ndjson'),
    leftovers: (await folder.readJson<readonly Leftover[]>('leftovers.json')) ?? [],
    openFaults: (await folder.readJson<readonly string[]>('open-faults.json')) ?? [],
    end: end ?? cutOff(run),
  };
}

async function readRun(folder: RunFolder): Promise<RunRecord> {
  const run = await folder.readJson<RunRecord>('run.json');
  if (run === undefined) throw missing(folder, 'run.json');
  const version: unknown = run.schemaVersion;
  if (version !== RUN_SCHEMA_VERSION) {
    throw new HarnessError(
      'SQ_RUN_UNREADABLE',
      `The run in ${folder.path} is of version ${String(version)}; this Squall reads version ${RUN_SCHEMA_VERSION}.`,
    );
  }
  return run;
}

async function readStages(folder: RunFolder): Promise<readonly ConformanceResults[]> {
  const names = (await folder.list('conformance/')).filter((name) => name.endsWith('.json'));
  const stages = await Promise.all(names.map((name) => folder.readJson<ConformanceResults>(name)));
  return stages.filter((stage) => stage !== undefined).sort((a, b) => a.started.ns - b.started.ns);
}

function missing(folder: RunFolder, name: string): HarnessError {
  return new HarnessError('SQ_RUN_UNREADABLE', `${folder.path} is not a run folder: it has no ${name}.`);
}

/** A run whose harness died has no end; that is the end. */
function cutOff(run: RunRecord): RunEnd {
  return {
    ended: run.started,
    reason: 'broken',
    error: {
      code: 'SQ_INTERNAL',
      says: 'The harness died before the run ended.',
      remedy: 'Run `squall heal`, then run again.',
      exitCode: 4,
    },
    furtherErrors: [],
  };
}

function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
