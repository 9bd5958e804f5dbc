import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { entryPath } from '../../../src/adapters/system/entry-path.ts';
import { createSystemChance } from '../../../src/adapters/system/system-chance.ts';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';
import { createRehearsalLab } from '../../../src/labs/rehearsal/rehearsal-lab.ts';
import { PRESSURE_KINDS } from '../../../src/model/abilities.ts';
import { abilitiesOf } from '../../../src/ports/lab.ts';
import type { Lab } from '../../../src/ports/lab.ts';
import type { LabLayout, LabPorts } from '../../../src/rehearsal/lab-layout.ts';
import { readTruth } from '../../../src/rehearsal/truth/index.ts';
import type { TruthInterval } from '../../../src/rehearsal/truth/index.ts';
import { askOnce, watchFromOutside } from './outside-client.ts';
import type { Observation } from './outside-client.ts';

const QUIET = (): void => undefined;

interface Item {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly nodeName?: string; readonly holderIdentity?: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

describe('the rehearsal', function () {
  this.timeout(30_000);
  const home = mkdtempSync(join(tmpdir(), 'squall-rehearsal-'));
  const folder = join(home, 'lab');
  /** Every use may be by another process, which knows nothing but the folder. */
  const fresh = (): Lab =>
    createRehearsalLab({
      stateFolder: folder,
      clock: createSystemClock(),
      chance: createSystemChance(),
      entryPath,
    });
  const lab = fresh();
  const { power, links, units, look } = lab.abilities;
  let ports: LabPorts;
  let layout: LabLayout;

  const kube = async (path: string): Promise<readonly Item[]> => {
    const headers = { authorization: `Bearer ${layout.adminToken}` };
    const { body, well } = await askOnce(ports.fronts.kubernetes, path, 3000, headers);
    return well ? (JSON.parse(body) as { items: readonly Item[] }).items : [];
  };
  const until = async (what: string, holds: () => Promise<boolean>, seconds = 15): Promise<void> => {
    const endMs = performance.now() + seconds * 1000;
    while (!(await holds())) {
      if (performance.now() > endMs) throw new Error(`It did not come to this in ${seconds} s: ${what}.`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const holder = async (): Promise<string> => {
    const leases = await kube('/apis/coordination.k8s.io/v1/namespaces/kube-system/leases');
    return leases.find(({ metadata }) => metadata.name === 'api-address')?.spec.holderIdentity ?? '';
  };
  const isReady = ({ status }: Item): boolean =>
    status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
  const allReady = async (): Promise<boolean> => {
    const [nodes, pods] = await Promise.all([kube('/api/v1/nodes'), kube('/api/v1/pods')]);
    return nodes.length === 5 && pods.length > 0 && [...nodes, ...pods].every(isReady);
  };
  const pids = (): readonly number[] =>
    readdirSync(join(folder, 'processes')).map(
      (name) => (JSON.parse(readFileSync(join(folder, 'processes', name), 'utf8')) as { pid: number }).pid,
    );
  const lives = (pid: number): boolean =>
    existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);

  before(async () => {
    await lab.up(QUIET, AbortSignal.timeout(25_000));
    ports = JSON.parse(readFileSync(join(folder, 'ports.json'), 'utf8')) as LabPorts;
    layout = JSON.parse(readFileSync(join(folder, 'lab.json'), 'utf8')) as LabLayout;
  });

  after(async () => {
    await fresh().down(QUIET);
    rmSync(home, { recursive: true, force: true });
  });

  it('is up with five nodes, all abilities, and files that only their owner may read', async () => {
    const { state, nodes, connection } = await fresh().status();
    expect(state).to.equal('up');
    expect(nodes.map(({ name, power: is }) => `${name} ${is}`))
      .to.have.length(5)
      .and.include('compute-2 on');
    expect(abilitiesOf(lab, connection)).to.have.members([
      'kubernetes',
      'openstack',
      'power',
      'freeze',
      'links',
      'link-loss',
      'link-delay',
      'units',
    ]);
    expect((await lab.missing()).map(({ ability }) => ability)).to.deep.equal([
      'whole-kubernetes',
      'whole-openstack',
      'guests',
      'test-image',
      'link-limit',
      'containers',
      'container-freeze',
      ...PRESSURE_KINDS.map((kind) => `pressure-${kind}`),
      'node-clock',
    ]);
    for (const file of [connection.kubeconfig, connection.cloudsYaml])
      expect(statSync(file ?? '').mode & 0o777).to.equal(0o600);
    expect(await allReady()).to.equal(true);
    expect(lab.disclosures[0]).to.match(/rehearsal: a model/);
  });

  it('replaces a pod that was deleted, whose replica stops answering at once', async () => {
    const pods = await kube('/api/v1/namespaces/openstack/pods');
    const pod = pods.find(({ metadata }) => metadata.name.startsWith('nova-api-osapi'));
    const path = `/api/v1/namespaces/openstack/pods/${pod?.metadata.name ?? ''}`;
    const gone = await fetch(`http://127.0.0.1:${ports.fronts.kubernetes}${path}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${layout.adminToken}` },
    });
    expect(gone.status).to.equal(200);
    await until('three ready pods, and not that one', async () => {
      const now = (await kube('/api/v1/namespaces/openstack/pods')).filter(({ metadata }) =>
        metadata.name.startsWith('nova-api-osapi'),
      );
      return (
        now.length === 3 &&
        now.every(isReady) &&
        !now.some(({ metadata }) => metadata.uid === pod?.metadata.uid)
      );
    });
    const intervals = readTruth(folder).replicas[`${pod?.spec.nodeName ?? ''} nova`] ?? [];
    expect(intervals.map(({ state }) => state).slice(-2)).to.include('up');
  });

  it('moves the address when its holder loses power, within what its timers say, and the truth is what a client saw', async () => {
    const lost = await holder();
    const stopWatching = watchFromOutside(ports.fronts.keystone, '/healthcheck');
    await new Promise((resolve) => setTimeout(resolve, 400));
    const killedNs = Number(process.hrtime.bigint());
    await power?.off(lost);
    await power?.off(lost);
    expect(await power?.state(lost)).to.equal('off');
    expect(await look?.(lost, { ms: 300 })).to.equal('silent');
    await until('another holder', async () => ![lost, ''].includes(await holder()));
    await until('a node that is not ready', async () =>
      (await kube('/api/v1/nodes')).some((node) => node.metadata.name === lost && !isReady(node)),
    );
    const seen = await stopWatching();
    await power?.on(lost);
    await power?.on(lost);
    await until('everything ready again', allReady, 20);
    const truth = readTruth(folder).fronts['keystone'] ?? [];
    audit(
      seen,
      truth.filter(({ untilNs }) => (untilNs ?? Number.POSITIVE_INFINITY) >= killedNs),
    );
  });

  it('goes on without a frozen holder, which finds its way back when it is thawed', async () => {
    const frozen = await holder();
    await power?.freeze?.(frozen);
    expect(await fresh().abilities.power?.state(frozen)).to.equal('frozen');
    expect(await look?.(frozen, { ms: 300 })).to.equal('silent');
    await until(
      'an answer through another node',
      async () => (await askOnce(ports.fronts.keystone, '/healthcheck', 500)).well,
      6,
    );
    await power?.thaw?.(frozen);
    expect(await power?.state(frozen)).to.equal('on');
    expect(await look?.(frozen, { ms: 1000 })).to.equal('answers');
    await until('everything ready again', allReady, 20);
  });

  it('cuts links in both directions, answers for the majority, and heals by itself', async () => {
    const others = ['control-2', 'control-3', 'compute-1', 'compute-2'];
    const rule = {
      id: 'cut-1',
      run: 'r1',
      groupA: ['control-1'],
      groupB: others,
      direction: 'both',
      ports: [],
    } as const;
    await links?.add({ ...rule, effect: { kind: 'cut' }, expiresAfter: { ms: 3000 } });
    expect(await links?.reach('control-1', 'control-2', { ms: 300 })).to.equal('silent');
    expect(await links?.reach('compute-1', 'control-1', { ms: 300 })).to.equal('silent');
    expect(await links?.reach('control-2', 'control-3', { ms: 300 })).to.equal('answers');
    const there = (await fresh().abilities.links?.rules()) ?? [];
    expect(there.map(({ id, node }) => `${id} ${node}`)).to.include.members([
      'cut-1 control-1',
      'cut-1 compute-2',
    ]);
    await until(
      'an answer of the majority',
      async () => (await askOnce(ports.fronts.keystone, '/healthcheck', 500)).well,
      3,
    );
    await links?.add({ ...rule, id: 'cut-2', effect: { kind: 'cut' }, expiresAfter: { ms: 60_000 } });
    await links?.remove('cut-2');
    expect((await links?.rules())?.map(({ id }) => id)).to.not.include('cut-2');
    await until('no rule left', async () => (await links?.rules())?.length === 0, 5);
    expect(await links?.reach('control-1', 'control-2', { ms: 2000 })).to.equal('answers');
    await until('everything ready again', allReady, 20);
  });

  it('stops a unit, which starts again by itself', async () => {
    await units?.stop('control-2', 'kube-apiserver', { id: 'stop-1', startAgainAfter: { ms: 1500 } });
    expect(await units?.look('control-2', 'kube-apiserver', { ms: 500 })).to.equal('refused');
    const stopped = { unit: 'kube-apiserver', running: false, stoppedBy: 'stop-1' };
    expect(await units?.list('control-2')).to.deep.include(stopped);
    expect((await askOnce(ports.fronts.kubernetes, '/readyz', 1000)).well).to.equal(true);
    await until(
      'it answers',
      async () => (await units?.look('control-2', 'kube-apiserver', { ms: 500 })) === 'answers',
      4,
    );
    await units?.stop('control-3', 'etcd', { id: 'stop-2', startAgainAfter: { ms: 60_000 } });
    expect((await units?.list('control-3'))?.find(({ unit }) => unit === 'etcd')?.running).to.equal(false);
    await units?.start('control-3', 'etcd');
    await until('everything ready again', allReady);
  });

  it('leaves no process and no file, also after one was killed and one is frozen', async () => {
    const started = pids();
    expect(started.filter(lives)).to.have.length(6);
    const [killed = 0] = started.slice(5);
    process.kill(killed, 'SIGKILL');
    await until('it is gone', () => Promise.resolve(!lives(killed)), 10);
    await power?.freeze?.('compute-2');
    expect((await fresh().status()).state).to.equal('partly-up');
    await fresh().down(QUIET);
    expect(started.filter(lives)).to.deep.equal([]);
    expect(existsSync(folder)).to.equal(false);
    expect((await fresh().status()).state).to.equal('down');
    await fresh().down(QUIET);
  });
});

/** What an independent client saw must be what the truth says: no failure outside its intervals, and no success inside an outage. */
function audit(seen: readonly Observation[], intervals: readonly TruthInterval[]): void {
  const outage = intervals.find(({ state }) => state === 'down');
  if (outage?.untilNs === undefined) throw new Error('The truth knows of no outage that ended.');
  // Three adverts of 300 ms, the skew of the next in line, and an election of the database where it lost its leader too.
  expect((outage.untilNs - outage.fromNs) / 1e9, 'length of the outage').to.be.within(0.6, 3);
  const impaired = intervals.filter(({ state }) => state !== 'up');
  const explains = ({ sentNs, doneNs }: Observation): boolean =>
    impaired.some(
      ({ fromNs, untilNs }) => doneNs >= fromNs && sentNs <= (untilNs ?? Number.POSITIVE_INFINITY) + 30e6,
    );
  const failed = seen.filter(({ well }) => !well);
  expect(
    failed.filter((each) => !explains(each)),
    'failures that the truth does not explain',
  ).to.deep.equal([]);
  const { fromNs, untilNs } = outage;
  const inside = seen.filter(({ sentNs, doneNs }) => sentNs > fromNs + 5e6 && doneNs < untilNs - 5e6);
  expect(inside.length).to.be.greaterThan(10);
  expect(
    inside.filter(({ well }) => well),
    'successes that the truth does not explain',
  ).to.deep.equal([]);
}
