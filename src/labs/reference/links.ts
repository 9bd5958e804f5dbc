import { describeError, HarnessError } from '../../model/errors.ts';
import type { Links } from '../../ports/lab.ts';
import type { LabTools } from './lab-tools.ts';
import {
  creating,
  deleting,
  elementsOf,
  FAMILIES,
  readElements,
  type Family,
  type FoundElement,
} from './link-elements.ts';
import { known, mustOnNode, runningNodes } from './node-exec.ts';
import type { Reachers } from './reachers.ts';
import { LINK_TABLE } from './render/link-table.ts';
import { ANSWER_PORT } from './shape.ts';

/**
 * Puts elements in place with the time that is left until then, by the clock that nodes share with this host: on a full host it takes
 * seconds until a command is there, and what was counted before that would end as much later.
 */
const placingUntil = (endMs: number): string => `left=$((${Math.round(endMs)} - $(date +%s%3N)))
test $left -gt 0 || { echo 'its end came before it was in place' >&2; exit 1; }
sed "s/ timeout [0-9]*ms / timeout \${left}ms /" | nft --file -`;

function refused(id: string, reason: unknown): HarnessError {
  const says = describeError(reason);
  const why = says.includes('File exists') ? 'another rule of ours acts on one of its links already' : says;
  return new HarnessError('SQ_LAB', `The rule ${id} was not put in place: ${why}.`, { cause: reason });
}

/** Rules as elements with a timeout in each node's own kernel tables: what has ended is gone, whoever is left to look. */
export function linksOf(tools: LabTools, reachers: Reachers): Links {
  const listed = async (node: string, family: Family): Promise<readonly FoundElement[]> =>
    readElements(await mustOnNode(tools, node, ['nft', '--json', 'list', 'table', family, LINK_TABLE]));
  const found = async (node: string): Promise<readonly FoundElement[]> =>
    (await Promise.all(FAMILIES.map((family) => listed(node, family)))).flat();
  const nft = (node: string, input: string): Promise<string> =>
    mustOnNode(tools, node, ['nft', '--file', '-'], { input });
  const removeFrom = async (node: string, id: string): Promise<void> => {
    for (let tries = 0; ; tries++) {
      const ours = (await found(node)).filter((element) => element.id === id);
      if (ours.length === 0) return;
      try {
        await nft(node, deleting(ours));
        return;
      } catch (error) {
        // One that ends by itself between the look and the act fails the whole transaction.
        if (tries === 3) throw error;
      }
    }
  };
  return {
    effects: ['cut', 'lose', 'limit'],
    async add(rule) {
      const elements = elementsOf(rule);
      const placing = placingUntil(Date.parse(tools.clock.wall()) + rule.expiresAfter.ms);
      const running = await runningNodes(tools);
      const nodes = [...new Set(elements.map(({ node }) => node))].filter((node) => running.includes(node));
      if (nodes.length === 0)
        throw new HarnessError('SQ_LAB', `None of the nodes that rule ${rule.id} acts on is running.`);
      const put = await Promise.allSettled(
        nodes.map(async (node) => {
          // The same rule once more is the same rule; another one on the same link is refused.
          await removeFrom(node, rule.id);
          const input = creating(elements.filter((element) => element.node === node));
          await mustOnNode(tools, node, ['/bin/sh', '-c', placing], { input });
        }),
      );
      const failed = put.find((each) => each.status === 'rejected');
      if (failed === undefined) return;
      // Half a rule would hurt something that nobody asked for.
      await Promise.all(nodes.map((node) => removeFrom(node, rule.id)));
      throw refused(rule.id, failed.reason);
    },
    async remove(id) {
      await Promise.all((await runningNodes(tools)).map((node) => removeFrom(node, id)));
    },
    async rules() {
      const nodes = await runningNodes(tools);
      const all = await Promise.all(
        nodes.map(async (node) => {
          const rules = new Map((await found(node)).map(({ id, run }) => [id, run]));
          return [...rules].map(([id, run]) => ({ id, run, node }));
        }),
      );
      return all.flat();
    },
    reach: (from, to, timeout, port = ANSWER_PORT) =>
      reachers.reach(known(from), known(to).address, port, timeout),
    transfer: (from, to, bytes, timeout) => reachers.transfer(known(from), known(to), bytes, timeout),
  };
}
