import { statSync } from 'node:fs';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { bringUp, hostAtFirst, keepsLab, lab, say } from './the-lab.ts';

/** A full join on an idle machine takes half of it; builds of CI run beside it. */
const JOIN_WITHIN_S = 240;

describe('the reference lab comes up', () => {
  it('from nothing, with five nodes that answer, and a kubeconfig for its owner only', async () => {
    if (!keepsLab) {
      await lab.down(() => undefined);
      expect(hostAtFirst()['state'], 'nothing is left of an earlier lab').to.equal(false);
    }
    const { lines, seconds } = await bringUp();
    say(lines.map((line) => `        ${line}`).join('\n'));
    expect(seconds, 'seconds until it was up').to.be.lessThan(JOIN_WITHIN_S);
    const { state, nodes } = await lab.status();
    expect(state).to.equal('up');
    expect(nodes.map(({ name, power }) => `${name} ${power}`)).to.deep.equal([
      'control-1 on',
      'control-2 on',
      'control-3 on',
      'compute-1 on',
      'compute-2 on',
    ]);
    for (const { name } of nodes) expect(await lab.abilities.look?.(name, { ms: 2000 })).to.equal('answers');
    const { kubeconfig = '' } = await lab.connection();
    expect(statSync(kubeconfig).mode & 0o777).to.equal(0o600);
  });
});
