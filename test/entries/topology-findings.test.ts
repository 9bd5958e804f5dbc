import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { nothingCouldBeAsked } from '../../src/entries/look-at-access.ts';
import { topologyFindings } from '../../src/entries/topology-findings.ts';
import { ACCESS_FAMILIES } from '../../src/labs/existing/needed-access.ts';
import { parseTopologyFile } from '../../src/topology/index.ts';

const FILE = 'chaos-plans/rehearsal.topology.json';

describe('what squall doctor says of a cluster', () => {
  const topology = parseTopologyFile(readFileSync(FILE, 'utf8'), FILE);
  const says = (check: string): string | undefined =>
    topologyFindings(topology).find((row) => row.check === check)?.says;

  it('names who has each role that a selector may name, and the units', () => {
    expect(says('role database')).to.equal('mariadb');
    expect(says('role api')).to.match(/^cinder, glance, keystone, /);
    expect(says('role compute')).to.equal('compute-1, compute-2');
    expect(says('role api-address-holder')).to.match(/^control-\d now$/);
    expect(says('units')).to.match(/^containerd, etcd, keepalived, /);
  });

  it('names each timer with where it was read', () => {
    expect(says('timer etcd-election-timeout')).to.equal('600ms: --election-timeout of etcd in kube-system');
  });

  it('says once, and not for each use, that nothing could be asked', () => {
    const silent = ACCESS_FAMILIES.map((family) => ({
      family,
      rules: [{ about: 'pods', refused: [], unknown: 'no answer' }],
    }));
    expect(nothingCouldBeAsked(silent)).to.have.lengthOf(1);
    expect(
      nothingCouldBeAsked([
        ...silent.slice(1),
        { family: silent[0]!.family, rules: [{ about: 'pods', refused: [] }] },
      ]),
    ).to.equal(undefined);
    expect(nothingCouldBeAsked([])).to.equal(undefined);
  });
});
