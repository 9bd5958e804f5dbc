import { findNodes, refuseUnlessOn, seenBack, seenOff, turn } from '../look-at-nodes.ts';
import type { Fault } from '../fault.ts';
import { nodeBoots, podReplaced, silentMember } from '../fault-timers.ts';
import { windowOf } from '../read-timers.ts';

/** Pulls the cable of nodes, and turns them on again. Nothing on a node that is off can end it, so the reaper does. */
export const nodePowerOff: Fault = {
  name: 'node-power-off',
  version: 1,
  summary: 'Turns nodes off at once, and on again after a while.',
  acts: 'node',
  lasts: true,
  parameters: {},
  needs: ['power'],
  expiryHolder: 'reaper',
  restarts: 'node',
  predict(timers, context) {
    const silent = silentMember(timers, context);
    const boots = nodeBoots(timers);
    const ready = podReplaced(timers);
    return windowOf({
      outage: [silent.min, silent.max],
      redundancy: [context.duration.ms, context.duration.ms + boots.max + ready.max],
      because: [...silent.because, ...boots.because, ...ready.because],
    });
  },
  async before({ targets }, tools) {
    return { power: await refuseUnlessOn(targets, tools, 'node-power-off') };
  },
  inject: (entry, tools) => turn('off', entry, tools),
  verify: seenOff,
  findMarks: (tools) => findNodes(tools, 'off', (power, node) => power.on(node)),
  heal: (entry, tools) => turn('on', entry, tools),
  verifyHealed: (entry, tools) => seenBack(entry, tools, 'turned off'),
};
