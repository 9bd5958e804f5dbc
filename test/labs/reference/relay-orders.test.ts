import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import {
  beginCommand,
  endCommand,
  placeOf,
  readRelays,
  RELAY_MARK,
  relayOrdersOf,
} from '../../../src/labs/reference/relay-orders.ts';
import { renderLinkTable } from '../../../src/labs/reference/render/link-table.ts';
import { OUTSIDE, type LinkRule } from '../../../src/ports/lab.ts';

const rule = (changed: Partial<LinkRule> = {}): LinkRule => ({
  id: 'run-1.s1',
  run: 'run-1',
  groupA: ['control-1'],
  groupB: ['control-2', 'compute-1'],
  direction: 'both',
  ports: [],
  effect: { kind: 'delay', by: { ms: 100 }, jitter: { ms: 10 } },
  expiresAfter: { ms: 5000 },
  ...changed,
});

const option = (command: readonly string[], name: string): string | undefined =>
  command.includes(`-${name}`) ? command[command.indexOf(`-${name}`) + 1] : undefined;

describe('what a relay is told', () => {
  it('has the sender hold what it sends, for nodes, their pods, and the API address while they have it', () => {
    expect(relayOrdersOf(rule())).to.deep.equal([
      {
        node: 'control-1',
        to: ['10.77.0.12', '10.244.12.0/24', '10.77.0.21', '10.244.21.0/24'],
        holders: ['02:53:51:00:00:12', '02:53:51:00:00:21'],
        outside: 0,
      },
      { node: 'control-2', to: ['10.77.0.11', '10.244.11.0/24'], holders: ['02:53:51:00:00:11'], outside: 0 },
      { node: 'compute-1', to: ['10.77.0.11', '10.244.11.0/24'], holders: ['02:53:51:00:00:11'], outside: 0 },
    ]);
  });

  it('holds one way only when told, and never what a node sends to itself', () => {
    const nodes = relayOrdersOf(rule({ direction: 'a-to-b', groupB: ['control-1', 'control-2'] }));
    expect(nodes.map(({ node, to }) => `${node} ${to.join()}`)).to.deep.equal([
      'control-1 10.77.0.12,10.244.12.0/24',
    ]);
  });

  it('puts the delay of what comes from outside on the answers, and refuses it alone', () => {
    expect(relayOrdersOf(rule({ groupB: [OUTSIDE] }))).to.deep.equal([
      { node: 'control-1', to: [], holders: [], outside: 2 },
    ]);
    expect(relayOrdersOf(rule({ groupB: [OUTSIDE], direction: 'a-to-b' }))[0]?.outside).to.equal(1);
    const inwards = rule({ groupA: [OUTSIDE], groupB: ['control-1'], direction: 'a-to-b' });
    expect(() => relayOrdersOf(inwards)).to.throw(/from outside/);
    expect(() => relayOrdersOf(rule({ groupA: ['elsewhere'] }))).to.throw(/no node elsewhere/);
  });

  it('says delay, end, names and ports, and spares nodes, pods and Services where the outside is meant', () => {
    const [order] = relayOrdersOf(rule());
    if (order === undefined) throw new Error('There is no order.');
    const command = beginCommand(rule({ ports: [6443, 2379] }), order, 1_700_000_000_000.4);
    expect(command.slice(0, 2)).to.deep.equal(['link-relay', 'begin']);
    for (const [name, value] of Object.entries({
      id: 'run-1.s1',
      run: 'run-1',
      delay: '100ms',
      jitter: '10ms',
      until: '1700000000000',
      source: '10.77.0.11',
      to: '10.77.0.12,10.244.12.0/24,10.77.0.21,10.244.21.0/24',
      moving: '10.77.0.10,02:53:51:00:00:12,02:53:51:00:00:21',
      ports: '6443,2379',
      outside: undefined,
      not: undefined,
    }))
      expect(option(command, name), name).to.equal(value);
    const outside = beginCommand(rule(), { ...order, to: [], outside: 2 }, 0);
    expect(option(outside, 'outside')).to.equal('2');
    expect(option(outside, 'not')?.split(',')).to.include.members([
      '10.77.0.10',
      '10.244.0.0/16',
      '10.96.0.0/16',
    ]);
    expect(option(outside, 'to')).to.equal(undefined);
  });

  it('refuses another effect, and names that could not be read back', () => {
    const [order] = relayOrdersOf(rule());
    if (order === undefined) throw new Error('There is no order.');
    expect(() => beginCommand(rule({ effect: { kind: 'cut' } }), order, 0)).to.throw(/cannot cut/);
    expect(() => beginCommand(rule({ id: 'two words' }), order, 0)).to.throw(/cannot be named/);
    expect(() => beginCommand(rule({ id: 'x'.repeat(255) }), order, 0)).to.throw(/cannot be named/);
  });

  it('is found and ended by its id alone', () => {
    const [order] = relayOrdersOf(rule());
    if (order === undefined) throw new Error('There is no order.');
    const place = placeOf('run-1.s1');
    expect(beginCommand(rule(), order, 0)).to.include.members([...place]);
    expect(endCommand('run-1.s1').slice(-place.length)).to.deep.equal(place);
    expect(placeOf('run-1.s2')).to.not.deep.equal(place);
    // The kernel keeps 15 letters of a device's name.
    expect(place[1]).to.match(/^sqd-[0-9a-f]{6}$/);
    const devices = [
      { ifname: 'eth0', ifalias: 'not ours' },
      { ifname: place[1], ifalias: 'run-1.s1 run-1' },
      { ifname: 'sqd-000000' },
    ];
    expect(readRelays(JSON.stringify(devices))).to.deep.equal([{ id: 'run-1.s1', run: 'run-1' }]);
  });
});

describe('the mark of what a relay sends on', () => {
  it('is the same in the relay and in the link table, which does not track it', () => {
    const source = readFileSync('reference/link-relay/main.go', 'utf8');
    expect(Number(/^const mark = (0x[0-9a-f]+)$/m.exec(source)?.[1])).to.equal(RELAY_MARK);
    expect(renderLinkTable()).to.include(`meta mark ${RELAY_MARK} notrack`);
  });
});
