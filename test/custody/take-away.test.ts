import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { createLedger, takeAway } from '../../src/custody/index.ts';
import type { LedgerEntry } from '../../src/model/conformance.ts';
import type { ApiRequest } from '../../src/ports/api-client.ts';
import type { OpenStackApi } from '../../src/ports/openstack.ts';

const entry = (collection: string, name: string, createdBy = 'probe boot'): LedgerEntry => ({
  system: 'openstack',
  collection,
  name,
  createdBy,
});
const SERVER = entry('compute:/servers', 'sq-r-boot-0');
const PORT = entry('network:/ports', 'sq-r-boot-0');
const NETWORK = entry('network:/networks', 'sq-r-boot-net');
const OTHER = entry('network:/networks', 'sq-r-case', 'case x');

/** A cloud in which a port is in use until its server is gone, which takes some looks, and a network until its ports are. */
class UsedCloud {
  readonly there: Set<string>;
  readonly deleted: string[] = [];
  lingers: number;
  #marked = false;

  constructor(entries: readonly LedgerEntry[], lingers: number) {
    this.there = new Set(entries.map(({ collection, name }) => `${collection} ${name}`));
    this.lingers = lingers;
  }

  readonly api = {
    listAll: (type: string, path: string) => {
      const collection = `${type}:${path.split('?')[0] ?? ''}`;
      if (this.#marked && collection === 'compute:/servers' && this.lingers-- <= 0)
        this.there.delete(`${SERVER.collection} ${SERVER.name}`);
      const names = [...this.there].filter((one) => one.startsWith(`${collection} `));
      return Promise.resolve(names.map((one) => ({ id: one, name: one.split(' ')[1] })));
    },
    service: () => ({
      request: ({ path }: ApiRequest) => {
        const id = decodeURIComponent(path.split('/').slice(2).join('/'));
        const used =
          (id.startsWith(PORT.collection) && this.#has(SERVER)) ||
          (id.startsWith(NETWORK.collection) && this.#has(PORT) && !id.includes(OTHER.name));
        if (used) return Promise.resolve({ status: 409, url: path });
        this.deleted.push(id);
        if (id.startsWith(SERVER.collection)) this.#marked = true;
        else this.there.delete(id);
        return Promise.resolve({ status: 204, url: path });
      },
    }),
  } as unknown as OpenStackApi;

  #has({ collection, name }: LedgerEntry): boolean {
    return this.there.has(`${collection} ${name}`);
  }
}

const awake = { sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) };
const ledgerOf = (entries: readonly LedgerEntry[]) => {
  const ledger = createLedger({ append: () => undefined });
  for (const one of entries) ledger.creating(one);
  return ledger;
};

describe('what was made in a cloud for a run', () => {
  it('is put away in whatever order it was noted, though one uses another, and what is others’ stays', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([SERVER, PORT, NETWORK, OTHER], { minLength: 4 }),
        fc.nat({ max: 5 }),
        async (noted, lingers) => {
          const cloud = new UsedCloud(noted, lingers);
          const ledger = ledgerOf(noted);
          await takeAway(ledger, ['probe boot'], { openstack: cloud.api }, awake, AbortSignal.timeout(5000));
          expect([...cloud.there]).to.deep.equal([`${OTHER.collection} ${OTHER.name}`]);
          expect(ledger.outstanding()).to.deep.equal([OTHER]);
          expect(cloud.deleted.join()).not.to.include(OTHER.name);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is the sweep’s where the cloud did not take the order, and known as deleted where it did', async () => {
    const cloud = new UsedCloud([SERVER, PORT], 1_000_000);
    const ledger = ledgerOf([PORT, SERVER]);
    const over = new AbortController();
    const ends = { sleep: () => Promise.resolve(over.abort()) };
    await takeAway(ledger, ['probe boot'], { openstack: cloud.api }, ends, over.signal);
    expect(ledger.outstanding()).to.deep.equal([PORT]);
    expect(ledger.deletedOnes()).to.deep.equal([SERVER]);
  });

  it('stays in the ledger where nobody can be asked', async () => {
    const ledger = ledgerOf([SERVER]);
    const over = new AbortController();
    const ends = { sleep: () => Promise.resolve(over.abort()) };
    await takeAway(ledger, ['probe boot'], {}, ends, over.signal);
    expect(ledger.outstanding()).to.deep.equal([SERVER]);
  });
});
