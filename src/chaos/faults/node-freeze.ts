import { HarnessError } from '../../model/errors.ts';
import { findNodes, lookAtNodes, powerOf, refuseUnlessOn, seenBack } from '../look-at-nodes.ts';
import { notSeen, seen, type Fault } from '../fault.ts';
import { podReplaced, silentMember } from '../fault-timers.ts';
import { windowOf } from '../read-timers.ts';

/** Stops nodes in place: their connections stay open and say nothing. A frozen node ends nothing itself, so the reaper does. */
export const nodeFreeze: Fault = {
  name: 'node-freeze',
  version: 1,
  summary: 'Freezes nodes in place, so that they hang rather than die, and thaws them after a while.',
  acts: 'node',
  lasts: true,
  parameters: {},
  needs: ['power', 'freeze'],
  expiryHolder: 'reaper',
  predict(timers, context) {
    const silent = silentMember(timers, context);
    const ready = podReplaced(timers);
    return windowOf({
      outage: [silent.min, Math.min(silent.max, Math.max(silent.min, context.duration.ms))],
      redundancy: [context.duration.ms, context.duration.ms + ready.max],
      because: [...silent.because, ...ready.because, 'a thawed node answers again at once'],
    });
  },
  async before({ targets }, tools) {
    return { power: await refuseUnlessOn(targets, tools, 'node-freeze') };
  },
  async inject(entry, tools) {
    const power = powerOf(tools, 'node-freeze');
    if (power.freeze === undefined) {
      throw new HarnessError('SQ_ABILITY_MISSING', `The lab ${tools.lab.name} cannot freeze nodes.`);
    }
    await Promise.all(entry.targets.map(async ({ node }) => power.freeze?.(node)));
  },
  async verify(entry, tools) {
    const looks = await lookAtNodes(entry.targets, tools);
    const other = looks.filter(({ look }) => look !== 'silent');
    return other.length === 0
      ? seen(looks.map(({ node }) => `${node} is silent`).join(', '))
      : notSeen(
          other.map(({ node, look }) => `${node} ${look === 'answers' ? 'answers' : 'refuses'}`).join(', '),
        );
  },
  findMarks: (tools) => findNodes(tools, 'frozen', async (power, node) => power.thaw?.(node)),
  async heal(entry, tools) {
    const power = powerOf(tools, 'node-freeze');
    if (power.thaw === undefined) {
      throw new HarnessError('SQ_ABILITY_MISSING', `The lab ${tools.lab.name} cannot thaw nodes.`);
    }
    await Promise.all(entry.targets.map(async ({ node }) => power.thaw?.(node)));
  },
  verifyHealed: (entry, tools) => seenBack(entry, tools, 'frozen'),
};
