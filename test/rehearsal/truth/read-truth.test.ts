import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { openTruth, readTruth } from '../../../src/rehearsal/truth/index.ts';
import type { Fact, TruthInterval } from '../../../src/rehearsal/truth/index.ts';
import type { LinkRuleRecord } from '../../../src/rehearsal/links/link-rule-record.ts';

const CONTROL = ['control-1', 'control-2', 'control-3'];

/** A lab in which keystone answers from three nodes and control-1 holds the address and leads the database, from instant 10. */
const WHOLE: readonly Fact[] = [
  ...['address', ...CONTROL].map((name): Fact => ({ kind: 'process', name, state: 'started' })),
  ...CONTROL.map((node): Fact => ({ kind: 'member', group: 'mariadb', node, up: true })),
  { kind: 'leader', group: 'mariadb', node: 'control-1', leads: true },
  ...CONTROL.map((node): Fact => ({
    kind: 'replica',
    node,
    front: 'keystone',
    replica: `keystone-${node}`,
    up: true,
  })),
  ...CONTROL.map((node): Fact => ({ kind: 'balancer', node, front: 'keystone', backends: CONTROL })),
  { kind: 'holder', node: 'control-1' },
];

const cut = (over: Partial<LinkRuleRecord> = {}): LinkRuleRecord => ({
  id: 'rule-1',
  run: 'run-1',
  groupA: ['control-1'],
  groupB: ['control-2', 'control-3'],
  direction: 'both',
  ports: [],
  effect: { kind: 'cut' },
  endsNs: 400,
  ...over,
});

describe('the truth of a rehearsal', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'squall-truth-'));
    const write = openTruth(folder, 'control-1');
    for (const fact of WHOLE) write(fact, 10);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const tell = (ns: number, fact: Fact, writer = 'lab'): void => openTruth(folder, writer)(fact, ns);
  const line = (intervals: readonly TruthInterval[] | undefined): string =>
    (intervals ?? []).map(({ state, fromNs }) => `${fromNs} ${state}`).join(', ');
  const keystone = (): string =>
    line(readTruth(folder).fronts['keystone']?.filter(({ fromNs, untilNs }) => untilNs !== fromNs)).replace(
      '10 up',
      'up',
    );

  it('is up while everything answers', () => {
    expect(keystone()).to.equal('up');
  });

  it('is down from the kill of the holder until the address, the leader and the backends have moved', () => {
    tell(100, { kind: 'process', name: 'control-1', state: 'dead' });
    tell(200, { kind: 'holder', node: 'control-2' });
    tell(250, { kind: 'leader', group: 'mariadb', node: 'control-2', leads: true });
    tell(300, {
      kind: 'balancer',
      node: 'control-2',
      front: 'keystone',
      backends: ['control-2', 'control-3'],
    });
    expect(keystone()).to.equal('up, 100 down, 250 partly, 300 up');
  });

  it('takes the facts of several writers in the order of their instants', () => {
    tell(300, { kind: 'planted', front: 'keystone', down: false }, 'address');
    tell(200, { kind: 'planted', front: 'keystone', down: true }, 'lab');
    expect(keystone()).to.equal('up, 200 down, 300 up');
  });

  it('goes on where it was when a holder is thawed, and from nothing when it is started', () => {
    tell(100, { kind: 'process', name: 'control-1', state: 'frozen' });
    tell(200, { kind: 'process', name: 'control-1', state: 'thawed' });
    expect(keystone()).to.equal('up, 100 down, 200 up');
    tell(300, { kind: 'process', name: 'control-1', state: 'dead' });
    tell(400, { kind: 'process', name: 'control-1', state: 'started' });
    expect(keystone()).to.equal('up, 100 down, 200 up, 300 down');
  });

  it('does not count one refusing backend: the next one is tried at once', () => {
    tell(100, {
      kind: 'replica',
      node: 'control-2',
      front: 'keystone',
      replica: 'keystone-control-2',
      up: false,
    });
    expect(keystone()).to.equal('up');
    expect(line(readTruth(folder).replicas['control-2 keystone'])).to.match(/, 100 down$/);
  });

  it('is down without a majority of the database', () => {
    tell(100, { kind: 'member', group: 'mariadb', node: 'control-2', up: false });
    tell(200, { kind: 'member', group: 'mariadb', node: 'control-3', up: false });
    tell(300, { kind: 'member', group: 'mariadb', node: 'control-3', up: true });
    expect(keystone()).to.equal('up, 200 down, 300 up');
  });

  it('believes the new leader, not the one that says later that it leads no more', () => {
    tell(100, { kind: 'leader', group: 'mariadb', node: 'control-2', leads: true });
    tell(200, { kind: 'leader', group: 'mariadb', node: 'control-1', leads: false });
    expect(keystone()).to.equal('up');
    tell(300, { kind: 'leader', group: 'mariadb', node: 'control-2', leads: false });
    expect(keystone()).to.equal('up, 300 down');
  });

  it('is down while the holder is cut from the other nodes, and its database has no majority', () => {
    tell(100, { kind: 'rule', rule: cut() });
    tell(400, { kind: 'rule-over', id: 'rule-1' });
    expect(keystone()).to.equal('up, 100 down, 400 up');
  });

  it('knows the port that the members of the database talk over', () => {
    tell(100, { kind: 'rule', rule: cut({ ports: [4567] }) });
    tell(400, { kind: 'rule-over', id: 'rule-1' });
    expect(keystone()).to.equal('up, 100 down, 400 up');
  });

  it('ends a rule at its declared end also when everybody who held it is gone', () => {
    tell(100, { kind: 'rule', rule: cut() });
    tell(500, { kind: 'planted', front: 'glance', down: true });
    expect(keystone()).to.equal('up, 100 down, 400 up');
  });
});
