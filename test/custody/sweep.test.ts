import { expect } from 'chai';
import { describe, it } from 'mocha';
import { createLedger, readLedger, type LedgerLine } from '../../src/custody/ledger.ts';
import { sweep } from '../../src/custody/sweep.ts';
import type { LedgerEntry } from '../../src/model/conformance.ts';
import type { KubernetesApi, KubernetesObject } from '../../src/ports/kubernetes.ts';
import type { OpenStackApi } from '../../src/ports/openstack.ts';
import { VirtualClock } from '../chaos/fakes/virtual-clock.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const map = (name: string): LedgerEntry => ({
  system: 'kubernetes',
  collection: MAPS,
  name,
  createdBy: 'a case',
});
const server = (name: string, id?: string): LedgerEntry => ({
  system: 'openstack',
  collection: 'compute:/servers',
  name,
  createdBy: 'a case',
  ...(id === undefined ? {} : { id }),
});

/** Two clouds in memory that note every deletion. */
function clouds() {
  const deletions: string[] = [];
  const maps = new Map<string, KubernetesObject>();
  const servers = new Map<string, { id: string; name: string }>();
  /** Deletions of these are answered, and not done. */
  const stuck = new Set<string>();
  /** Deletions of these are refused. */
  const kept = new Set<string>();
  const put = (name: string, run?: string): void => {
    maps.set(name, {
      metadata: {
        name,
        uid: `uid-${name}`,
        ...(run === undefined ? {} : { labels: { 'squall.dev/run': run } }),
      },
    });
  };
  const kubernetes = {
    // As a server that does not know selectors: everything.
    list: async () => [...maps.values()],
    delete: async (path: string) => {
      const name = path.slice(MAPS.length + 1);
      deletions.push(name);
      if (kept.has(name)) throw new Error(`403 for ${name}`);
      return stuck.has(name) ? true : maps.delete(name);
    },
  } as unknown as KubernetesApi;
  const openstack = {
    listAll: async (_type: string, _path: string, key: string) =>
      key === 'servers' ? [...servers.values()] : [],
    service: () => ({
      request: async ({ path }: { path: string }) => {
        const id = path.split('/').pop() ?? '';
        deletions.push(id);
        if (kept.has(id)) return { status: 409, url: path };
        if (!stuck.has(id)) servers.delete(id);
        return { status: 204, url: path };
      },
    }),
  } as unknown as OpenStackApi;
  return {
    deletions,
    maps,
    servers,
    stuck,
    kept,
    put,
    clients: { kubernetes, openstack },
    clock: new VirtualClock(),
  };
}

const emptyLedger = () => createLedger({ append: () => undefined });

describe('sweep', () => {
  it('deletes only what is in the ledger and carries our mark', async () => {
    const { put, servers, maps, deletions, clients, clock } = clouds();
    put('sq-r1-ours', 'r1');
    put('sq-r1-not-in-ledger', 'r1');
    put('sq-r1-not-labelled');
    put('sq-r2-of-another-run', 'r2');
    put('kube-root-ca.crt');
    servers.set('1', { id: '1', name: 'sq-r1-vm' });
    servers.set('2', { id: '2', name: 'sq-r1-vm' });
    servers.set('3', { id: '3', name: 'production' });
    const ledger = emptyLedger();
    for (const name of ['sq-r1-ours', 'sq-r1-not-labelled', 'kube-root-ca.crt']) ledger.creating(map(name));
    ledger.created(server('sq-r1-vm', '1'));
    ledger.creating(server('production'));
    const leftovers = await sweep(ledger, clients, clock);
    expect(deletions.sort()).to.deep.equal(['1', 'sq-r1-ours']);
    expect([...maps.keys()]).to.have.members([
      'sq-r1-not-in-ledger',
      'sq-r1-not-labelled',
      'sq-r2-of-another-run',
      'kube-root-ca.crt',
    ]);
    expect([...servers.keys()]).to.deep.equal(['2', '3']);
    expect(
      leftovers.map(({ entry, fault, swept }) => `${entry.name} ${fault} ${swept}`).sort(),
    ).to.deep.equal(['sq-r1-ours ours true', 'sq-r1-vm ours true']);
  });

  it('finds nothing where everything was deleted, or was never created after all', async () => {
    const { clients, clock, deletions } = clouds();
    const ledger = emptyLedger();
    ledger.creating(map('sq-r1-never'));
    ledger.created(map('sq-r1-gone'));
    ledger.deleted(map('sq-r1-gone'));
    expect(await sweep(ledger, clients, clock)).to.deep.equal([]);
    expect(deletions).to.deep.equal([]);
  });

  it('blames the cloud for what stays although it accepted the deletion, from us now or from a case before', async () => {
    const { clients, clock, put, stuck, servers } = clouds();
    put('sq-r1-a', 'r1');
    servers.set('7', { id: '7', name: 'sq-r1-b' });
    stuck.add('sq-r1-a').add('7');
    const ledger = emptyLedger();
    ledger.created(map('sq-r1-a'));
    ledger.created(server('sq-r1-b', '7'));
    ledger.deleted(server('sq-r1-b'));
    const leftovers = await sweep(ledger, clients, clock);
    expect(leftovers.map(({ entry, fault, swept }) => `${entry.name} ${fault} ${swept}`)).to.deep.equal([
      'sq-r1-a cloud false',
      'sq-r1-b cloud false',
    ]);
  });

  it('blames us for what could not be deleted, or could not be looked for', async () => {
    const { clients, clock, put, kept } = clouds();
    put('sq-r1-a', 'r1');
    kept.add('sq-r1-a');
    const ledger = emptyLedger();
    ledger.created(map('sq-r1-a'));
    ledger.created(server('sq-r1-b', '7'));
    const leftovers = await sweep(ledger, { kubernetes: clients.kubernetes }, clock);
    expect(
      leftovers.map(({ entry, fault, swept }) => `${entry.name} ${fault} ${swept}`).sort(),
    ).to.deep.equal(['sq-r1-a ours false', 'sq-r1-b ours false']);
    expect(leftovers.map(({ says }) => says).join())
      .to.contain('403')
      .and.to.contain('no client for openstack');
  });

  it('gives a cloud that deletes slowly its time', async () => {
    const { clients, clock, put, stuck, maps } = clouds();
    put('sq-r1-a', 'r1');
    stuck.add('sq-r1-a');
    const ledger = emptyLedger();
    ledger.created(map('sq-r1-a'));
    ledger.deleted(map('sq-r1-a'));
    clock.after(3000, () => maps.delete('sq-r1-a'));
    expect(await sweep(ledger, clients, clock)).to.deep.equal([]);
  });
});

describe('the ledger', () => {
  it('writes every line before anything is created, and is read back the same', async () => {
    const lines: LedgerLine[] = [];
    const ledger = createLedger({ append: (_, line) => lines.push(line as LedgerLine) });
    ledger.creating(map('sq-r1-a'));
    expect(lines).to.have.length(1);
    ledger.creating(server('sq-r1-b'));
    ledger.created(server('sq-r1-b', '7'));
    ledger.deleted(map('sq-r1-a'));
    expect(ledger.outstanding()).to.deep.equal([server('sq-r1-b', '7')]);
    const stored = await readLedger({ readLines: async <T>() => lines as unknown as readonly T[] });
    expect(stored.outstanding()).to.deep.equal(ledger.outstanding());
    expect(stored.deletedOnes()).to.deep.equal([map('sq-r1-a')]);
  });
});
