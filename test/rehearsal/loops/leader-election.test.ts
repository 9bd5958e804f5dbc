import { expect } from 'chai';
import { describe, it } from 'mocha';
import { textAt } from '../../../src/rehearsal/cluster-api/json.ts';
import { ObjectClient } from '../../../src/rehearsal/cluster-api/object-client.ts';
import { startLeaderElection } from '../../../src/rehearsal/loops/leader-election.ts';
import { createMemoryStore } from '../../../src/rehearsal/memory-store.ts';
import { timer } from '../../../src/rehearsal/timers.ts';
import { token } from '../cluster-api/model-cluster.ts';

/** How much faster than the rehearsal's own timers the clock of this test goes. */
const FASTER = 10;
const begun = Date.now();
const nowMs = (): number => begun + (Date.now() - begun) * FASTER;
/** For so long on the fast clock. */
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms / FASTER));

describe('leader election of the rehearsal', function () {
  this.timeout(10_000);

  it('keeps one leader that renews, moves when it falls silent, and lets go when the store does', async () => {
    const store = createMemoryStore();
    const context = { store, nowMs, token, faster: FASTER };
    const name = 'kube-scheduler';
    const first = startLeaderElection({ ...context, name, node: 'control-1' });
    await sleep(500);
    const second = startLeaderElection({ ...context, name, node: 'control-2' });
    const lease = async (): Promise<readonly [string, string]> => {
      const found = await new ObjectClient(context).get({ plural: 'leases', namespace: 'kube-system', name });
      return [textAt(found, 'spec', 'holderIdentity') ?? '', textAt(found, 'spec', 'renewTime') ?? ''];
    };
    try {
      const [holder, renewed] = await lease();
      expect(holder).to.match(/^control-1_[0-9a-f-]+$/);
      await sleep(timer('leader-elect-lease-duration') + 100);
      const [later, again] = await lease();
      expect(later).to.equal(holder);
      expect(Date.parse(again)).to.be.greaterThan(Date.parse(renewed));
      expect([first.isLeader(), second.isLeader()]).to.deep.equal([true, false]);
      first.stop();
      const silentMs = nowMs();
      while (!second.isLeader() && nowMs() - silentMs < 5000) await sleep(20);
      const tookMs = nowMs() - silentMs;
      expect(first.isLeader()).to.equal(false);
      expect((await lease())[0]).to.match(/^control-2_/);
      const latest = timer('leader-elect-lease-duration') + 2 * timer('leader-elect-retry-period');
      expect(tookMs).to.be.within(
        timer('leader-elect-lease-duration') - timer('leader-elect-retry-period'),
        latest + 1000,
      );
      store.cutOff(true);
      await sleep(timer('leader-elect-renew-deadline') + 500);
      expect(second.isLeader()).to.equal(false);
      store.cutOff(false);
      await sleep(2 * timer('leader-elect-retry-period'));
      expect(second.isLeader()).to.equal(true);
    } finally {
      first.stop();
      second.stop();
    }
  });
});
