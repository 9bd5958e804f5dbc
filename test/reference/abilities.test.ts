import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { clock, ensureUp, lab, openCluster, until, untilWhole } from './the-lab.ts';

/** What each ability does by itself, before plans are made of them. */
describe('the abilities of the reference lab', () => {
  before(ensureUp);

  it('cut links in the kernel of the nodes, and they come back with nobody left to do it', async () => {
    const links = lab.abilities.links;
    if (links === undefined) throw new Error('There are no links.');
    await links.add({
      id: 'test/cut',
      run: 'test',
      groupA: ['compute-1'],
      groupB: ['compute-2'],
      direction: 'both',
      ports: [],
      effect: { kind: 'cut' },
      expiresAfter: { ms: 6000 },
    });
    expect(await links.reach('compute-1', 'compute-2', { ms: 700 })).to.equal('silent');
    expect(await links.reach('compute-1', 'control-1', { ms: 2000 })).to.equal('answers');
    expect((await links.rules()).map(({ node }) => node).sort()).to.deep.equal(['compute-1', 'compute-2']);
    await clock.sleep({ ms: 6500 });
    expect(await links.rules()).to.deep.equal([]);
    expect(await links.reach('compute-1', 'compute-2', { ms: 2000 })).to.equal('answers');
  });

  it('tell by whom a unit is stopped, as long as the timer of the node stands', async () => {
    const units = lab.abilities.units;
    await units?.stop('compute-2', 'kubelet', { id: 'test/unit', startAgainAfter: { ms: 8000 } });
    expect(await units?.look('compute-2', 'kubelet', { ms: 2000 })).to.equal('refused');
    const listed = (await units?.list('compute-2')) ?? [];
    expect(listed.filter(({ stoppedBy }) => stoppedBy !== undefined)).to.deep.equal([
      { unit: 'kubelet', running: false, stoppedBy: 'test/unit' },
    ]);
    await until(15_000, async () =>
      (await units?.look('compute-2', 'kubelet', { ms: 500 })) === 'answers'
        ? undefined
        : 'the kubelet does not answer',
    );
    expect((await units?.list('compute-2'))?.some(({ stoppedBy }) => stoppedBy !== undefined)).to.equal(
      false,
    );
  });

  it('freeze, thaw, and cut power, also of a node that is frozen', async () => {
    const { power, look } = lab.abilities;
    await power?.freeze?.('compute-2');
    expect(await look?.('compute-2', { ms: 500 })).to.equal('silent');
    await power?.thaw?.('compute-2');
    expect(await look?.('compute-2', { ms: 2000 })).to.equal('answers');
    await power?.freeze?.('compute-2');
    await power?.off('compute-2');
    await power?.off('compute-2');
    expect(await power?.state('compute-2')).to.equal('off');
    await power?.on('compute-2');
    expect(await power?.state('compute-2')).to.equal('on');
    await untilWhole(240_000);
  });

  it('read what a node says of itself, and tell no file from no answer', async () => {
    const { inspect } = lab.abilities;
    const patience = { ms: 10_000 };
    expect(await inspect?.addresses('control-1', patience)).to.include.members(['127.0.0.1', '10.77.0.11']);
    expect(await inspect?.file('control-1', '/etc/hostname', patience)).to.equal('control-1');
    expect(await inspect?.file('control-1', '/etc/there-is-none', patience)).to.equal(undefined);
    let failure: unknown;
    await inspect?.file('control-1', '/etc', patience).catch((error: unknown) => (failure = error));
    expect(String(failure)).to.include('control-1');
  });

  it('kill a container, which its kubelet starts again, and no other', async () => {
    const cluster = await openCluster();
    try {
      const found = await dnsPods(cluster);
      const [first, second] = found;
      if (first === undefined || second === undefined) throw new Error('There are no two DNS pods.');
      await lab.abilities.containers?.kill(first.node, 'there-is-none');
      await lab.abilities.containers?.kill(first.node, first.id);
      await until(60_000, async () => {
        const now = (await dnsPods(cluster)).find(({ name }) => name === first.name);
        return now !== undefined && now.id !== first.id && now.restarts > first.restarts
          ? undefined
          : 'the container was not started again';
      });
      expect((await dnsPods(cluster)).find(({ name }) => name === second.name)).to.deep.equal(second);
    } finally {
      cluster.close();
    }
    await untilWhole(240_000);
  });
});

interface DnsPod {
  readonly name: string;
  readonly node: string;
  readonly id: string;
  readonly restarts: number;
}

async function dnsPods(cluster: Awaited<ReturnType<typeof openCluster>>): Promise<readonly DnsPod[]> {
  const pods = await cluster.list('/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app=kube-dns');
  return (pods ?? []).map(({ metadata, spec, status }) => {
    const [container] = (status?.['containerStatuses'] ?? []) as readonly {
      readonly containerID?: string;
      readonly restartCount: number;
    }[];
    return {
      name: metadata.name,
      node: String(spec['nodeName']),
      id: container?.containerID?.replace('containerd://', '') ?? '',
      restarts: container?.restartCount ?? 0,
    };
  });
}
