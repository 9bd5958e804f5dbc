import { expect } from 'chai';
import { describe, it } from 'mocha';
import { bindTargets } from '../../src/chaos/bind-targets.ts';
import { HarnessError } from '../../src/model/errors.ts';
import { NODES, reference } from './fakes/topologies.ts';

describe('bindTargets', () => {
  const topology = reference();

  it('makes a pod this very pod and a node this very node', () => {
    const service = 'cluster/openstack/mariadb';
    const { targets } = bindTargets(
      {
        id: 'x',
        targets: [
          { subject: 'pod', service, rank: 1 },
          { subject: 'node', node: 'compute-1' },
        ],
        from: [],
      },
      topology,
    );
    expect(targets[0]).to.include({
      name: 'mariadb-1',
      namespace: 'openstack',
      uid: 'uid-mariadb-1',
      node: 'control-2',
    });
    expect(targets[1]).to.include({ name: 'compute-1', uid: 'uid-compute-1' });
  });

  it('finds who holds a moving role now, and cuts that node from all others', () => {
    const moved = {
      ...topology,
      live: { ...topology.live, holders: [{ what: 'api-address', node: 'control-2' }] },
    };
    const { targets, from } = bindTargets(
      { id: 'x', targets: [{ subject: 'link', holderOf: 'api-address' }], from: [] },
      moved,
    );
    expect(targets.map(({ node }) => node)).to.deep.equal(['control-2']);
    expect(from.map(({ node }) => node).sort()).to.deep.equal(
      NODES.filter((node) => node !== 'control-2').sort(),
    );
  });

  const rows = [
    { title: 'a role that nobody holds', target: { subject: 'node' as const, holderOf: 'leader' } },
    {
      title: 'a pod that does not run',
      target: { subject: 'pod' as const, service: 'cluster/openstack/mariadb', rank: 7 },
    },
    { title: 'a node that is not there', target: { subject: 'node' as const, node: 'control-9' } },
  ];
  for (const { title, target } of rows) {
    it(`refuses ${title}`, () => {
      expect(() => bindTargets({ id: 'x', targets: [target], from: [] }, topology))
        .to.throw(HarnessError)
        .with.property('code', 'SQ_TARGET_NONE');
    });
  }
});
