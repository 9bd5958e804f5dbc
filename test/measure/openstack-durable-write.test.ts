import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { durabilityOf } from '../../src/analysis/durability.ts';
import { createAsker } from '../../src/measure/create-asker.ts';
import { readWritesBack } from '../../src/measure/index.ts';
import { openstackDurableWrite } from '../../src/measure/probes/openstack-durable-write.ts';
import type { Asker } from '../../src/measure/probe-line.ts';
import type { Durability } from '../../src/model/analysis.ts';
import { milliseconds } from '../../src/model/duration.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { FailurePhase, Sample } from '../../src/model/observation.ts';
import type { OpenStackApi } from '../../src/ports/openstack.ts';
import { wireAccess, type WireAccess } from '../../src/ports/prober.ts';
import { durability } from '../../src/verdict/objectives/durability.ts';
import { startModelCloud, type ModelCloud } from '../rehearsal/openstack/model-cloud.ts';
import { clientOf, clock, layAll, toolsFor } from './model-tools.ts';
import { sample, seriesOf, spec } from './sample-series.ts';

const writer = spec({
  name: 'writer',
  probe: 'openstack-durable-write',
  endpoint: 'neutron',
  every: milliseconds(10),
  timeout: milliseconds(500),
  parameters: { writes: 120 },
});

describe('a probe that remembers what a cloud acknowledged', function () {
  this.timeout(20_000);
  let cloud: ModelCloud;
  let openstack: OpenStackApi;
  let asker: Asker<WireAccess>;
  const acts: string[] = [];
  const samples: Sample[] = [];

  beforeEach(async () => {
    acts.length = 0;
    samples.length = 0;
    cloud = await startModelCloud();
    openstack = await clientOf(cloud, 'demo');
    const [part] = await layAll(writer, toolsFor(openstack, acts));
    if (part === undefined) throw new Error('Nothing was laid.');
    expect(part.spec.name, 'is handed new tokens under its own name').to.equal('writer');
    asker = createAsker({ ...part, access: wireAccess(part.access) }, clock);
  });
  afterEach(async () => {
    await asker.close();
    await cloud.stop();
  });

  const write = (n: number): Promise<FailurePhase | undefined> =>
    new Promise((resolve) => {
      const finish = (phase: FailurePhase | undefined): void => {
        const outcome = phase === undefined ? 'ok' : phase === 'harness' ? 'unknown' : 'failed';
        samples.push(sample(n, { outcome, ...(phase === undefined ? {} : { phase }) }));
        resolve(phase);
      };
      const asking = asker.ask({ n, finish });
      void clock.sleep(milliseconds(3000)).then(() => asking.giveUp());
    });
  /** Takes a tag out of the database, or puts one in, behind the back of its users. */
  const tamper = async (
    slot: number,
    change: (tags: readonly string[]) => readonly string[],
  ): Promise<void> => {
    for (const key of cloud.store.keys) {
      const row = (await cloud.store.get(key))?.value as { name?: string; tags?: readonly string[] };
      if (row.name === `sq-r-7-writer-${slot}`)
        await cloud.store.put(key, { ...row, tags: change(row.tags ?? []) }, 'any');
    }
  };
  const judged = async (): Promise<Durability | undefined> => {
    const tools = { openstack, clock, run: 'r-7' };
    const writes = await readWritesBack([writer], tools, AbortSignal.timeout(5000));
    const series = [seriesOf(samples, 1000, { name: 'writer' })];
    return durabilityOf({ writes, series } as unknown as Evidence).durability?.[0];
  };

  it('finds every write that was acknowledged, on the network of its slot', async () => {
    for (let n = 0; n < 10; n++) expect(await write(n)).to.equal(undefined);
    expect(await judged()).to.include({ acknowledged: 10, unread: 0, indefinite: 0 });
    expect((await judged())?.lost).to.deep.equal([]);
    const networks = await openstack.listAll('network', '/networks', 'networks');
    const tagsOf = (slot: number): unknown =>
      networks.find(({ name }) => name === `sq-r-7-writer-${slot}`)?.['tags'];
    expect(tagsOf(1)).to.deep.equal(['tried', 'sample-1', 'sample-4', 'sample-7']);
    expect(acts.filter((act) => act.startsWith('network:/networks'))).to.have.length(3);
    expect(openstackDurableWrite.mayCreate?.(writer, 'r-7')).to.have.length(3);
  });

  it('reports the one that the cloud acknowledged and lost, and no other, and the objective fails', async () => {
    for (let n = 0; n < 10; n++) await write(n);
    await tamper(1, (tags) => tags.filter((tag) => tag !== 'sample-4'));
    const found = await judged();
    expect(found?.lost).to.deep.equal([4]);
    const objective = { name: 'durability', objective: 'durability', parameters: {} };
    const judgement = durability.judge({} as never, { durability: [found] } as never, objective);
    expect(judgement).to.have.property('truth', 'fail');
  });

  it('lets one without an answer be there or not, and counts none that was never sent', async () => {
    for (let n = 0; n < 6; n++) await write(n);
    samples.push(
      sample(6, { outcome: 'failed', phase: 'wait' }),
      sample(7, { outcome: 'failed', phase: 'status', status: 503 }),
      sample(8, { outcome: 'failed', phase: 'connect' }),
    );
    await tamper(0, (tags) => [...tags, 'sample-6']);
    const found = await judged();
    expect(found).to.include({ acknowledged: 6, indefinite: 2, indefiniteFound: 1 });
    expect(found?.lost).to.deep.equal([]);
  });

  it('calls what cannot be read unread, not lost', async () => {
    for (let n = 0; n < 4; n++) await write(n);
    const deaf = { ...openstack, listAll: () => Promise.reject(new Error('no answer')) };
    const quick = { ...clock, now: () => ({ clock: clock.id, ns: (ns += 30e9) }) };
    let ns = 0;
    const tools = { openstack: deaf, clock: quick, run: 'r-7' };
    const [back] = await readWritesBack([writer], tools, AbortSignal.timeout(5000));
    expect(back?.slots.map(({ trouble }) => trouble)).to.deep.equal(['no answer', 'no answer', 'no answer']);
    const [without] = await readWritesBack([writer], { clock, run: 'r-7' }, AbortSignal.timeout(5000));
    expect(without?.slots[0]?.trouble).to.include('there is none');
  });

  it('does not ask for more than there is room for, and calls that unseen', async () => {
    expect(await write(146)).to.equal(undefined);
    const { length } = cloud.requests;
    expect(await write(147)).to.equal('harness');
    expect(cloud.requests).to.have.length(length);
  });
});
