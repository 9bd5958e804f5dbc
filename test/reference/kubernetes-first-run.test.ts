import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import type { Analysis, Interval } from '../../src/model/analysis.ts';
import type { ChaosRecord, InjectionRecord } from '../../src/model/injection.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { squall } from './kill-squall.ts';
import { giveEtcdTo, holderNow, logOfEtcd, logOfKeepalived, wallOffsetNs } from './node-logs.ts';
import { differences, nodeTraces } from './node-traces.ts';
import { planInTime } from './short-plan.ts';
import { ensureUp, openCluster, say, untilWhole } from './the-lab.ts';

/** Whoever takes the address over says so, and then tells the others: a request sent in between may get either answer. */
const TAKING_OVER_MS = 100;

/** Plans are run once; each test looks at another side of what is in the run folder. */
describe('kubernetes-first-run on the reference lab', () => {
  let reports: string;
  let plans: string;
  let ran: Awaited<ReturnType<typeof squall>>;
  let holder: string;
  let whole: readonly string[];
  const read = async <T>(file: string): Promise<T> => {
    const [run] = await readdir(reports);
    return JSON.parse(await readFile(join(reports, run ?? '', file), 'utf8')) as T;
  };
  const injectionOf = async (step: string): Promise<InjectionRecord> => {
    const { injections } = await read<ChaosRecord>('chaos.json');
    const found = injections.find((injection) => injection.step === step);
    if (found === undefined) throw new Error(`Nothing was injected in ${step}.`);
    return found;
  };

  before(async () => {
    await ensureUp();
    await untilWhole(240_000);
    // So that the loss of one node costs both: the address, and the leader of etcd.
    holder = await holderNow();
    await giveEtcdTo(holder);
    whole = await nodeTraces();
    reports = await mkdtemp(join(tmpdir(), 'squall-first-run-'));
    plans = await mkdtemp(join(tmpdir(), 'squall-plan-'));
    // All cases after chaos, which is when they have most to find.
    const plan = await planInTime('kubernetes-first-run', plans, ['before']);
    ran = await squall(['run', plan, '--lab', 'reference', '--seed', '1'], { outputDir: reports });
  });
  after(async () => {
    await rm(plans, { recursive: true, force: true });
    const kept = process.env['KEEP_REPORTS'];
    if (kept === undefined) await rm(reports, { recursive: true, force: true });
    else say(`        ${reports}`);
  });

  it('passes', async () => {
    expect(ran.code, ran.says).to.equal(0);
    expect((await read<Verdict>('verdict.json')).truth).to.equal('pass');
  });

  it('verified every injection and every heal from outside', async () => {
    const { injections } = await read<ChaosRecord>('chaos.json');
    expect(injections.map(({ fault }) => fault)).to.deep.equal([
      'pod-delete',
      'node-power-off',
      'network-partition',
    ]);
    for (const { step, verified, verifiedHealed, lasts } of injections) {
      expect(verified?.ok, step).to.equal(true);
      if (lasts) expect(verifiedHealed, step).to.include({ ok: true });
    }
  });

  it('leaves nothing on the nodes and nothing in the cluster', async () => {
    await untilWhole(240_000);
    expect(differences(whole, await nodeTraces())).to.deep.equal([]);
    const cluster = await openCluster();
    try {
      const names: string[] = [];
      for (const kind of ['namespaces', 'configmaps', 'pods', 'secrets', 'services', 'serviceaccounts'])
        for (const { metadata } of (await cluster.list(`/api/v1/${kind}`)) ?? [])
          if (metadata.name.startsWith('sq-') || metadata.labels?.['squall.dev/run'] !== undefined)
            names.push(`${kind}/${metadata.name}`);
      expect(names).to.deep.equal([]);
    } finally {
      cluster.close();
    }
  });

  it('tells the loss of the address holder as keepalived and etcd tell it', async () => {
    const { injected, targets, healed } = await injectionOf('power-off-the-address-holder');
    expect(targets.map(({ node }) => node)).to.deep.equal([holder]);
    if (injected === undefined || healed === undefined) throw new Error('It was not injected and healed.');
    const offsetNs = wallOffsetNs();
    const wall = (ns: number): number => (ns + offsetNs) / 1e6;
    const during = (atMs: number): boolean =>
      atMs > wall(injected.earliestNs) && atMs < wall(healed.latestNs);
    const others = ['control-1', 'control-2', 'control-3'].filter((node) => node !== holder);

    const taken = (await logOfKeepalived(others)).filter(
      ({ atMs, says }) => during(atMs) && / MASTER STATE/.test(says),
    );
    expect(taken, 'one of the others took the address over, once').to.have.length(1);
    const address = await outageOf('address', injected.earliestNs);
    // What nobody answers any more is not felt before it was injected.
    expect(address.start.latestNs).to.be.greaterThan(injected.earliestNs);
    const [from, to] = [wall(address.end.earliestNs), wall(address.end.latestNs)];
    const atMs = taken[0]?.atMs ?? 0;
    expect(atMs + TAKING_OVER_MS, 'the address was still gone just before').to.be.greaterThan(from);
    expect(atMs, 'and had been taken when it answered again').to.be.lessThan(to);

    const elected = (await logOfEtcd(others)).filter(
      ({ atMs: at, says }) => during(at) && says.includes('became leader'),
    );
    expect(elected.length, 'another member of etcd leads').to.be.greaterThan(0);
    const write = await outageOf('kubernetes-write', injected.earliestNs);
    const electedMs = elected.at(-1)?.atMs ?? 0;
    expect(electedMs, 'nobody wrote before etcd had a leader').to.be.lessThan(wall(write.end.latestNs));
    expect(electedMs, 'the leader was lost with the node').to.be.greaterThan(wall(write.start.earliestNs));
    say(
      `        address: back ${from.toFixed(0)} to ${to.toFixed(0)}, taken over at ${atMs.toFixed(0)}; ` +
        `writes: back ${wall(write.end.earliestNs).toFixed(0)} to ${wall(write.end.latestNs).toFixed(0)}, elected at ${electedMs.toFixed(0)}`,
    );
  });

  it('saw from each node how the others are reached, and which of its own pods were away', async () => {
    const { probes } = await read<Analysis>('analysis.json');
    const parts = probes.filter(({ part }) => part?.of === 'pods');
    const ways = parts.filter(({ part }) => part?.from !== undefined);
    expect([parts.length, ways.length]).to.deep.equal([25, 20]);
    const touches = ({ part }: (typeof ways)[number]): boolean =>
      part?.from === holder || part?.to === holder;
    // Its power was off: its pod did not answer, and of its ways nothing is said meanwhile.
    expect(parts.find(({ part }) => part?.from === undefined && part?.to === holder)?.outages).to.be.above(0);
    for (const way of ways.filter(touches)) expect(way.awayRatio, way.probe).to.be.above(0.02);
    for (const way of ways) {
      expect(way.samples, way.probe).to.be.above(50);
      expect(way.unseenRatio, way.probe).to.be.below(0.02);
    }
    const figures = ways.map(({ probe, longestOutage: { min, max } }) => `${probe} ${min}..${max}`);
    say(`        longest outage of each way, in ms: ${figures.join(', ')}`);
  });

  async function outageOf(probe: string, fromNs: number): Promise<Interval> {
    const { probes } = await read<Analysis>('analysis.json');
    const intervals = probes.find((each) => each.probe === probe)?.intervals ?? [];
    const found = intervals.find(({ state, end }) => state === 'down' && end.latestNs > fromNs);
    if (found === undefined) throw new Error(`${probe} was not down.`);
    return found;
  }
});
