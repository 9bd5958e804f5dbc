import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { linksOf } from '../../src/labs/reference/links.ts';
import { Reachers } from '../../src/labs/reference/reachers.ts';
import type { LinkRule, Links } from '../../src/ports/lab.ts';
import { makeNodes, type NodeNamespaces } from './node-namespaces.ts';
import { say } from './the-lab.ts';

const rule = (changed: Partial<LinkRule>): LinkRule => ({
  id: 'test/link',
  run: 'test',
  groupA: ['control-1'],
  groupB: ['compute-1'],
  direction: 'both',
  ports: [],
  effect: { kind: 'cut' },
  expiresAfter: { ms: 20_000 },
  ...changed,
});

const rate = (bytesPerSecond: number): string => `${Math.round(bytesPerSecond / 125)} kbit/s`;

describe('links between network namespaces, without a cluster', () => {
  let nodes: NodeNamespaces;
  let links: Links;
  const transfer = async (from: string, to: string, bytes: number, ms: number): Promise<number> =>
    (await links.transfer?.(from, to, bytes, { ms })) ?? -1;

  before(async () => {
    nodes = await makeNodes(['control-1', 'compute-1', 'compute-2']);
    links = linksOf(nodes.tools, new Reachers(nodes.tools));
  });
  after(() => nodes.remove());

  for (const kilobits of [256, 2000, 20_000]) {
    it(`are as slow as a limit of ${kilobits} kbit/s, and only they, and as fast as before after it`, async () => {
      const limit = kilobits * 125;
      const bytes = Math.max(65_536, limit);
      const ms = 1000 + (4000 * bytes) / limit;
      const was = await transfer('control-1', 'compute-1', bytes, ms);
      await links.add(rule({ effect: { kind: 'limit', bytesPerSecond: limit } }));
      const limited = await transfer('control-1', 'compute-1', bytes, ms);
      const back = await transfer('compute-1', 'control-1', bytes, ms);
      const other = await transfer('control-1', 'compute-2', bytes, ms);
      await links.remove('test/link');
      const now = await transfer('control-1', 'compute-1', bytes, ms);
      say(`        ${[was, limited, back, other, now].map(rate).join(', ')}`);
      for (const slow of [limited, back]) expect(slow).to.be.within(limit / 4, limit * 1.3);
      for (const fast of [was, other, now]) expect(fast).to.be.greaterThan(limit * 3);
    });
  }

  it('carry nothing in time where they are cut', async () => {
    await links.add(rule({}));
    expect(await transfer('control-1', 'compute-1', 1000, 700)).to.equal(0);
    await links.remove('test/link');
    expect(await transfer('control-1', 'compute-1', 1000, 5000)).to.be.greaterThan(0);
  });
});
