import { expect } from 'chai';
import { describe, it } from 'mocha';
import { healEntry } from '../../src/chaos/heal-entry.ts';
import { faultStep, planOf } from './fakes/topologies.ts';
import { setStage, type Stage } from './fakes/stage.ts';

const never = new AbortController().signal;

/** A run whose harness died in the middle of its fault: the entry is open, the fault holds. */
async function diedDuring(fault: string, selector: { node: string; unit?: string }) {
  const stage = await setStage();
  const dying = new AbortController();
  void stage.play(planOf([faultStep('step', fault, selector, { duration: { ms: 3_600_000 } })]), {
    progress: {
      report: (event) => {
        if (event.kind === 'fault' && event.state === 'holding') dying.abort();
      },
    },
  });
  await new Promise<void>((resolve) => dying.signal.addEventListener('abort', () => resolve()));
  const [entry] = stage.journal.open();
  if (entry === undefined) throw new Error('nothing was injected');
  stage.actions.length = 0;
  return { stage, entry };
}

const toolsOf = (stage: Stage) => ({ lab: stage.lab, clock: stage.clock, run: 'run-1' });

describe('healEntry', () => {
  const rows = [
    { fault: 'node-power-off', selector: { node: 'control-1' } },
    { fault: 'node-freeze', selector: { node: 'control-1' } },
    { fault: 'network-partition', selector: { node: 'control-1' } },
    { fault: 'network-loss', selector: { node: 'control-1' } },
    { fault: 'service-stop', selector: { node: 'control-1', unit: 'etcd' } },
  ];
  for (const { fault, selector } of rows) {
    it(`heals ${fault} from its entry alone, without the API, once, twice and two at a time`, async () => {
      const { stage, entry } = await diedDuring(fault, selector);
      // As another process reads it from the disk.
      const stored = JSON.parse(JSON.stringify(entry)) as typeof entry;
      expect(stage.lab.hurt()).to.have.length(1);
      const both = await Promise.all([
        healEntry(stored, toolsOf(stage), never),
        healEntry(stored, toolsOf(stage), never),
      ]);
      expect(both.map(({ ok }) => ok)).to.deep.equal([true, true]);
      expect(stage.lab.hurt()).to.deep.equal([]);
      const again = await healEntry(stored, toolsOf(stage), never);
      expect(again, again.says).to.deep.include({ ok: true, differences: [] });
      expect(stage.lab.hurt()).to.deep.equal([]);
    });

    it(`says what differs when healing ${fault} changes nothing`, async () => {
      const { stage, entry } = await diedDuring(fault, selector);
      stage.lab.idle = true;
      const verification = await healEntry(entry, toolsOf(stage), AbortSignal.any([never]));
      expect(verification.ok).to.equal(false);
      expect(stage.lab.hurt()).to.have.length(1);
      expect(verification.differences.join() + verification.says).to.contain('control-1');
    });
  }

  it('refuses an entry of a fault or a version that it does not know, and touches nothing', async () => {
    const { stage, entry } = await diedDuring('node-freeze', { node: 'control-1' });
    const unknown = await healEntry({ ...entry, fault: 'meteor' }, toolsOf(stage), never);
    const newer = await healEntry({ ...entry, faultVersion: 99 }, toolsOf(stage), never);
    expect([unknown.ok, newer.ok]).to.deep.equal([false, false]);
    expect(newer.says).to.contain('newer Squall');
    expect(stage.actions).to.deep.equal([]);
  });

  it('does not wait for links of a node that is off for another reason', async () => {
    const { stage, entry } = await diedDuring('network-partition', { node: 'control-1' });
    await stage.lab.abilities.power?.off('compute-1');
    expect((await healEntry(entry, toolsOf(stage), never)).ok).to.equal(true);
  });
});
