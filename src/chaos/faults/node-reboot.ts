import { lookAtNodes, powerOf, refuseUnlessOn } from '../look-at-nodes.ts';
import { notSeen, seen, type Fault } from '../fault.ts';
import { nodeBoots, podReplaced, silentMember } from '../fault-timers.ts';
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
    const { holdsAddress } = context;
    // A node that is back sooner than it was missed keeps what it held.
    const silent = silentMember(timers, {
      ...context,
      holdsAddress: holdsAddress === 'yes' ? 'perhaps' : holdsAddress,
    });
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
  async inject(entry, tools) {
    const power = powerOf(tools, NAME);
    await Promise.all(entry.targets.map(({ node }) => power.off(node)));
  },
  async verify(entry, tools) {
    const looks = await lookAtNodes(entry.targets, tools);
    const answering = looks.filter(({ look }) => look === 'answers');
    return answering.length === 0
      ? seen(looks.map(({ node, look }) => `${node} is ${look}`).join(', '))
      : notSeen(`${answering.map(({ node }) => node).join(', ')} still answers.`);
  },
  async heal(entry, tools) {
    const power = powerOf(tools, NAME);
    await Promise.all(entry.targets.map(({ node }) => power.on(node)));
  },
  async verifyHealed(entry, tools) {
    const looks = await lookAtNodes(entry.targets, tools);
    const differences = looks
      .filter(({ look }) => look !== 'answers')
      .map(({ node, look }) => `${node}: was on and answered, is ${look}`);
    return differences.length === 0
      ? seen(looks.map(({ node }) => `${node} answers again`).join(', '))
      : notSeen('A node that was restarted does not answer yet.', differences);
  },
};
