import { expect } from 'chai';
import { describe, it } from 'mocha';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { Soonest } from '../../src/conformance/eventually.ts';
import { createMaker } from '../../src/conformance/maker.ts';
import { milliseconds } from '../../src/model/duration.ts';
import { cloudInMemory, type Asked } from './cloud-in-memory.ts';

function makerOf(answer: (asked: Asked) => { status: number; body?: unknown }) {
  const asked: Asked[] = [];
  const cloud = (user: string) => cloudInMemory(answer, { user }, asked).api;
  const no = () => {
    throw new Error('There is no Kubernetes here.');
  };
  const made = createMaker({
    run: 'r1',
    createdBy: 'a case',
    clock: createSystemClock(),
    soonest: new Soonest(),
    patience: milliseconds(50),
    kubernetes: no,
    openstack: () => cloud('member'),
    cleaning: { kubernetes: no, openstack: () => cloud('member'), administrator: () => cloud('admin') },
    ledger: { creating: () => undefined, created: () => undefined, deleted: () => undefined },
  });
  return { ...made, asked, told: () => asked.map(({ who, method, path }) => `${who} ${method} ${path}`) };
}

const creates = ({ method }: Asked) =>
  method === 'POST' ? { status: 201, body: { router: { id: '1' } } } : { status: 204 };

describe('what a case makes', () => {
  it('is taken away after what was to be undone, the last first', async () => {
    const { maker, takeAway, told } = makerOf(creates);
    const router = { type: 'network', path: '/routers', key: 'router', body: { name: 'sq-r1-a' } } as const;
    await maker.resource(router);
    maker.undone((openstack) => openstack.service('network').request({ method: 'PUT', path: '/unplug' }));
    maker.undone(
      (openstack) => openstack.service('network').request({ method: 'PUT', path: '/free' }),
      'administrator',
    );
    await takeAway();
    expect(told()).to.deep.equal([
      'member POST /routers',
      'admin PUT /free',
      'member PUT /unplug',
      'member DELETE /routers/1',
    ]);
  });

  it('is made by one user and taken away by another where that is asked for', async () => {
    const { maker, takeAway, told, asked } = makerOf(creates);
    const other = cloudInMemory(creates, { user: 'other' }, asked).api;
    const order = {
      type: 'network',
      path: '/routers',
      key: 'router',
      as: other,
      by: 'administrator',
    } as const;
    await maker.resource({ ...order, body: { name: 'sq-r1-a' } });
    await takeAway();
    expect(told()).to.deep.equal(['other POST /routers', 'admin DELETE /routers/1']);
  });

  it('has its name for a description where the service gives it none', async () => {
    const { maker, asked } = makerOf(() => ({ status: 201, body: { floatingip: { id: '1' } } }));
    const order = { type: 'network', path: '/floatingips', key: 'floatingip', nameless: true } as const;
    await maker.resource({ ...order, body: { name: 'sq-r1-a' } });
    expect(asked[0]?.body).to.deep.equal({ floatingip: { description: 'sq-r1-a' } });
  });

  it('is deleted with its name in the URL where it is a stack', async () => {
    const { maker, takeAway, told, asked } = makerOf(({ method }) =>
      method === 'POST'
        ? { status: 201, body: { stack: { id: '7' } } }
        : { status: 200, body: { stack: { stack_status: 'DELETE_COMPLETE' } } },
    );
    const order = { type: 'orchestration', path: '/stacks', key: 'stack' } as const;
    await maker.resource({ ...order, body: { name: 'sq-r1-a', template: {} } });
    expect(asked[0]?.body).to.deep.equal({ stack_name: 'sq-r1-a', template: {} });
    await takeAway();
    expect(told().slice(1)).to.deep.equal([
      'member DELETE /stacks/sq-r1-a/7',
      'member GET /stacks/sq-r1-a/7',
    ]);
  });
});
