import { describeError, HarnessError } from '../../model/errors.ts';
import type { LinkEffect, LinkRule, Links } from '../../ports/lab.ts';
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
import { beginCommand, endCommand, LIST_DEVICES, readRelays, relayOrdersOf } from './relay-orders.ts';
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

/**
 * Rules as elements with a timeout in each node's own kernel tables: what has ended is gone, whoever is left to look. What is delayed
 * is held by a relay in the node's network, and nothing of it acts when that has ended.
 */
export function linksOf(tools: LabTools, reachers: Reachers): Links {
  const elements = elementRules(tools);
  const relays = relayRules(tools);
  return {
    get effects() {
      return EFFECTS.filter((kind) => kind !== 'delay' || tools.tunnels());
    },
    async add(rule) {
      const kind = rule.effect.kind === 'delay' ? relays : elements;
      const placing = kind.placing(rule, Date.parse(tools.clock.wall()) + rule.expiresAfter.ms);
      const running = await runningNodes(tools);
      const parts = [...placing].filter(([node]) => running.includes(node));
      if (parts.length === 0)
        throw new HarnessError('SQ_LAB', `None of the nodes that rule ${rule.id} acts on is running.`);
      const put = await Promise.allSettled(
        parts.map(async ([node, place]) => {
          // The same rule once more is the same rule; another one on the same link is refused.
          await kind.removeFrom(node, rule.id);
          await place();
        }),
      );
      const failed = put.find((each) => each.status === 'rejected');
      if (failed === undefined) return;
      // Half a rule would hurt something that nobody asked for.
      await Promise.all(parts.map(([node]) => kind.removeFrom(node, rule.id)));
      throw refused(rule.id, failed.reason);
    },
    async remove(id) {
      const nodes = await runningNodes(tools);
      await Promise.all(
        nodes.flatMap((node) => [elements.removeFrom(node, id), relays.removeFrom(node, id)]),
      );
    },
    async rules() {
      const nodes = await runningNodes(tools);
      const all = await Promise.all(
        nodes.map(async (node) => {
          const found = await Promise.all([elements.found(node), relays.found(node)]);
          const rules = new Map(found.flat().map(({ id, run }) => [id, run]));
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

const EFFECTS: readonly LinkEffect['kind'][] = ['cut', 'lose', 'limit', 'delay'];

/** One of the two ways in which a node keeps a rule. */
interface RuleKind {
  /** What has to be done on which node. @throws SQ_ABILITY_MISSING, SQ_LAB as for the rule. */
  placing(rule: LinkRule, endMs: number): ReadonlyMap<string, () => Promise<unknown>>;
  /** Does nothing where it is gone. */
  removeFrom(node: string, id: string): Promise<void>;
  found(node: string): Promise<readonly { readonly id: string; readonly run: string }[]>;
}

function elementRules(tools: LabTools): RuleKind {
  const listed = async (node: string, family: Family): Promise<readonly FoundElement[]> =>
    readElements(await mustOnNode(tools, node, ['nft', '--json', 'list', 'table', family, LINK_TABLE]));
  const found = async (node: string): Promise<readonly FoundElement[]> =>
    (await Promise.all(FAMILIES.map((family) => listed(node, family)))).flat();
  return {
    found,
    placing(rule, endMs) {
      const elements = elementsOf(rule);
      return new Map(
        elements.map(({ node }) => [
          node,
          () => {
            const input = creating(elements.filter((element) => element.node === node));
            return mustOnNode(tools, node, ['/bin/sh', '-c', placingUntil(endMs)], { input });
          },
        ]),
      );
    },
    async removeFrom(node, id) {
      for (let tries = 0; ; tries++) {
        const ours = (await found(node)).filter((element) => element.id === id);
        if (ours.length === 0) return;
        try {
          await mustOnNode(tools, node, ['nft', '--file', '-'], { input: deleting(ours) });
          return;
        } catch (error) {
          // One that ends by itself between the look and the act fails the whole transaction.
          if (tries === 3) throw error;
        }
      }
    },
  };
}

function relayRules(tools: LabTools): RuleKind {
  return {
    found: async (node) => readRelays(await mustOnNode(tools, node, LIST_DEVICES)),
    placing: (rule, endMs) =>
      new Map(
        relayOrdersOf(rule).map((order) => [
          order.node,
          () => mustOnNode(tools, order.node, beginCommand(rule, order, endMs)),
        ]),
      ),
    // Also what a relay that was killed left behind.
    removeFrom: async (node, id) => void (await mustOnNode(tools, node, endCommand(id))),
  };
}
