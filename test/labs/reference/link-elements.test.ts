import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { creating, deleting, elementsOf, readElements } from '../../../src/labs/reference/link-elements.ts';
import { NODE_SHAPES } from '../../../src/labs/reference/shape.ts';
import { OUTSIDE, type LinkRule } from '../../../src/ports/lab.ts';

const rule = (changed: Partial<LinkRule> = {}): LinkRule => ({
  id: 'run-1.s1',
  run: 'run-1',
  groupA: ['control-1'],
  groupB: ['control-2', 'compute-1'],
  direction: 'both',
  ports: [],
  effect: { kind: 'cut' },
  expiresAfter: { ms: 5000 },
  ...changed,
});

describe('elementsOf', () => {
  it('drops both ways at the receiver, told by the hardware address of the sender', () => {
    const ofPackets = elementsOf(rule()).filter(({ family }) => family === 'inet');
    expect(ofPackets.map(({ node, set, key }) => `${node} ${set} ${key}`)).to.deep.equal([
      'control-2 in_cut 02:53:51:00:00:11',
      'compute-1 in_cut 02:53:51:00:00:11',
      'control-1 in_cut 02:53:51:00:00:12',
      'control-1 in_cut 02:53:51:00:00:21',
    ]);
  });

  it('drops one way only when told', () => {
    const nodes = elementsOf(rule({ direction: 'a-to-b' })).map(({ node }) => node);
    expect(nodes).to.deep.equal(['control-2', 'compute-1']);
  });

  it('has the sender drop what goes out of the lab, for nobody out there has rules of ours', () => {
    const found = elementsOf(rule({ groupB: [OUTSIDE] })).map(
      ({ node, family, set, key }) => `${node} ${family} ${set} ${key}`,
    );
    expect(found).to.deep.equal([
      'control-1 inet out_cut "eth0"',
      'control-1 netdev out_cut "eth0"',
      'control-1 inet in_cut 02:53:51:00:00:01',
      'control-1 netdev in_cut 02:53:51:00:00:01',
    ]);
  });

  it('takes ARP along where everything is cut both ways, and nowhere else', () => {
    const arpOf = (changed: Partial<LinkRule>): readonly string[] =>
      elementsOf(rule(changed))
        .filter(({ family }) => family === 'netdev')
        .map(({ node, set, key }) => `${node} ${set} ${key}`);
    expect(arpOf({})).to.deep.equal([
      'control-2 in_cut 02:53:51:00:00:11',
      'compute-1 in_cut 02:53:51:00:00:11',
      'control-1 in_cut 02:53:51:00:00:12',
      'control-1 in_cut 02:53:51:00:00:21',
    ]);
    expect(arpOf({ direction: 'a-to-b' })).to.deep.equal([]);
    expect(arpOf({ ports: [6443] })).to.deep.equal([]);
    expect(arpOf({ effect: { kind: 'lose', share: 0.3 } })).to.deep.equal([]);
  });

  it('names ports at the receiving end', () => {
    const [first] = elementsOf(rule({ ports: [6443, 2379] }));
    expect(first?.set).to.equal('in_cut_ports');
    expect(elementsOf(rule({ ports: [6443, 2379] })).map(({ key }) => key)).to.include(
      '02:53:51:00:00:11 . 2379',
    );
  });

  it('writes loss as a jump, a limit as a rate, and always a timeout and a mark', () => {
    const [lost] = elementsOf(rule({ effect: { kind: 'lose', share: 0.3 } }));
    expect(lost?.rest).to.equal('timeout 5000ms comment "run-1.s1 run-1" : jump lose_30');
    const [limited] = elementsOf(rule({ effect: { kind: 'limit', bytesPerSecond: 1024 * 100 } }));
    expect(limited?.rest).to.equal(
      'limit rate over 100 kbytes/second burst 128 kbytes timeout 5000ms comment "run-1.s1 run-1"',
    );
  });

  it('refuses a delay, an unknown node and a name that could end its quotes', () => {
    const delay = { kind: 'delay', by: { ms: 10 }, jitter: { ms: 0 } } as const;
    expect(() => elementsOf(rule({ effect: delay }))).to.throw(/hold them back/);
    expect(() => elementsOf(rule({ groupA: ['elsewhere'] }))).to.throw(/no node elsewhere/);
    expect(() => elementsOf(rule({ id: 'x" drop' }))).to.throw(/cannot be named/);
    expect(() => elementsOf(rule({ id: 'x'.repeat(130) }))).to.throw(/cannot be named/);
  });

  it('never says the same element twice, whatever the groups share', () => {
    const groups = fc.subarray([...NODE_SHAPES.map(({ name }) => name), OUTSIDE], { minLength: 1 });
    fc.assert(
      fc.property(groups, groups, (groupA, groupB) => {
        if (groupA.includes(OUTSIDE) && groupB.includes(OUTSIDE)) return;
        const names = elementsOf(rule({ groupA, groupB })).map(
          ({ node, family, set, key }) => `${node} ${family} ${set} ${key}`,
        );
        expect(new Set(names).size).to.equal(names.length);
        expect(names.every((name) => !name.startsWith(OUTSIDE))).to.equal(true);
      }),
    );
  });
});

describe('elements as nft has them', () => {
  it('creates, so that one rule never takes the place of another, and deletes by key', () => {
    const [first] = elementsOf(rule());
    expect(creating(first === undefined ? [] : [first])).to.equal(
      'create element inet squall_links in_cut { 02:53:51:00:00:11 timeout 5000ms comment "run-1.s1 run-1" }\n',
    );
    expect(deleting([{ family: 'inet', set: 'in_cut_ports', key: '02:53:51:00:00:11 . 80' }])).to.equal(
      'delete element inet squall_links in_cut_ports { 02:53:51:00:00:11 . 80 }\n',
    );
  });

  it('finds marked elements of sets and maps in what nft says, and leaves others alone', () => {
    const said = {
      nftables: [
        { metainfo: { version: '1.1.3' } },
        {
          set: {
            family: 'netdev',
            name: 'in_cut',
            elem: [{ elem: { val: '02:53:51:00:00:12', timeout: 3, comment: 'a r' } }],
          },
        },
        { set: { family: 'inet', name: 'in_limit', elem: ['02:53:51:00:00:13'] } },
        {
          map: {
            family: 'inet',
            name: 'out_lose_ports',
            elem: [
              [{ elem: { val: { concat: ['eth0', 80] }, comment: 'b r' } }, { jump: { target: 'lose_30' } }],
            ],
          },
        },
        { set: { family: 'inet', name: 'in_cut_ports' } },
      ],
    };
    expect(readElements(JSON.stringify(said))).to.deep.equal([
      { family: 'netdev', set: 'in_cut', key: '02:53:51:00:00:12', id: 'a', run: 'r' },
      { family: 'inet', set: 'out_lose_ports', key: '"eth0" . 80', id: 'b', run: 'r' },
    ]);
  });
});
