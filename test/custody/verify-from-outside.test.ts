import { expect } from 'chai';
import { describe, it } from 'mocha';
import { healEntry } from '../../src/chaos/index.ts';
import type { Lab, LabAbilities } from '../../src/ports/lab.ts';
import { faultStep, planOf } from '../chaos/fakes/topologies.ts';
import { setStage } from '../chaos/fakes/stage.ts';

/** A lab whose every record says that all is well while its users say otherwise. */
function lying(lab: Lab): Lab {
  const { links, power, units } = lab.abilities;
  const abilities = {
    ...lab.abilities,
    links: { ...links, rules: async () => [] },
    power: { ...power, state: async () => 'on' },
    units: { ...units, list: async () => [{ unit: 'etcd', running: true }] },
  } as unknown as LabAbilities;
  return { ...lab, abilities };
}

describe('a heal is verified from the user’s side', () => {
  const rows = ['node-power-off', 'node-freeze', 'network-partition', 'network-loss', 'service-stop'];
  for (const fault of rows) {
    it(`${fault} is not called healed by a record that says so while it hurts`, async () => {
      const stage = await setStage();
      const holding = new Promise<void>((resolve) => {
        const selector =
          fault === 'service-stop' ? { node: 'control-1', unit: 'etcd' } : { node: 'control-1' };
        const step = faultStep('step', fault, selector, { duration: { ms: 3_600_000 } });
        void stage.play(planOf([step]), {
          progress: {
            report: (event) => {
              if (event.kind === 'fault' && event.state === 'holding') resolve();
            },
          },
        });
      });
      await holding;
      const [entry] = stage.journal.open();
      if (entry === undefined) throw new Error('nothing was injected');
      stage.lab.idle = true;
      const tools = { lab: lying(stage.lab), clock: stage.clock, run: 'run-1' };
      const verification = await healEntry(entry, tools, new AbortController().signal);
      expect(verification.ok, verification.says).to.equal(false);
      expect(verification.differences).not.to.deep.equal([]);
    });
  }
});
