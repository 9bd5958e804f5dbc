import { expect } from 'chai';
import { describe, it } from 'mocha';
import { healEntry } from '../../src/chaos/heal-entry.ts';
import type { ParameterValues } from '../../src/model/catalogue.ts';
import { faultStep, planOf } from './fakes/topologies.ts';
import { setStage, type Stage } from './fakes/stage.ts';

const never = new AbortController().signal;

/** A run whose harness died in the middle of its fault: the entry is open, the fault holds. */
async function diedDuring(
  fault: string,
  selector: { node: string; unit?: string },
  parameters: ParameterValues = {},
) {
  const stage = await setStage();
  const dying = new AbortController();
  void stage.play(planOf([faultStep('step', fault, selector, { duration: { ms: 3_600_000 }, parameters })]), {
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

/** Without the API, which may be what was hurt, but for a cordon: that is in the API and nowhere else. */
const toolsOf = (stage: Stage, fault: string) => ({
  lab: stage.lab,
  clock: stage.clock,
  run: 'run-1',
  ...(fault === 'node-drain' ? { kubernetes: stage.lab.kubernetes } : {}),
});

describe('healEntry', function () {
  this.timeout(20_000);

  const rows = [
    { fault: 'node-power-off', selector: { node: 'control-1' } },
    { fault: 'node-freeze', selector: { node: 'control-1' } },
    { fault: 'network-partition', selector: { node: 'control-1' } },
    { fault: 'network-loss', selector: { node: 'control-1' } },
    { fault: 'network-latency', selector: { node: 'control-1' }, parameters: { delay: { ms: 100 } } },
    { fault: 'network-bandwidth', selector: { node: 'control-1' }, parameters: { kilobitsPerSecond: 1000 } },
    { fault: 'node-drain', selector: { node: 'control-1' } },
    { fault: 'service-stop', selector: { node: 'control-1', unit: 'etcd' } },
  ];
  for (const { fault, selector, parameters } of rows) {
    it(`heals ${fault} from its entry alone, once, twice and two at a time`, async () => {
      const { stage, entry } = await diedDuring(fault, selector, parameters);
      // As another process reads it from the disk.
      const stored = JSON.parse(JSON.stringify(entry)) as typeof entry;
      expect(stage.lab.hurt()).to.have.length(1);
      const both = await Promise.all([
        healEntry(stored, toolsOf(stage, entry.fault), never),
        healEntry(stored, toolsOf(stage, entry.fault), never),
      ]);
      expect(both.map(({ ok }) => ok)).to.deep.equal([true, true]);
      expect(stage.lab.hurt()).to.deep.equal([]);
      const again = await healEntry(stored, toolsOf(stage, entry.fault), never);
      expect(again, again.says).to.deep.include({ ok: true, differences: [] });
      expect(stage.lab.hurt()).to.deep.equal([]);
    });

    it(`says what differs when healing ${fault} changes nothing`, async () => {
      const { stage, entry } = await diedDuring(fault, selector, parameters);
      stage.lab.idle = true;
      const verification = await healEntry(entry, toolsOf(stage, entry.fault), AbortSignal.any([never]));
      expect(verification.ok).to.equal(false);
      expect(stage.lab.hurt()).to.have.length(1);
      expect(verification.differences.join() + verification.says).to.contain('control-1');
    });
  }

  it('refuses an entry of a fault or a version that it does not know, and touches nothing', async () => {
    const { stage, entry } = await diedDuring('node-freeze', { node: 'control-1' });
    const unknown = await healEntry({ ...entry, fault: 'meteor' }, toolsOf(stage, entry.fault), never);
    const newer = await healEntry({ ...entry, faultVersion: 99 }, toolsOf(stage, entry.fault), never);
    expect([unknown.ok, newer.ok]).to.deep.equal([false, false]);
    expect(newer.says).to.contain('newer Squall');
    expect(stage.actions).to.deep.equal([]);
  });

  it('waits for the end that the fault brings by itself, and a minute more, where nothing else heals it', async () => {
    const { stage, entry } = await diedDuring('node-freeze', { node: 'control-1' });
    stage.lab.idle = true;
    const takes = async (leftMs: number, throughApi = false): Promise<number> => {
      const { clock, ns } = stage.clock.now();
      const { lab, ...tools } = toolsOf(stage, entry.fault);
      const reached = { ...lab, abilities: { ...lab.abilities, throughApi } };
      await healEntry(
        { ...entry, expires: { clock, ns: ns + leftMs * 1e6 } },
        { ...tools, lab: reached },
        never,
      );
      return (stage.clock.now().ns - ns) / 1e6;
    };
    expect(await takes(0)).to.be.within(60_000, 62_000);
    expect(await takes(25_000)).to.be.within(85_000, 87_000);
    expect(await takes(3_600_000), 'but not for an hour').to.be.within(120_000, 122_000);
    expect(await takes(25_000, true), 'a kubelet that was cut off hears late').to.be.within(145_000, 147_000);
  });

  it('does not wait for links of a node that is off for another reason', async () => {
    const { stage, entry } = await diedDuring('network-partition', { node: 'control-1' });
    await stage.lab.abilities.power?.off('compute-1');
    expect((await healEntry(entry, toolsOf(stage, entry.fault), never)).ok).to.equal(true);
  });
});
