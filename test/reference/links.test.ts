import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { linksOf } from '../../src/labs/reference/links.ts';
import { Reachers } from '../../src/labs/reference/reachers.ts';
import { ANSWER_PORT } from '../../src/labs/reference/shape.ts';
import { OUTSIDE, type LinkRule, type Links } from '../../src/ports/lab.ts';
import { madePart } from './made-part.ts';
import { makeNodes, type NodeNamespaces } from './node-namespaces.ts';
import { clock, say, until } from './the-lab.ts';

const rule = (changed: Partial<LinkRule>): LinkRule => ({
  id: 'test/link',
  run: 'test',
  groupA: ['control-1'],
  groupB: ['compute-1'],
  direction: 'both',
  ports: [],
  effect: { kind: 'cut' },
  // Longer than any of these tests takes on a host that is full.
  expiresAfter: { ms: 120_000 },
  ...changed,
});

const rate = (bytesPerSecond: number): string => `${Math.round(bytesPerSecond / 125)} kbit/s`;

describe('links between network namespaces, without a cluster', () => {
  let nodes: NodeNamespaces;
  let links: Links;
  const transfer = async (from: string, to: string, bytes: number, ms: number): Promise<number> =>
    (await links.transfer?.(from, to, bytes, { ms })) ?? -1;

  before(async () => {
    const relay = dirname(await madePart('link-relay'));
    nodes = await makeNodes(['control-1', 'compute-1', 'compute-2'], [relay]);
    links = linksOf(nodes.tools, new Reachers(nodes.tools));
  });
  // Where they could not be made there are none.
  after(() => (nodes as NodeNamespaces | undefined)?.remove());

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

  const delayed = (ms: number, changed: Partial<LinkRule> = {}): LinkRule =>
    rule({ effect: { kind: 'delay', by: { ms }, jitter: { ms: 0 } }, ...changed });
  /** Of connections that are made, or refused, in milliseconds: each takes one round trip. */
  const roundTrips = async (from: string, to: string, count: number): Promise<readonly number[]> => {
    const program = `
      const net = require('node:net');
      const one = () => new Promise((resolve) => {
        const start = performance.now();
        const done = (ms) => { socket.destroy(); resolve(ms); };
        const socket = net.connect(${ANSWER_PORT}, '${to}', () => done(performance.now() - start));
        socket.on('error', ({ code }) => done(code === 'ECONNREFUSED' ? performance.now() - start : 1e6));
        socket.setTimeout(4000, () => done(1e6));
      });
      (async () => {
        for (let n = 0; n < ${count}; n++) console.log(await one());
        process.exit(0);
      })();`;
    const said = await nodes.inNode(from, process.execPath, '--eval', program);
    return said.trim().split('\n').map(Number);
  };
  const roundTrip = async (from: string, to: string): Promise<number> =>
    Math.round(10 * Math.min(...(await roundTrips(from, to, 8)))) / 10;
  const rulesOn = async (node: string): Promise<readonly string[]> =>
    (await nodes.inNode(node, 'ip', 'rule')).split('\n').filter((line) => line.startsWith('5351:'));
  const [CONTROL, COMPUTE, OTHER] = ['10.77.0.11', '10.77.0.21', '10.77.0.22'];

  it('are as late as a delay says, both ways, and only they, and as quick as before after it', async () => {
    const was = await roundTrip('control-1', COMPUTE);
    await links.add(delayed(100));
    expect((await links.rules()).map(({ id, run, node }) => `${id} ${run} ${node}`).sort()).to.deep.equal([
      'test/link test compute-1',
      'test/link test control-1',
    ]);
    const late = [await roundTrip('control-1', COMPUTE), await roundTrip('compute-1', CONTROL)];
    const other = [await roundTrip('control-1', OTHER), await roundTrip('compute-2', COMPUTE)];
    await links.remove('test/link');
    await links.remove('test/link');
    const now = await roundTrip('control-1', COMPUTE);
    say(`        ${[was, ...late, ...other, now].map((ms) => `${ms} ms`).join(', ')}`);
    for (const each of late) expect(each).to.be.within(200, 350);
    for (const each of [was, ...other, now]) expect(each).to.be.lessThan(30);
    expect(await links.rules()).to.deep.equal([]);
    expect([...(await rulesOn('control-1')), ...(await rulesOn('compute-1'))]).to.deep.equal([]);
  });

  it('are late one way where one way is meant, and vary by the jitter', async () => {
    const effect = { kind: 'delay', by: { ms: 60 }, jitter: { ms: 30 } } as const;
    await links.add(rule({ effect, direction: 'a-to-b' }));
    const times = (await roundTrips('control-1', COMPUTE, 40)).map(Math.round).sort((a, b) => a - b);
    await links.remove('test/link');
    const [least = 0, median = 0, high = 0] = [times[0], times[20], times[35]];
    say(`        ${least}, half of them up to ${median}, nine of ten up to ${high} ms`);
    expect(least).to.be.within(30, 50);
    expect(median).to.be.greaterThan(45);
    expect(high).to.be.greaterThan(70);
  });

  it('keep open connections, and carry them late', async () => {
    await links.add(delayed(50));
    const sent = await transfer('control-1', 'compute-1', 1_000_000, 60_000);
    await links.remove('test/link');
    // A window of data comes once in a tenth of a second.
    expect(sent).to.be.within(20_000, 100_000_000);
  });

  it('are late for Services and pods as well, whose addresses are rewritten on the way', async () => {
    const rewriting = `table ip rewriting {
      chain there { type nat hook output priority -100; ip daddr 10.96.0.50 dnat to ${COMPUTE}; }
      chain hidden { type nat hook postrouting priority 100; ip saddr 10.244.11.0/24 meta mark != 0x53514c masquerade; }
    }`;
    await nodes.inNode('control-1', 'nft', rewriting);
    await nodes.inNode('control-1', 'ip', 'link', 'add', 'cni0', 'type', 'bridge');
    await nodes.inNode('control-1', 'ip', 'address', 'add', '10.244.11.7/32', 'dev', 'cni0');
    await nodes.inNode('control-1', 'ip', 'link', 'set', 'cni0', 'up');
    await nodes.inNode(
      'control-1',
      'ip',
      'route',
      'add',
      '10.96.0.0/16',
      'dev',
      'eth0',
      'src',
      '10.244.11.7',
    );
    await nodes.inNode('compute-1', 'ip', 'address', 'add', '10.244.21.7/32', 'dev', 'lo');
    await nodes.inNode('control-1', 'ip', 'route', 'add', '10.244.21.0/24', 'via', COMPUTE);
    try {
      const was = await roundTrip('control-1', '10.96.0.50');
      await links.add(delayed(50));
      const late = [await roundTrip('control-1', '10.96.0.50'), await roundTrip('control-1', '10.244.21.7')];
      expect(was).to.be.lessThan(30);
      for (const each of late) expect(each).to.be.within(100, 180);
    } finally {
      await links.remove('test/link');
      await nodes.inNode('control-1', 'nft', 'delete table ip rewriting');
    }
  });

  it('are late on chosen ports only', async () => {
    await links.add(delayed(100, { ports: [ANSWER_PORT] }));
    const timed = async (): Promise<number> => {
      const startNs = clock.now().ns;
      expect(await links.reach('control-1', 'compute-1', { ms: 3000 })).to.equal('answers');
      return (clock.now().ns - startNs) / 1e6;
    };
    const chosen = await timed();
    const sent = await transfer('control-1', 'compute-1', 1_000_000, 10_000);
    await links.remove('test/link');
    // A connection and what is said on it go there; answers have another port.
    expect(chosen).to.be.greaterThan(200);
    expect(sent).to.be.greaterThan(10_000_000);
  });

  it('are late towards the API address while a chosen node has it, and towards the outside by twice as much', async () => {
    await roundTrip('compute-1', '10.77.0.10');
    await links.add(delayed(50, { groupB: ['compute-1', OUTSIDE] }));
    await until(5000, async () =>
      (await nodes.inNode('compute-1', 'ip', 'route', 'show', 'table', 'all')).includes('10.77.0.10 dev sqd-')
        ? undefined
        : 'packets for the API address are not held',
    );
    const toHolder = await roundTrip('compute-1', '10.77.0.10');
    const toHost = await roundTrip('control-1', '10.77.0.1');
    await nodes.inNode('control-1', 'ip', 'address', 'delete', '10.77.0.10/32', 'dev', 'eth0');
    await nodes.inNode('compute-2', 'ip', 'address', 'add', '10.77.0.10/32', 'dev', 'eth0');
    // What compute-1 learns when keepalived of the next holder tells everybody.
    const next = ['10.77.0.10', 'lladdr', '02:53:51:00:00:22', 'nud', 'stale', 'dev', 'eth0'];
    await nodes.inNode('compute-1', 'ip', 'neigh', 'replace', ...next);
    await until(10_000, async () =>
      (await nodes.inNode('compute-1', 'ip', 'route', 'show', 'table', 'all')).includes('10.77.0.10 dev sqd-')
        ? 'packets for the API address are still held'
        : undefined,
    );
    const toNext = await roundTrip('compute-1', '10.77.0.10');
    await links.remove('test/link');
    say(`        ${toHolder} ms, ${toHost} ms, ${toNext} ms`);
    expect(toHolder).to.be.within(100, 180);
    expect(toHost).to.be.within(100, 180);
    expect(toNext).to.be.lessThan(30);
  });

  it('come back by themselves at the declared end', async () => {
    const startNs = clock.now().ns;
    await links.add(delayed(100, { expiresAfter: { ms: 3000 } }));
    expect(await roundTrip('control-1', COMPUTE)).to.be.greaterThan(195);
    await clock.sleep({ ms: Math.max(0, 3300 - (clock.now().ns - startNs) / 1e6) });
    expect(await roundTrip('control-1', COMPUTE)).to.be.lessThan(30);
    expect(await links.rules()).to.deep.equal([]);
    expect(await rulesOn('control-1')).to.deep.equal([]);
  });

  it('come back at once when the relay is killed, and what it leaves is taken away', async () => {
    await links.add(delayed(100));
    for (const pid of await pidsOfRelay('test/link')) process.kill(pid, 'SIGKILL');
    await clock.sleep({ ms: 200 });
    expect(await roundTrip('control-1', COMPUTE)).to.be.lessThan(30);
    expect(await links.rules()).to.deep.equal([]);
    expect(await rulesOn('control-1')).to.have.length(1);
    await links.remove('test/link');
    expect(await rulesOn('control-1')).to.deep.equal([]);
  });

  it('take no second delay beside the first', async () => {
    await links.add(delayed(100));
    const second = links.add(delayed(50, { id: 'test/second' }));
    const says = await second.then(
      () => 'put in place',
      (error: unknown) => String(error),
    );
    const rules = await links.rules();
    await links.remove('test/second');
    await links.remove('test/link');
    expect(says).to.match(/another rule of ours acts/i);
    expect(new Set(rules.map(({ id }) => id))).to.deep.equal(new Set(['test/link']));
  });

  it('cost little at a delay of nothing', async () => {
    const direct = await roundTrip('control-1', COMPUTE);
    const fast = await transfer('control-1', 'compute-1', 50_000_000, 30_000);
    await links.add(delayed(0));
    const through = await roundTrip('control-1', COMPUTE);
    const bytes = 50_000_000;
    const relayed = await transfer('control-1', 'compute-1', bytes, 60_000);
    await links.remove('test/link');
    const packets = Math.round(relayed / 1448);
    say(
      `        round trip ${direct} ms, through two relays ${through} ms; ${rate(fast)}, ${rate(relayed)}: ${packets} packets/s`,
    );
    expect(through - direct).to.be.lessThan(5);
    expect(packets).to.be.greaterThan(2000);
  });
});

/** Of both nodes, on this host. */
async function pidsOfRelay(id: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
      return words[1] === 'hold' && words[0]?.endsWith('link-relay') === true && words.includes(id)
        ? [Number(pid)]
        : [];
    }),
  );
  return found.flat();
}
