import { expect } from 'chai';
import { describe, it } from 'mocha';
import { readListing, starting, stopping } from '../../../src/labs/reference/units.ts';
import { onScriptedNode } from './scripted-node.ts';

const SYSTEMD = { kind: 'systemd', port: 10250 } as const;
const timer =
  /--unit=(squall-again-\w+)/.exec(stopping('kubelet', SYSTEMD, { id: 'a', ms: 1000 }))?.[1] ?? '';

describe('units of the reference lab', () => {
  it('tell by whom one is stopped while its timer stands', () => {
    const said = `containerd\n${timer}.timer loaded active waiting squall 20261121-run/hurt#0\n`;
    expect(readListing(said, ['kubelet', 'containerd'])).to.deep.equal([
      { unit: 'kubelet', running: false, stoppedBy: '20261121-run/hurt#0' },
      { unit: 'containerd', running: true },
    ]);
  });

  it('take neither another timer nor another name for it', () => {
    const said = 'kubelet-of-others\nsquall-again-00000000.timer loaded active waiting squall other\n';
    expect(readListing(said, ['kubelet'])).to.deep.equal([{ unit: 'kubelet', running: false }]);
  });

  it('plan the start before the stop, and take the plan away with the start', () => {
    const script = stopping('kubelet', SYSTEMD, { id: "it's; mine", ms: 2500 });
    expect(script.indexOf('--on-active=2.5s')).to.be.lessThan(script.indexOf('\nsystemctl stop kubelet'));
    expect(script).to.include('"squall it_s__mine"');
    expect(starting('kubelet', SYSTEMD)).to.include(`systemctl stop ${timer}.timer`);
  });

  it('leave the plan in its place where the start fails, for nothing else would start it at the declared end', () => {
    const stops = (systemctl: string) => {
      const { code, calls } = onScriptedNode(starting('kubelet', SYSTEMD), { systemctl });
      return [code, calls.filter((call) => call.startsWith('systemctl stop')).length];
    };
    expect(stops('case "$1" in start) exit 4;; esac')).to.deep.equal([4, 0]);
    expect(stops('case "$1" in stop) exit 5;; esac')).to.deep.equal([0, 1]);
  });
});
