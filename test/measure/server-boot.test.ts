import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createLedger, sweep, takeAway } from '../../src/custody/index.ts';
import { createAsker } from '../../src/measure/create-asker.ts';
import type { Asker } from '../../src/measure/probe-line.ts';
import { serverBoot, slotsFor } from '../../src/measure/probes/server-boot.ts';
import type { LedgerEntry } from '../../src/model/conformance.ts';
import { milliseconds } from '../../src/model/duration.ts';
import { OWNER_KEY } from '../../src/model/own-marks.ts';
import type { FailurePhase } from '../../src/model/observation.ts';
import type { OpenStackApi } from '../../src/ports/openstack.ts';
import { wireAccess, type ProbeAssignment, type Question, type WireAccess } from '../../src/ports/prober.ts';
import { startModelCloud, type ModelCloud } from '../rehearsal/openstack/model-cloud.ts';
import { clientOf, clock, layAll, toolsFor } from './model-tools.ts';
import { spec } from './sample-series.ts';

const boot = spec({
  name: 'boot',
  probe: 'server-boot',
  endpoint: 'nova',
  every: milliseconds(2000),
  timeout: milliseconds(4000),
});
const never = new AbortController().signal;

interface Result {
  readonly failure: FailurePhase | undefined;
  readonly status: number;
}

describe('a server as a sample', function () {
  this.timeout(20_000);
  let cloud: ModelCloud;
  let openstack: OpenStackApi;
  let asker: Asker<WireAccess>;
  let part: ProbeAssignment;
  const acts: string[] = [];

  beforeEach(async () => {
    acts.length = 0;
    cloud = await startModelCloud();
    openstack = await clientOf(cloud, 'demo');
  });
  afterEach(async () => {
    await asker.close();
    await cloud.stop();
  });

  const open = async (changed: Partial<Extract<Question, { kind: 'boot' }>> = {}): Promise<void> => {
    const [laid] = await layAll(boot, toolsFor(openstack, acts));
    if (laid?.question.kind !== 'boot') throw new Error('It is no boot.');
    part = { ...laid, question: { ...laid.question, lookEvery: milliseconds(30), ...changed } };
    asker = createAsker({ ...part, access: wireAccess(part.access) }, clock);
  };
  const ask = (n: number): { readonly result: Promise<Result>; readonly giveUp: () => FailurePhase } => {
    let giveUp = (): FailurePhase => 'harness';
    const result = new Promise<Result>((resolve) => {
      const asking = asker.ask({ n, finish: (failure, status) => resolve({ failure, status }) });
      giveUp = () => asking.giveUp();
    });
    return { result, giveUp };
  };
  const namesThere = async (): Promise<readonly unknown[]> =>
    (await openstack.listAll('compute', '/servers', 'servers')).map(({ name }) => name);
  const until = async (look: () => Promise<boolean>): Promise<void> => {
    while (!(await look())) await clock.sleep(milliseconds(20));
  };

  it('is made, up and gone again, plugged into its port and marked as the run’s', async () => {
    cloud.startCompute('compute-1');
    await clock.sleep(milliseconds(100));
    await open();
    expect(await ask(0).result).to.deep.equal({ failure: undefined, status: 202 });
    expect(await namesThere()).to.deep.equal([]);
    const { slots } = part.question as Extract<Question, { kind: 'boot' }>;
    const order = JSON.parse(slots[1]?.order ?? '') as { server: Record<string, unknown> };
    expect(order.server).to.deep.include({ name: 'sq-r-7-boot-1', metadata: { [OWNER_KEY]: 'r-7' } });
    const ports = await openstack.listAll('network', '/ports', 'ports');
    expect(order.server['networks']).to.deep.equal([
      { port: ports.find(({ name }) => name === 'sq-r-7-boot-1')?.['id'] },
    ]);
    expect(slots[1]).not.to.have.property('answersAt');
  });

  it('says that it was not built, not up or not gone, and leaves nothing behind', async () => {
    await open();
    expect((await ask(0).result).failure, 'there is no host').to.equal('active');
    await until(async () => (await namesThere()).length === 0);
    await openstack.service('network').request({ method: 'GET', path: '/networks' });
    const [first] = (part.question as Extract<Question, { kind: 'boot' }>).slots;
    await asker.close();
    await open({ slots: [{ name: first?.name ?? '', order: '{"server":{"name":"sq-r-7-boot-0"}}' }] });
    expect(await ask(0).result, 'the order is refused').to.deep.equal({ failure: 'build', status: 400 });
  });

  it('is given up in the phase that it is in, and taken away then', async () => {
    const stop = cloud.startCompute('compute-1');
    await clock.sleep(milliseconds(100));
    stop();
    await open();
    const { giveUp } = ask(0);
    await until(async () => (await namesThere()).length === 1);
    await clock.sleep(milliseconds(100));
    expect(giveUp()).to.equal('active');
    // The next nova-compute of that host finds its deletion.
    cloud.startCompute('compute-1');
    await until(async () => (await namesThere()).length === 0);
  });

  it('has its slot emptied first of what an earlier prober left there', async () => {
    cloud.startCompute('compute-1');
    await clock.sleep(milliseconds(100));
    await open();
    const { slots } = part.question as Extract<Question, { kind: 'boot' }>;
    const body = JSON.parse(slots[0]?.order ?? '') as object;
    await openstack.service('compute').request({ method: 'POST', path: '/servers', body });
    const { length } = cloud.requests;
    expect((await ask(0).result).failure).to.equal(undefined);
    const told = cloud.requests.slice(length).filter((line) => !line.startsWith('GET'));
    expect(told[0]).to.match(/^DELETE nova/);
    expect(told.filter((line) => line.startsWith('POST'))).to.have.length(1);
    expect(await namesThere()).to.deep.equal([]);
  });

  it('is asked itself where servers answer, and is no good sample before it does', async () => {
    cloud.startCompute('compute-1');
    await clock.sleep(milliseconds(100));
    let asked = 0;
    const guest: Server = createServer((_request, response) => {
      asked += 1;
      response.writeHead(asked < 4 ? 503 : 200).end();
    });
    await new Promise<void>((resolve) => guest.listen(0, '127.0.0.1', resolve));
    const answersAt = `http://127.0.0.1:${(guest.address() as AddressInfo).port}/`;
    try {
      await open();
      const { slots } = part.question as Extract<Question, { kind: 'boot' }>;
      await open({ slots: slots.map((slot) => ({ ...slot, answersAt })) });
      expect((await ask(0).result).failure).to.equal(undefined);
      expect(asked).to.equal(4);
      asked = -1000;
      const { giveUp } = ask(1);
      await until(() => Promise.resolve(asked > -999));
      expect(giveUp()).to.equal('answers');
    } finally {
      guest.closeAllConnections();
      guest.close();
    }
  });

  it('has all that it may leave in the ledger before, so that whoever sweeps after a dead prober leaves nothing', async () => {
    cloud.startCompute('compute-1');
    await clock.sleep(milliseconds(100));
    const ledger = createLedger({ append: () => undefined });
    const made: string[] = [];
    const tools = {
      ...toolsFor(openstack),
      note: (entry: LedgerEntry) => {
        ledger.creating(entry);
        made.push(`${cloud.requests.filter((line) => line.startsWith('POST n')).length} ${entry.name}`);
        return Promise.resolve();
      },
    };
    const before = cloud.requests.length;
    [part] = (await layAll(boot, tools)) as [ProbeAssignment];
    // Each was noted when no more had been made than were noted before it.
    for (const [index, line] of made.entries()) expect(Number(line.split(' ')[0])).to.be.at.most(index);
    asker = createAsker({ ...part, access: wireAccess(part.access) }, clock);
    ask(0);
    ask(1);
    await until(async () => (await namesThere()).length === 2);
    expect(cloud.requests.slice(before).join('\n')).to.match(/POST neutron \/v2.0\/ports/);
    // Nobody closes the asker: this is what a killed prober leaves.
    const leftovers = await sweep(ledger, { openstack }, clock);
    expect(leftovers.filter(({ swept }) => !swept)).to.deep.equal([]);
    expect(leftovers.map(({ entry }) => entry.collection)).to.include.members([
      'compute:/servers',
      'network:/ports',
      'network:/networks',
    ]);
    expect(await namesThere()).to.deep.equal([]);
    for (const key of ['networks', 'subnets', 'ports'])
      expect((await openstack.listAll('network', `/${key}`, key)).filter(isOurs), key).to.deep.equal([]);
  });

  it('is put away with all that it was plugged into at the end of a run, which is no leftover then', async () => {
    cloud.startCompute('compute-1');
    await clock.sleep(milliseconds(100));
    const ledger = createLedger({ append: () => undefined });
    const note = (entry: LedgerEntry): Promise<void> => Promise.resolve(ledger.creating(entry));
    const other = { system: 'openstack', collection: 'network:/networks', name: 'sq-r-7-other' } as const;
    await openstack.service('network').request({
      method: 'POST',
      path: '/networks',
      body: { network: { name: other.name } },
    });
    [part] = (await layAll(boot, { ...toolsFor(openstack), note })) as [ProbeAssignment];
    asker = createAsker({ ...part, access: wireAccess(part.access) }, clock);
    ledger.creating({ ...other, createdBy: 'case x' });
    const { giveUp } = ask(0);
    await until(async () => (await namesThere()).length === 1);
    giveUp();
    await takeAway(ledger, ['probe boot'], { openstack }, clock, AbortSignal.timeout(8000));
    expect(ledger.outstanding().map(({ name }) => name)).to.deep.equal([other.name]);
    ledger.deleted({ ...other, createdBy: 'case x' });
    await openstack.service('network').request({
      method: 'DELETE',
      path: `/networks/${String((await openstack.listAll('network', '/networks', 'networks')).find(isOurs)?.['id'])}`,
    });
    expect(await sweep(ledger, { openstack }, clock)).to.deep.equal([]);
    expect(await namesThere()).to.deep.equal([]);
  });
});

const isOurs = ({ name }: Readonly<Record<string, unknown>>): boolean => String(name).startsWith('sq-');

describe('the slots of a boot canary', () => {
  const periods = fc.record({
    every: fc.integer({ min: 50, max: 120_000 }).map(milliseconds),
    timeout: fc.integer({ min: 50, max: 600_000 }).map(milliseconds),
  });

  it('are one for each sample that may be under way, all in the ledger, or the plan is refused', async () => {
    await fc.assert(
      fc.asyncProperty(periods, async (times) => {
        const one = { ...boot, ...times };
        const names = serverBoot.mayCreate?.(one, 'r-7').map(({ name }) => name) ?? [];
        expect(new Set(names).size).to.equal(names.length);
        const underWay = Math.floor(times.timeout.ms / times.every.ms) + 1;
        const tools = { openstack: emptyCloud, topology: toolsFor(emptyCloud).topology };
        const refusal: unknown = await serverBoot.ground
          ?.check?.(one, tools, never)
          .catch((error: unknown) => error);
        const tooMany = String(refusal).includes('servers at once');
        expect(tooMany).to.equal(slotsFor(one) > 8);
        if (!tooMany) expect(names.length).to.be.at.least(underWay);
      }),
      { numRuns: 200 },
    );
  });
});

const emptyCloud = { cloud: 'empty', listAll: () => Promise.resolve([]) } as unknown as OpenStackApi;
