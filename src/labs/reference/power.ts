import { HarnessError } from '../../model/errors.ts';
import type { Power } from '../../ports/lab.ts';
import { joinNetwork } from './boot-nodes.ts';
import type { LabTools } from './lab-tools.ts';
import { known } from './node-exec.ts';
import { containerOf } from './shape.ts';

/** Power is the life of a node's container; any process that finds the engine can act on it. */
export function powerOf(tools: LabTools): Required<Power> {
  const { engine } = tools;
  const state = async (node: string): Promise<'on' | 'off' | 'frozen'> => {
    const found = await engine.inspect(containerOf(known(node).name));
    if (found === undefined) throw new HarnessError('SQ_LAB_ABSENT', `The node ${node} is not there.`);
    return found.state === 'running' ? 'on' : found.state === 'paused' ? 'frozen' : 'off';
  };
  return {
    state,
    async off(node) {
      if ((await state(node)) !== 'off') await engine.kill(containerOf(node));
    },
    async on(node) {
      const now = await state(node);
      if (now === 'frozen') await engine.unpause(containerOf(node));
      if (now !== 'off') return;
      await engine.start(containerOf(node));
      // The bridge goes with its last node, and this host's address with the bridge.
      await joinNetwork(tools);
    },
    async freeze(node) {
      const now = await state(node);
      if (now === 'off') throw new HarnessError('SQ_LAB', `The node ${node} is off, so it cannot be frozen.`);
      if (now === 'on') await engine.pause(containerOf(node));
    },
    async thaw(node) {
      if ((await state(node)) === 'frozen') await engine.unpause(containerOf(node));
    },
  };
}
