import { expect } from 'chai';
import { describe, it } from 'mocha';
import {
  addScript,
  readTable,
  removeScript,
  renderSilence,
  renderTable,
  rulesScript,
  sharesOf,
  tableOf,
  type NodeNetworks,
} from '../../../src/labs/existing/link-scripts.ts';
import { OUTSIDE, type LinkRule } from '../../../src/ports/lab.ts';

const NODES: readonly NodeNetworks[] = [
  { name: 'a', networks: ['10.0.0.1', '10.244.0.0/24', 'fd00::1'] },
  { name: 'b', networks: ['10.0.0.2', '10.244.1.0/24', 'fd00::2'] },
  { name: 'c', networks: ['10.0.0.3', '10.244.2.0/24'] },
];

const rule = (more: Partial<LinkRule> = {}): LinkRule => ({
  id: 'r1/cut#2',
  run: 'r1',
  groupA: ['a'],
  groupB: ['b', 'c'],
  direction: 'both',
  ports: [],
  effect: { kind: 'cut' },
  expiresAfter: { ms: 29_400 },
  ...more,
});

/** The table of the first share, chain by chain, without what is the same in all. */
function chains(given: LinkRule): Readonly<Record<string, readonly string[]>> {
  const [share] = sharesOf(given, NODES);
  if (share === undefined) throw new Error('nobody drops anything');
  const text = renderTable(given, share);
  return Object.fromEntries(
    [...text.matchAll(/chain (\w+) \{\n([^}]*(?:\{[^}]*\}[^}]*)*)\n {2}\}/g)].map(
      ([, name = '', body = '']) => [
        name,
        body
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => !/^(type|iif|oif)/.test(line)),
      ],
    ),
  );
}
const setsOf = (given: LinkRule): readonly string[] => {
  const [share] = sharesOf(given, NODES);
  const text = share === undefined ? '' : renderTable(given, share);
  return [...text.matchAll(/set (\w+) \{[^}]*elements = \{ ([^}]*) \}/g)].map(
    ([, name = '', list = '']) => `${name}: ${list}`,
  );
};

describe('labs/existing: the table of a link rule', () => {
  it('silences ARP as well on a node that is cut off from everything, and nowhere else', () => {
    const arp = (more: Partial<LinkRule>): boolean => {
      const [share] = sharesOf(rule(more), NODES);
      return (
        share !== undefined && renderSilence(rule(more), share)?.startsWith('table netdev squall_') === true
      );
    };
    expect(arp({ groupB: ['b', 'c', OUTSIDE] })).to.equal(true);
    expect(arp({ groupB: ['b', 'c'] })).to.equal(false);
    expect(arp({ groupB: ['b', OUTSIDE] }), 'it may speak to c').to.equal(false);
    expect(arp({ groupA: ['a', 'b'], groupB: ['c', OUTSIDE] }), 'they may speak to each other').to.equal(
      false,
    );
    expect(arp({ groupB: ['b', 'c', OUTSIDE], direction: 'a-to-b' })).to.equal(false);
    expect(arp({ groupB: ['b', 'c', OUTSIDE], ports: [6443] })).to.equal(false);
    expect(arp({ groupB: ['b', 'c', OUTSIDE], effect: { kind: 'lose', share: 0.5 } })).to.equal(false);
  });

  it('names every address and pod network of the other side, each with its own end', () => {
    expect(setsOf(rule())).to.deep.equal([
      'peers4: 10.0.0.2 timeout 30s, 10.244.1.0/24 timeout 30s, 10.0.0.3 timeout 30s, 10.244.2.0/24 timeout 30s',
      'peers6: fd00::2 timeout 30s',
    ]);
  });

  it('drops both ways, of the node and of its pods', () => {
    expect(chains(rule())).to.deep.equal({
      incoming: ['ip saddr @peers4 drop', 'ip6 saddr @peers6 drop'],
      outgoing: ['ip daddr @peers4 drop', 'ip6 daddr @peers6 drop'],
      to_pods: ['ip saddr @peers4 drop', 'ip6 saddr @peers6 drop'],
      from_pods: ['ip daddr @peers4 drop', 'ip6 daddr @peers6 drop'],
    });
  });

  it('drops one way only, seen from whichever side drops', () => {
    const there = chains(rule({ direction: 'a-to-b', groupB: ['c', 'b'] }));
    expect(there['incoming']).to.deep.equal([]);
    expect(there['to_pods']).to.deep.equal([]);
    expect(there['outgoing']).to.deep.equal(['ip daddr @peers4 drop', 'ip6 daddr @peers6 drop']);
    // The smaller side is the receiving one.
    const here = chains(rule({ direction: 'a-to-b', groupA: ['a', 'b'], groupB: ['c'] }));
    expect(here['outgoing']).to.deep.equal([]);
    expect(here['incoming']).to.deep.equal(['ip saddr @peers4 drop', 'ip6 saddr @peers6 drop']);
  });

  it('drops only what goes to the ports, and only a share', () => {
    const { outgoing } = chains(
      rule({ direction: 'a-to-b', ports: [2379, 2380], effect: { kind: 'lose', share: 0.25 } }),
    );
    expect(outgoing?.[0]).to.equal(
      'ip daddr @peers4 tcp dport { 2379, 2380 } numgen random mod 1000 < 250 drop',
    );
  });

  it('spares all nodes where the other side is everything else, and drops no loopback', () => {
    const outside = rule({ groupB: ['outside'] });
    expect(chains(outside)['from_pods']).to.deep.equal([
      'ip daddr @nodes4 accept',
      'ip daddr @world4 drop',
      'ip6 daddr @nodes6 accept',
      'ip6 daddr @world6 drop',
    ]);
    expect(setsOf(outside)).to.include('world4: 0.0.0.0/0 timeout 30s');
    // Sparing somebody must not end: else what is spared would be dropped by a rule that has.
    expect(setsOf(outside).find((set) => set.startsWith('nodes4'))).to.not.include('timeout');
    const [share] = sharesOf(outside, NODES);
    expect(share === undefined ? '' : renderTable(outside, share))
      .to.include('iif "lo" accept')
      .and.include('oif "lo" accept');
  });

  it('drops a node that is named beside everything else before nodes are spared', () => {
    const { incoming } = chains(rule({ groupB: ['outside', 'b'] }));
    expect(incoming?.slice(0, 3)).to.deep.equal([
      'ip saddr @peers4 drop',
      'ip saddr @nodes4 accept',
      'ip saddr @world4 drop',
    ]);
  });

  it('acts on nodes also where everything else is the first side', () => {
    const shares = sharesOf(rule({ groupA: ['outside'], groupB: ['a', 'b'], direction: 'a-to-b' }), NODES);
    expect(shares.map(({ node, direction }) => `${node} ${direction}`)).to.deep.equal(['a in', 'b in']);
  });

  it('refuses what takes a queue discipline, a node that is not there, and what is no address', () => {
    const render =
      (given: LinkRule, nodes = NODES) =>
      (): unknown =>
        sharesOf(given, nodes).map((share) => renderTable(given, share));
    expect(render(rule({ effect: { kind: 'delay', by: { ms: 1 }, jitter: { ms: 0 } } }))).to.throw(
      /cannot delay/,
    );
    expect(render(rule({ effect: { kind: 'limit', bytesPerSecond: 1 } }))).to.throw(/cannot limit/);
    expect(render(rule({ groupA: ['x'] }))).to.throw(/no node x/);
    const evil = [...NODES.slice(0, 2), { name: 'c', networks: ['1.1.1.1 }; flush ruleset'] }];
    expect(render(rule(), evil)).to.throw(/is not an address/);
  });
});

describe('labs/existing: what is left on a node', () => {
  it('says in its name whose it is, and nothing else is taken for ours', () => {
    expect(readTable(tableOf(rule()))).to.deep.equal({ run: 'r1', id: 'r1/cut#2' });
    for (const other of ['filter', 'squall_', 'squall_00_zz', 'squall_00_5b5d', 'squall_00_7b7d'])
      expect(readTable(other), other).to.equal(undefined);
  });

  it('is planned, listed and removed by the same names', () => {
    const [share] = sharesOf(rule(), NODES);
    const add = share === undefined ? '' : addScript(rule(), share);
    const remove = removeScript(rule().id);
    const units = [...add.matchAll(/--unit=(\S+)/g)].map(([, unit = '']) => unit);
    expect(units).to.have.length(2);
    for (const unit of units) expect(remove).to.include(`systemctl stop ${unit}.timer`);
    const pattern = /\\\((squall_[^)]*)\\\)/;
    expect(tableOf(rule())).to.match(new RegExp(`^${pattern.exec(remove)?.[1] ?? 'x'}$`));
    expect(tableOf(rule())).to.match(new RegExp(`^${pattern.exec(rulesScript())?.[1] ?? 'x'}$`));
    expect(tableOf(rule({ id: 'r1/other' }))).to.not.match(
      new RegExp(`^${pattern.exec(remove)?.[1] ?? 'x'}$`),
    );
    expect(tableOf(rule({ id: 'x'.repeat(60) })).length).to.be.lessThan(255);
  });
});
