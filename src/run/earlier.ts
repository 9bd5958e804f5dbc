import { faultEntries } from '../chaos/index.ts';
import { readJournal, type EntryStory } from '../custody/index.ts';
import type { CaseResult, ConformanceResults } from '../model/conformance.ts';
import type { ChaosNote, ChaosRecord, InjectionRecord, StepRecord } from '../model/injection.ts';
import { rangeBetween, type Instant } from '../model/instant.ts';
import type { Schedule, ScheduledStep } from '../model/schedule.ts';
import type { Topology } from '../model/topology.ts';
import type { RunFolder } from '../ports/run-folder.ts';
import type { StateStore } from '../ports/state-store.ts';

/** Lines of `ChaosNote`: what the method had come to, for whoever goes on with it. */
export const NOTES_FILE = 'chaos-notes.ndjson';

/** Whether this run brought its lab up, and so owes to take it down. */
export const LAB_FILE = 'lab.json';

export interface LabRecord {
  readonly broughtUp: boolean;
}

/** What an earlier process of a run had come to before it died. */
export interface Earlier {
  /** As it was before anything was hurt. */
  readonly topology?: Topology;
  readonly schedule?: Schedule;
  /** As far as the method had come: with what the journal tells of a fault that was under way. Absent: nothing had begun. */
  readonly chaos?: ChaosRecord;
  /** The method had ended. */
  readonly methodDone: boolean;
  /** Steps that are left of the method. */
  readonly left: readonly ScheduledStep[];
  /** Conformance stages that had come to their end, by their files. */
  readonly stages: readonly string[];
  readonly broughtUp: boolean;
  /** When it was gone on with before. */
  readonly resumed: readonly Instant[];
}

/** Reads it from the run folder and the journal, after whatever was open is healed. */
export async function readEarlier(folder: RunFolder, store: StateStore, run: string): Promise<Earlier> {
  const [topology, schedule, lab, written] = await Promise.all([
    folder.readJson<Topology>('topology-before.json'),
    folder.readJson<Schedule>('schedule.json'),
    folder.readJson<LabRecord>(LAB_FILE),
    folder.readJson<ChaosRecord>('chaos.json'),
  ]);
  const notes = await folder.readLines<ChaosNote>(NOTES_FILE);
  const { stories } = await readJournal(store, run);
  // A method that its user stopped may go on; one that a guard or a refusal ended is over.
  const done = written?.stopped?.by === 'user' ? undefined : written;
  const chaos = done ?? chaosSoFar(notes, stories);
  const conformance = (await folder.list('conformance/')).filter((name) => name.endsWith('.json'));
  const ended = await Promise.all(conformance.map((name) => hasEnded(name, folder)));
  return {
    ...(topology === undefined ? {} : { topology }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(chaos === undefined ? {} : { chaos }),
    methodDone: done !== undefined,
    left: schedule === undefined ? [] : stepsLeft(schedule, chaos),
    stages: conformance.filter((_, index) => ended[index]),
    broughtUp: lab?.broughtUp ?? false,
    resumed: notes.flatMap((note) => (note.kind === 'resumed' ? [note.at] : [])),
  };
}

/** The file of a stage is there also when it was cut. The gate before chaos is done again unless all of it passed. */
async function hasEnded(name: string, folder: RunFolder): Promise<boolean> {
  if (name !== 'conformance/before.json' && name !== 'conformance/after.json') return true;
  const results = (await folder.readJson<ConformanceResults>(name))?.results ?? [];
  const any = (outcome: CaseResult['outcome']): boolean => results.some((one) => one.outcome === outcome);
  if (name === 'conformance/before.json') return !any('failed') && !any('unknown');
  // What failed has failed, and is not asked again until it passes.
  return any('failed') || !any('unknown');
}

/** Notes may be lost with a disk under the run folder that was full; what was hurt is in the journal all the same. */
function chaosSoFar(notes: readonly ChaosNote[], stories: readonly EntryStory[]): ChaosRecord | undefined {
  const [first] = stories;
  const started =
    notes.find((note) => note.kind === 'started')?.at ?? first?.intended ?? first?.entry.expires;
  if (started === undefined) return undefined;
  const injections = notes.flatMap((note) => (note.kind === 'injection' ? [note.injection] : []));
  const known = new Set(injections.map(({ id }) => id));
  const cut = stories.filter(({ entry }) => !known.has(entry.id)).map((story) => cutOff(story, started));
  const steps = notes.flatMap((note): readonly StepRecord[] => (note.kind === 'step' ? [note.step] : []));
  const instants = [
    ...steps.map(({ ended }) => ended),
    ...stories.flatMap(({ intended, healed }) => [intended, healed?.at]),
  ].filter((at): at is Instant => at?.clock === started.clock);
  const endNs = Math.max(started.ns, ...instants.map(({ ns }) => ns));
  return { started, ended: { clock: started.clock, ns: endNs }, injections: [...injections, ...cut], steps };
}

/** What the journal tells of a fault whose harness died beside it. */
function cutOff(
  { entry, intended, verified, healed, abandoned, closed }: EntryStory,
  started: Instant,
): InjectionRecord {
  const { id, step, fault, targets, from, expiryHolder, expires } = entry;
  const sent = intended ?? started;
  // A reboot does not last, and the reaper ends it all the same.
  const lasts = faultEntries.find(({ name }) => name === fault)?.lasts ?? expiryHolder !== 'none';
  const base = { id, step, fault, targets, from, proof: [], lasts };
  if (abandoned !== undefined) return { ...base, end: 'not-injected', trouble: abandoned };
  const seen = verified?.at ?? sent;
  const onOneClock = (at: Instant | undefined): at is Instant => at?.clock === sent.clock;
  return {
    ...base,
    ...(verified?.ok === true && onOneClock(verified.at)
      ? { injected: rangeBetween(sent, verified.at) }
      : {}),
    ...(verified === undefined ? {} : { verified }),
    ...(healed !== undefined && onOneClock(healed.at) ? { healed: rangeBetween(seen, healed.at) } : {}),
    ...(healed === undefined ? {} : { verifiedHealed: healed }),
    end: endOf({
      closed,
      lasts,
      late: healed?.at.clock === expires.clock && healed.at.ns >= expires.ns,
    }),
    trouble: 'The harness died, or could write no more, while this fault was under way.',
  };
}

function endOf({
  closed,
  lasts,
  late,
}: {
  closed: boolean;
  lasts: boolean;
  late: boolean;
}): InjectionRecord['end'] {
  if (!closed) return 'not-healed';
  if (!lasts) return 'instant';
  return late ? 'expired' : 'healed-early';
}

/** A fault is never injected twice, whatever was noted of its step; what only waited or looked is done again. */
export function stepsLeft({ steps }: Schedule, chaos: ChaosRecord | undefined): readonly ScheduledStep[] {
  const ended = new Set(chaos?.steps.map(({ id }) => id));
  const touched = new Set(chaos?.injections.map(({ step }) => step));
  const first = steps.findIndex(({ id }) => !ended.has(id));
  if (first < 0) return [];
  const lastHurt = steps.findLastIndex((step) => faultsIn([step]).some((id) => touched.has(id)));
  return steps.slice(Math.max(first, lastHurt + 1));
}

function faultsIn(steps: readonly ScheduledStep[]): readonly string[] {
  return steps.flatMap((step) => {
    if (step.kind === 'fault') return [step.id];
    return step.kind === 'parallel' ? step.branches.flatMap(faultsIn) : [];
  });
}
