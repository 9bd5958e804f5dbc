import { openDurableLog } from '../../src/adapters/system/open-durable-log.ts';
import { healEntry, makeSchedule, runMethod } from '../../src/chaos/index.ts';
import { mergeJournals, openJournal } from '../../src/custody/index.ts';
import { describeError } from '../../src/model/errors.ts';
import type { Step } from '../../src/model/plan.ts';
import { seededRandom, type SeededRandom } from '../../src/model/seeded-random.ts';
import { MemoryStore } from '../../test/chaos/fakes/memory-store.ts';
import { ModelLab } from '../../test/chaos/fakes/model-lab.ts';
import { faultStep, planOf, reference } from '../../test/chaos/fakes/topologies.ts';
import { VirtualClock } from '../../test/chaos/fakes/virtual-clock.ts';
import { FaultyDisk, type Trouble } from './faulty-disk.ts';

const FOLDER = '/state/journals/run-1';

/** Acts that hurt, by the first word of what the lab was told, each with how its target is named in an intent. */
const HURTS: Readonly<Record<string, (what: string) => string>> = {
  off: (node) => `"node":"${node}"`,
  freeze: (node) => `"node":"${node}"`,
  add: (id) => `"id":"${id}"`,
  stop: (unit) => `"node":"${unit.split('/')[0] ?? ''}"`,
};

export interface PointOrder {
  /** Draws the method and how much of a broken write arrives. */
  readonly seed: string;
  readonly kind: Trouble;
  /** The operation of the disk that breaks; beyond the last one, nothing does. */
  readonly at: number;
}

export interface PointResult {
  /** Operations of the disk up to the end or the death. */
  readonly operations: number;
  readonly died: boolean;
  /** Acts that hurt something. */
  readonly acts: number;
  /** What was broken of what a journal promises, as sentences. */
  readonly violations: readonly string[];
}

/** Runs a method on a disk that breaks at one operation, dies or goes on as a process would, and reads what is left. */
export async function tryPoint({ seed, kind, at }: PointOrder): Promise<PointResult> {
  const random = seededRandom(seed);
  const disk = new FaultyDisk({ kind, at, share: () => random.next() });
  const clock = new VirtualClock();
  const topology = reference();
  const lab = new ModelLab(topology, clock, []);
  const violations: string[] = [];
  let acts = 0;
  lab.onAct = (act) => {
    if (disk.died) throw new Error('a dead process does nothing');
    const [word = '', what = ''] = act.split(' ');
    const name = HURTS[word]?.(what);
    if (name === undefined) return;
    acts += 1;
    const intents = disk
      .durableText()
      .split('\n')
      .filter((line) => line.includes('"kind":"intend"'));
    if (!intents.some((line) => line.includes(name))) violations.push(`${act} was done without its entry`);
  };
  const death = new Promise<void>((resolve) => {
    disk.onDeath = () => {
      // Timers die with their process.
      clock.after = () => () => undefined;
      resolve();
    };
  });
  await Promise.race([death, play(draw(random), lab, disk, clock).catch(() => undefined)]);
  violations.push(...(await afterwards(lab, disk)));
  return { operations: disk.operations, died: disk.died, acts, violations };
}

function draw(random: SeededRandom): readonly Step[] {
  const steps = [
    faultStep('off', 'node-power-off', { node: 'control-1' }),
    faultStep('freeze', 'node-freeze', { node: 'compute-2' }),
    faultStep('cut', 'network-partition', { node: 'compute-1' }),
    faultStep('stop', 'service-stop', { node: 'control-1', unit: 'etcd' }),
  ].filter(() => random.next() < 0.6);
  const [first = faultStep('off', 'node-power-off', { node: 'control-1' }), ...rest] = steps;
  const all = [first, ...rest];
  return random.next() < 0.5 || all.length < 2 ? all : [{ kind: 'parallel', name: 'beside', steps: all }];
}

async function play(
  steps: readonly Step[],
  lab: ModelLab,
  disk: FaultyDisk,
  clock: VirtualClock,
): Promise<void> {
  const plan = planOf([...steps], { maxTargets: 5, maxShare: 1 });
  const store = new MemoryStore();
  store.journal = (_run, writer) => openDurableLog(FOLDER, writer, disk);
  const schedule = makeSchedule(plan, lab.topology, 'seed');
  const journal = await openJournal(store, { run: 'run-1', clock, self: { host: 'here', pid: 1 } });
  await runMethod(
    schedule,
    {
      plan,
      run: 'run-1',
      tools: { lab, kubernetes: lab.kubernetes, clock, run: 'run-1' },
      journal,
      rediscover: () => Promise.resolve(lab.topology),
      recovered: () => Promise.resolve(true),
      runSuites: () => Promise.resolve(),
      guard: new AbortController().signal,
      progress: { report: () => undefined },
      reaper: { pid: 2, alive: () => true },
    },
    new AbortController().signal,
  );
  await journal.close();
}

/** What the next process finds, and whether it can heal from that alone. */
async function afterwards(lab: ModelLab, disk: FaultyDisk): Promise<readonly string[]> {
  const violations: string[] = [];
  if (disk.touchedAfterFailure) violations.push('a file was used again after it had failed');
  const hurt = lab.hurt();
  if (!disk.died && hurt.length > 0) violations.push(`the run ended, and ${hurt.join(', ')} still hurts`);
  try {
    const reading = mergeJournals(disk.journals(FOLDER));
    // The lab of the dead process; a process that comes later has a clock that goes on.
    const later = new ModelLab(lab.topology, new VirtualClock(), []);
    for (const [key, effect] of lab.effects) later.effects.set(key, effect);
    for (const entry of reading.open) {
      const tools = { lab: later, kubernetes: later.kubernetes, clock: later.clock, run: 'run-1' };
      await healEntry(entry, tools, new AbortController().signal);
    }
    if (later.effects.size > 0)
      violations.push(`${[...later.effects.keys()].join(', ')} still hurts, and no entry is open for it`);
  } catch (error) {
    violations.push(`the journal could not be read: ${describeError(error)}`);
  }
  return violations;
}
