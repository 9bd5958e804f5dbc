import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Service, TopologyNode } from '../../src/model/topology.ts';
import { findOwnPath } from '../../src/topology/own-path.ts';

const node = (name: string, address: string): TopologyNode => ({
  name,
  system: 'kubernetes',
  roles: [],
  labels: {},
  addresses: [address],
  units: [],
});
const keepalived = { id: 'kubernetes/node/keepalived', service: 'keepalived', unit: 'keepalived' } as Service;
const around = {
  nodes: [node('control-1', '10.0.0.1'), node('control-2', '10.0.0.2')],
  services: [keepalived],
  pods: [],
  leases: [],
};
const outside = { host: 'elsewhere', addresses: ['192.0.2.7'] };
const holders = [
  { what: 'kube-scheduler', node: 'control-1' },
  { what: 'api-address', node: 'control-2' },
];

describe('the path that Squall stands on', () => {
  it('has the holder of an address that moves where nodes are reached through the API alone', () => {
    const found = findOwnPath(outside, 'https://10.0.0.10:6443', { ...around, holders });
    expect(found).to.deep.equal([
      {
        node: 'control-2',
        service: 'kubernetes/node/keepalived',
        says: 'Squall reaches the nodes through the API, whose address control-2 holds',
      },
    ]);
  });

  it('does not where there is another way to the nodes', () => {
    expect(findOwnPath(outside, 'https://10.0.0.10:6443', around)).to.deep.equal([]);
  });
});
