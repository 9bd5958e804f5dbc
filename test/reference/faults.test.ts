import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { LASTING, MOMENTARY } from './hurts.ts';
import { hurtAndKill, squall } from './kill-squall.ts';
import { clock, ensureUp, isShort, say, untilWhole } from './the-lab.ts';
import { differences, nodeTraces, untilAsBefore } from './node-traces.ts';

/** Nothing of a fault may live on for longer after its declared end, whatever became of Squall. */
const ALIVE_AT_MOST_MS = 5000;

/** What was hurt comes back by itself in that time; it takes a fraction of it where nothing else runs beside. */
const RECOVERS_WITHIN_MS = 240_000;

/**
 * One of each way to hold an end: the reaper, a kernel, a timer of a node, nobody. CI has no time for all of them; the relay of
 * delays ends in the tests of links between network namespaces.
 */
const SHORT = [
  'node-power-off',
  'network-partition of a control node',
  'service-stop of etcd, a static pod',
  'container-kill',
];
const isRun = ([title]: readonly [title: string, ...unknown[]]): boolean => !isShort || SHORT.includes(title);

describe('faults on the reference lab, with Squall killed in the middle', () => {
  before(ensureUp);

  for (const [title, hurt, trace] of LASTING.filter(isRun)) {
    it(`${title}: hurts, and is gone 5 s after its declared end`, async () => {
      await untilWhole(RECOVERS_WITHIN_MS);
      const whole = await nodeTraces();
      const { entry } = await hurtAndKill(hurt, 'holding');
      const hurting = differences(whole, await nodeTraces());
      await gone(whole, entry.expires.ns);
      await healsNothingMore();
      expect(hurting.join('\n'), 'what is seen while it holds').to.match(new RegExp(trace.source, 'm'));
    });
  }

  for (const [title, hurt] of MOMENTARY.filter(isRun)) {
    it(`${title}: leaves nothing when Squall is killed right after it`, async () => {
      await untilWhole(RECOVERS_WITHIN_MS);
      const whole = await nodeTraces();
      const { entry } = await hurtAndKill(hurt, 'inject-verify');
      await gone(whole, entry.expires.ns);
      await healsNothingMore();
      await untilWhole(RECOVERS_WITHIN_MS);
    });
  }

  it('leaves a cluster that becomes whole by itself', () => untilWhole(RECOVERS_WITHIN_MS));
});

async function gone(whole: readonly string[], endsNs: number): Promise<void> {
  const { left, lookedNs } = await untilAsBefore(whole, endsNs + ALIVE_AT_MOST_MS * 1e6);
  const lateMs = Math.round((lookedNs - endsNs) / 1e6);
  expect(left, `after its declared end + ${lateMs} ms`).to.deep.equal([]);
  say(`        as before ${lateMs} ms after the declared end`);
}

async function healsNothingMore(): Promise<void> {
  const startNs = clock.now().ns;
  const { code, says } = await squall(['heal', '--yes', '--lab', 'reference']);
  expect(code, `heal after ${(clock.now().ns - startNs) / 1e9} s: ${says}`).to.equal(0);
}
