import { expect } from 'chai';
import { describe, it } from 'mocha';
import { lacksOfServices } from '../../../src/labs/reference/cloud/services-up.ts';

type Row = Readonly<Record<string, unknown>>;
type Lists = Readonly<Record<'compute' | 'block-storage' | 'network', readonly Row[]>>;

const up = (binary: string, host: string): Row => ({ binary, host, state: 'up' });
const agent = (host: string, alive = true): Row => ({ agent_type: 'L3 agent', host, alive });

const WHOLE: Lists = {
  compute: [
    up('nova-conductor', 'a'),
    up('nova-scheduler', 'b'),
    up('nova-compute', 'compute-1'),
    up('nova-compute', 'compute-2'),
  ],
  'block-storage': [up('cinder-scheduler', 'c'), up('cinder-volume', 'cinder-volume@files')],
  network: [agent('compute-1'), agent('compute-2')],
};

const lacks = (lists: Partial<Lists>): Promise<string | undefined> =>
  lacksOfServices(
    { listAll: async (type) => ({ ...WHOLE, ...lists })[type as keyof Lists] },
    new AbortController().signal,
  );

describe('the services of the cloud of the reference lab', () => {
  it('have all reported when each binary has one that is up, and each compute node its own', async () => {
    expect(await lacks({})).to.equal(undefined);
    const gone = { ...up('nova-conductor', 'a pod that is gone'), state: 'down' };
    expect(await lacks({ compute: [...WHOLE.compute, gone] })).to.equal(undefined);
  });

  it('lack the compute service of a node that is down, or that nobody knows yet', async () => {
    const compute = WHOLE.compute.filter(({ host }) => host !== 'compute-2');
    const says = 'nova-compute on compute-2 has not reported';
    expect(await lacks({ compute })).to.equal(says);
    const down = { ...up('nova-compute', 'compute-2'), state: 'down' };
    expect(await lacks({ compute: [...compute, down] })).to.equal(says);
  });

  it('lack a binary of which none is up', async () => {
    expect(await lacks({ 'block-storage': [up('cinder-scheduler', 'c')] })).to.equal(
      'no cinder-volume has reported',
    );
  });

  it('lack an agent that is not alive', async () => {
    const network = [agent('compute-1'), agent('compute-2', false)];
    expect(await lacks({ network })).to.equal('an agent of Neutron on compute-2 has not reported');
  });
});
