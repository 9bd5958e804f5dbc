import { hostname } from 'node:os';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openJournal } from '../../src/custody/open-journal.ts';
import { healEverything } from '../../src/entries/heal-everything.ts';
import type { LabsInReach } from '../../src/entries/labs-of-runs.ts';
import type { Lab } from '../../src/ports/lab.ts';
import { MemoryStore } from '../chaos/fakes/memory-store.ts';
import { ModelLab } from '../chaos/fakes/model-lab.ts';
import { reference } from '../chaos/fakes/topologies.ts';
import { VirtualClock } from '../chaos/fakes/virtual-clock.ts';
import { entryOf } from '../custody/written-entries.ts';

/** Larger than any process id that a system hands out. */
const GONE = { host: hostname(), pid: 2 ** 22 + 1 };

async function interrupted(store: MemoryStore, clock: VirtualClock, run: string, lab: string): Promise<void> {
  const journal = await openJournal(store, { run, clock, self: { ...GONE, lab } });
  const target = { subject: 'node', name: 'control-1', node: 'control-1', uid: 'u' } as const;
  await journal.intend(entryOf(`${run}/a`, { run, targets: [target], expires: clock.now() }));
}

/** @param broken the name of a lab that cannot be found any more. */
function reachOf(lab: Lab, broken?: string): LabsInReach {
  return {
    of: async (owner: { readonly lab?: string } | undefined) => {
      if (broken !== undefined && owner?.lab === broken) throw new Error('podman does not answer');
      return { key: lab.name, lab, clients: async () => ({}) };
    },
    all: async () => [{ key: lab.name, lab, clients: async () => ({}) }],
  } as unknown as LabsInReach;
}

const report = (): void => undefined;

describe('healing everything', () => {
  it('heals the runs of other labs although the lab of one cannot be reached, and is not well then', async () => {
    const clock = new VirtualClock();
    const store = new MemoryStore();
    const lab = new ModelLab(reference(), clock, []);
    await interrupted(store, clock, 'run-1', 'broken');
    await interrupted(store, clock, 'run-2', lab.name);
    const { runs, ok } = await healEverything({ store, clock, labs: reachOf(lab, 'broken'), report });
    expect(runs.map((healed) => [healed.run, healed.ok])).to.deep.equal([
      ['run-1', false],
      ['run-2', true],
    ]);
    expect(runs[0]?.troubles.join()).to.contain('podman does not answer');
    expect(ok).to.equal(false);
  });

  it('is not well while nobody can look for what a damaged line may have told, and keeps that journal', async () => {
    const clock = new VirtualClock();
    const store = new MemoryStore();
    const lab = new ModelLab(reference(), clock, []);
    await interrupted(store, clock, 'run-1', lab.name);
    store.files.get('run-1')?.get('harness-000')?.splice(1, 1, 'damaged');
    const { status } = lab;
    lab.status = () => Promise.reject(new Error('podman does not answer'));
    Object.assign(lab, { owned: false });
    const first = await healEverything({ store, clock, labs: reachOf(lab), report });
    expect([first.ok, first.runs[0]?.damaged, store.archived]).to.deep.equal([false, true, []]);
    lab.status = status;
    const second = await healEverything({ store, clock, labs: reachOf(lab), report });
    expect([second.ok, store.archived]).to.deep.equal([true, ['run-1']]);
  });
});
