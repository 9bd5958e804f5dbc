import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openJournal } from '../../src/custody/open-journal.ts';
import type { ChaosNote, HealingEntry, InjectionRecord } from '../../src/model/injection.ts';
import type { Schedule, ScheduledStep } from '../../src/model/schedule.ts';
import type { RunFolder } from '../../src/ports/run-folder.ts';
import { readEarlier } from '../../src/run/earlier.ts';
import { MemoryStore } from '../chaos/fakes/memory-store.ts';
import { VirtualClock } from '../chaos/fakes/virtual-clock.ts';
import { entryOf, verification } from '../custody/written-entries.ts';

const at = (ns: number) => ({ clock: 'virtual', ns });
const fault = (id: string): ScheduledStep => ({ kind: 'fault', id, step: id }) as ScheduledStep;
const wait = (id: string): ScheduledStep => ({ kind: 'wait', id, step: id }) as ScheduledStep;
const beside = (id: string, ...steps: ScheduledStep[]): ScheduledStep => ({
  kind: 'parallel',
  id,
  step: id,
  branches: steps.map((step) => [step]),
});
const over = (id: string): ChaosNote => ({
  kind: 'step',
  step: { id, kind: 'fault', started: at(1), ended: at(2) },
});

function folderWith(files: Readonly<Record<string, unknown>>, notes: readonly ChaosNote[]): RunFolder {
  return {
    readJson: async (name: string) => files[name],
    readLines: async () => notes,
    list: async (prefix: string) => Object.keys(files).filter((name) => name.startsWith(prefix)),
  } as unknown as RunFolder;
}

async function earlierOf(
  steps: readonly ScheduledStep[],
  notes: readonly ChaosNote[],
  entries: readonly {
    id: string;
    told: 'intended' | 'verified' | 'healed' | 'abandoned';
    fault?: string;
  }[] = [],
  files: Readonly<Record<string, unknown>> = {},
) {
  const store = new MemoryStore();
  const clock = new VirtualClock();
  const journal = await openJournal(store, { run: 'run-1', clock, self: { host: 'h', pid: 1 } });
  for (const { id, told, fault = 'node-power-off' } of entries) {
    const entry: HealingEntry = { ...entryOf(`run-1/${id}`), step: id, fault };
    await journal.intend(entry);
    if (told === 'abandoned') await journal.abandoned(entry.id, 'a pod was replaced');
    else if (told !== 'intended') await journal.verified(entry.id, verification());
    if (told === 'healed') await journal.healed(entry.id, verification());
  }
  const schedule: Schedule = { schemaVersion: 1, plan: 'p', seed: 's', steps };
  return readEarlier(folderWith({ 'schedule.json': schedule, ...files }, notes), store, 'run-1');
}

const left = async (...given: Parameters<typeof earlierOf>) =>
  (await earlierOf(...given)).left.map(({ id }) => id);

describe('what is left of a run that was cut short', () => {
  const started: ChaosNote = { kind: 'started', at: at(1) };
  const steps = [fault('a'), wait('w'), fault('b'), fault('c')];

  it('is everything when nothing had begun, and nothing when the method was over', async () => {
    expect(await left(steps, [])).to.deep.equal(['a', 'w', 'b', 'c']);
    expect(await left(steps, [started, over('a'), over('w'), over('b'), over('c')])).to.deep.equal([]);
    const done = { 'chaos.json': { started: at(1), ended: at(9), injections: [], steps: [] } };
    expect((await earlierOf(steps, [started], [], done)).methodDone).to.equal(true);
  });

  it('begins again with a wait that was cut, and never with a fault that had been intended', async () => {
    expect(await left(steps, [started, over('a')])).to.deep.equal(['w', 'b', 'c']);
    const upTo = [started, over('a'), over('w')];
    expect(await left(steps, upTo)).to.deep.equal(['b', 'c']);
    expect(await left(steps, upTo, [{ id: 'b', told: 'intended' }])).to.deep.equal(['c']);
    const both = [beside('p', fault('x'), fault('y')), fault('z')];
    expect(await left(both, [started])).to.deep.equal(['p', 'z']);
    expect(await left(both, [started], [{ id: 'y', told: 'healed' }])).to.deep.equal(['z']);
  });

  it('goes by the journal where notes are lost, as when the disk under the run folder was full', async () => {
    const told = [
      { id: 'a', told: 'healed' },
      { id: 'b', told: 'verified' },
    ] as const;
    const lost = await earlierOf(steps, [], told);
    expect(lost.left.map(({ id }) => id)).to.deep.equal(['c']);
    expect(lost.chaos?.injections.map(({ step, end }) => [step, end])).to.deep.equal([
      ['a', 'healed-early'],
      ['b', 'not-healed'],
    ]);
    expect(await left(steps, [started, over('a')], told)).to.deep.equal(['c']);
  });

  it('tells a fault that does not last from one that does, whoever would have ended it', async () => {
    const { chaos } = await earlierOf(steps, [started], [{ id: 'a', told: 'healed', fault: 'node-reboot' }]);
    expect(chaos?.injections.map(({ lasts, end }) => [lasts, end])).to.deep.equal([[false, 'instant']]);
  });

  it('holds a stage for ended only where it came to its end', async () => {
    const results = (...outcomes: string[]) => ({ results: outcomes.map((outcome) => ({ outcome })) });
    const stages = async (name: string, ...outcomes: string[]) =>
      (await earlierOf(steps, [], [], { [`conformance/${name}.json`]: results(...outcomes) })).stages.length;
    // The gate before chaos is open only where all of it passed.
    expect(await stages('before', 'passed', 'skipped')).to.equal(1);
    expect(await stages('before', 'passed', 'unknown')).to.equal(0);
    expect(await stages('before', 'passed', 'failed')).to.equal(0);
    expect(await stages('after', 'passed')).to.equal(1);
    expect(await stages('after', 'passed', 'unknown')).to.equal(0);
    // What failed has failed, and is not asked again until it passes.
    expect(await stages('after', 'failed', 'unknown')).to.equal(1);
    expect(await stages('step-1', 'unknown')).to.equal(1);
  });

  it('leaves what a user stopped to go on with, and not what a guard ended', async () => {
    const record = (by: string) => ({
      'chaos.json': { started: at(1), ended: at(9), injections: [], steps: [], stopped: { by, says: '' } },
    });
    expect((await earlierOf(steps, [started, over('a')], [], record('user'))).methodDone).to.equal(false);
    expect((await earlierOf(steps, [started, over('a')], [], record('guard'))).methodDone).to.equal(true);
  });

  it('keeps noted injections and tells from the journal how the last one stood', async () => {
    const noted: InjectionRecord = {
      id: 'run-1/a',
      step: 'a',
      fault: 'node-power-off',
      targets: [],
      from: [],
      proof: [],
      lasts: true,
      end: 'healed',
    };
    const ends = async (told: 'intended' | 'verified' | 'healed' | 'abandoned') => {
      const { chaos } = await earlierOf(
        steps,
        [started, { kind: 'injection', injection: noted }, over('a'), over('w')],
        [
          { id: 'a', told: 'healed' },
          { id: 'b', told },
        ],
      );
      expect(chaos?.injections[0]).to.deep.equal(noted);
      const cut = chaos?.injections[1];
      return [cut?.end, cut?.injected !== undefined, cut?.healed !== undefined];
    };
    expect(await ends('intended')).to.deep.equal(['not-healed', false, false]);
    expect(await ends('verified')).to.deep.equal(['not-healed', true, false]);
    expect(await ends('healed')).to.deep.equal(['healed-early', true, true]);
    expect(await ends('abandoned')).to.deep.equal(['not-injected', false, false]);
  });
});
