import { statSync } from 'node:fs';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { bringUp, hostAtFirst, keepsLab, lab, say } from './the-lab.ts';

/** A full join on an idle machine takes a quarter of it. */
const JOIN_WITHIN_S = 240;
/** Where no part of it is there yet, its programs are built first. */
const BUILT_WITHIN_S = 1800;

/** Parts and images that were there already are found in less. */
const areThere = (lines: readonly string[]): boolean =>
  lines.some((line) => /^parts: all there after [\d.]+m?s$/.test(line));

describe('the reference lab comes up', () => {
  it('from nothing, with five nodes that answer, and a kubeconfig for its owner only', async function () {
    this.timeout(BUILT_WITHIN_S * 1000);
    if (!keepsLab) {
      await lab.down(() => undefined);
      expect(hostAtFirst()['state'], 'nothing is left of an earlier lab').to.equal(false);
    }
    const { lines, seconds } = await bringUp();
    say(lines.map((line) => `        ${line}`).join('\n'));
    const limit = areThere(lines) ? JOIN_WITHIN_S : BUILT_WITHIN_S;
    expect(seconds, 'seconds until it was up').to.be.lessThan(limit);
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
