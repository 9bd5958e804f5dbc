import { refuseUnlessOn, seenBack, seenOff, turn } from '../look-at-nodes.ts';
import type { Fault } from '../fault.ts';
import { mayKeepAddress, nodeBoots, podReplaced, silentMember } from '../fault-timers.ts';
import { windowOf } from '../read-timers.ts';

const NAME = 'node-reboot';

/** Turning a node off takes no longer, and when we die in between, the reaper turns it on after this. */
const PATIENCE = { inject: { ms: 10_000 }, verify: { ms: 5000 } };

/** Presses the reset button: off at once, and on again as soon as it is seen to be off. The way back is its own to go. */
export const nodeReboot: Fault = {
  name: NAME,
  version: 1,
  summary:
    'Restarts nodes as a reset button does: off at once, and on again as soon as they were seen to be off.',
  acts: 'node',
  lasts: false,
  parameters: {},
  needs: ['power'],
  expiryHolder: 'reaper',
  restarts: 'node',
  patience: () => PATIENCE,
  predict(timers, context) {
    // A node that is back sooner than it was missed keeps what it held.
    const silent = silentMember(timers, mayKeepAddress(context));
    const boots = nodeBoots(timers);
    const ready = podReplaced(timers);
    return windowOf({
      outage: [0, silent.max],
      redundancy: [0, boots.max + ready.max],
      because: [...silent.because, ...boots.because, ...ready.because],
    });
  },
  async before({ targets }, tools) {
    return { power: await refuseUnlessOn(targets, tools, NAME) };
  },
  inject: (entry, tools) => turn('off', entry, tools),
  verify: seenOff,
  heal: (entry, tools) => turn('on', entry, tools),
  verifyHealed: (entry, tools) => seenBack(entry, tools, 'restarted'),
};
