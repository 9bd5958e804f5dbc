import { findNodes, lookAtNodes, powerOf, refuseUnlessOn } from '../look-at-nodes.ts';
import { notSeen, seen, type Fault } from '../fault.ts';
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
  async inject(entry, tools) {
    const power = powerOf(tools, 'node-power-off');
    await Promise.all(entry.targets.map(({ node }) => power.off(node)));
  },
  async verify(entry, tools) {
    const looks = await lookAtNodes(entry.targets, tools);
    const answering = looks.filter(({ look }) => look === 'answers');
    return answering.length === 0
      ? seen(looks.map(({ node, look }) => `${node} is ${look}`).join(', '))
      : notSeen(`${answering.map(({ node }) => node).join(', ')} still answers.`);
  },
  findMarks: (tools) => findNodes(tools, 'off', (power, node) => power.on(node)),
  async heal(entry, tools) {
    const power = powerOf(tools, 'node-power-off');
    await Promise.all(entry.targets.map(({ node }) => power.on(node)));
  },
  async verifyHealed(entry, tools) {
    const looks = await lookAtNodes(entry.targets, tools);
    const differences = looks
      .filter(({ look }) => look !== 'answers')
      .map(({ node, look }) => `${node}: was on and answered, is ${look}`);
    return differences.length === 0
      ? seen(looks.map(({ node }) => `${node} answers`).join(', '))
      : notSeen('A node that was turned off does not answer yet.', differences);
  },
};
