import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Lane } from '../../../src/rehearsal/links/lane.ts';
import type { LinkRuleRecord } from '../../../src/rehearsal/links/link-rule-record.ts';
import { LinkRules } from '../../../src/rehearsal/links/link-rules.ts';
import type { Treatment } from '../../../src/rehearsal/links/link-rules.ts';
import { UNTREATED } from '../../../src/rehearsal/links/link-rules.ts';
import { SimulatedTime } from '../consensus/lossy-group.ts';

const ruleOf = (given: Partial<LinkRuleRecord>): LinkRuleRecord => ({
  id: 'rule',
  run: 'run',
  groupA: ['a'],
  groupB: ['b'],
  direction: 'both',
  ports: [],
  effect: { kind: 'cut' },
  endsNs: 1000 * 1e6,
  ...given,
});

const rulesOf = (self: string, time: SimulatedTime): LinkRules =>
  new LinkRules(self, () => time.nowMs() * 1e6);

describe('rules of links', () => {
  it('end by themselves at their end', async () => {
    const time = new SimulatedTime();
    const rules = rulesOf('a', time);
    expect(rules.add(ruleOf({}))).to.equal(true);
    await time.pass(999);
    expect(rules.treatment('b', 80).cut).to.equal(true);
    await time.pass(1);
    expect([rules.treatment('b', 80).cut, rules.list()]).to.deep.equal([false, []]);
    expect(rules.remove('rule')).to.equal(false);
  });

  it('are not taken up when their end has passed', async () => {
    const time = new SimulatedTime();
    await time.pass(2000);
    const rules = rulesOf('a', time);
    expect(rules.add(ruleOf({}))).to.equal(false);
    expect(rules.list()).to.deep.equal([]);
  });

  for (const { title, self, rule, peer, port, cut } of [
    { title: 'cuts what goes back too', self: 'b', rule: {}, peer: 'a', port: 80, cut: true },
    {
      title: 'one way leaves the other',
      self: 'b',
      rule: { direction: 'a-to-b' },
      peer: 'a',
      port: 80,
      cut: false,
    },
    { title: 'leaves other peers', self: 'a', rule: {}, peer: 'c', port: 80, cut: false },
    { title: 'leaves other ports', self: 'a', rule: { ports: [81] }, peer: 'b', port: 80, cut: false },
    { title: 'acts on its port', self: 'a', rule: { ports: [80] }, peer: 'b', port: 80, cut: true },
  ] as const)
    it(title, () => {
      const rules = rulesOf(self, new SimulatedTime());
      rules.add(ruleOf(rule));
      expect(rules.treatment(peer, port).cut).to.equal(cut);
    });
});

describe('one direction of a connection', () => {
  const laneWith = (treatment: Treatment, reliable = true, chance = 0) => {
    const time = new SimulatedTime();
    const got: string[] = [];
    const state = { treatment };
    const laneTime = {
      nowMs: () => time.nowMs(),
      after: (ms: number, run: () => void) => time.after(ms, run),
      random: () => chance,
    };
    const lane = new Lane(
      laneTime,
      () => state.treatment,
      (bytes) => got.push(`${bytes.toString()}@${time.nowMs()}`),
      reliable,
    );
    return { time, got, state, lane };
  };

  it('keeps what meets a cut, and sends it again in order after the cut', async () => {
    const { time, got, state, lane } = laneWith({ ...UNTREATED, cut: true });
    lane.push(Buffer.from('a'));
    lane.push(Buffer.from('b'));
    await time.pass(500);
    expect(got).to.deep.equal([]);
    state.treatment = UNTREATED;
    lane.push(Buffer.from('c'));
    await time.pass(100);
    // The second try was due 200 + 400 ms after the first.
    expect(got).to.deep.equal(['a@600', 'b@600', 'c@600']);
  });

  it('drops what meets a cut when nobody sends it again', async () => {
    const { time, got, state, lane } = laneWith({ ...UNTREATED, cut: true }, false);
    lane.push(Buffer.from('a'));
    state.treatment = UNTREATED;
    lane.push(Buffer.from('b'));
    await time.pass(100);
    expect(got).to.deep.equal(['b@0']);
  });

  it('drops what was on its way when the cut came, when nobody sends it again', async () => {
    const { time, got, state, lane } = laneWith({ ...UNTREATED, delayMs: 50 }, false);
    lane.push(Buffer.from('a'));
    await time.pass(20);
    state.treatment = { ...UNTREATED, cut: true };
    await time.pass(200);
    expect(got).to.deep.equal([]);
  });

  it('delays, makes lost packets late, and keeps to a rate', async () => {
    const late = laneWith({ ...UNTREATED, delayMs: 50 });
    late.lane.push(Buffer.from('a'));
    await late.time.pass(100);
    expect(late.got).to.deep.equal(['a@50']);
    let draws = 0;
    const lost = laneWith({ ...UNTREATED, loss: 0.5 });
    const once = new Lane(
      {
        nowMs: () => lost.time.nowMs(),
        after: (ms, run) => lost.time.after(ms, run),
        random: () => (draws++ === 0 ? 0 : 0.9),
      },
      () => lost.state.treatment,
      (bytes) => lost.got.push(`${bytes.toString()}@${lost.time.nowMs()}`),
      true,
    );
    once.push(Buffer.from('a'));
    once.push(Buffer.from('b'));
    await lost.time.pass(300);
    expect(lost.got).to.deep.equal(['a@200', 'b@200']);
    const slow = laneWith({ ...UNTREATED, bytesPerSecond: 10 });
    for (const each of ['aaaaa', 'bbbbb']) slow.lane.push(Buffer.from(each));
    await slow.time.pass(2000);
    expect(slow.got).to.deep.equal(['aaaaa@500', 'bbbbb@1000']);
  });
});
