import { HarnessError } from '../model/errors.ts';
import type { HealingEntry } from '../model/injection.ts';
import type { BoundTarget } from '../model/schedule.ts';
import type { Look, Power } from '../ports/lab.ts';
import type { Mark } from '../ports/mark.ts';
import { LOOK_TIMEOUT, notSeen, seen, type FaultTools, type Finding } from './fault.ts';

/** What each node answers to someone who asks from outside. */
export async function lookAtNodes(
  targets: readonly BoundTarget[],
  { lab }: FaultTools,
): Promise<readonly { readonly node: string; readonly look: Look }[]> {
  const { look } = lab.abilities;
  if (look === undefined) {
    throw new HarnessError(
      'SQ_ABILITY_MISSING',
      `The lab ${lab.name} cannot look at a node from outside, so neither the fault nor its heal could be verified.`,
    );
  }
  return Promise.all(targets.map(async ({ node }) => ({ node, look: await look(node, LOOK_TIMEOUT) })));
}

export function powerOf({ lab }: FaultTools, fault: string): Power {
  if (lab.abilities.power) return lab.abilities.power;
  throw new HarnessError(
    'SQ_ABILITY_MISSING',
    `${fault} needs power over nodes, which the lab ${lab.name} does not have.`,
  );
}

/** The state before, for nodes that are on and answer. @throws SQ_INJECT_FAILED when one is not: hurting it would show nothing. */
export async function refuseUnlessOn(
  targets: readonly BoundTarget[],
  tools: FaultTools,
  fault: string,
): Promise<Readonly<Record<string, string>>> {
  const power = powerOf(tools, fault);
  const looks = await lookAtNodes(targets, tools);
  const state: Record<string, string> = {};
  for (const { node, look } of looks) {
    const now = await power.state(node);
    if (now !== 'on' || look !== 'answers') {
      throw new HarnessError(
        'SQ_INJECT_FAILED',
        `Node ${node} is ${now} and ${look === 'answers' ? 'answers' : `is ${look}`}, so ${fault} would show nothing.`,
      );
    }
    state[node] = now;
  }
  return state;
}

/** Turns every target off, or on; one that is so already stays so. */
export async function turn(
  state: 'on' | 'off',
  { targets, fault }: HealingEntry,
  tools: FaultTools,
): Promise<void> {
  const power = powerOf(tools, fault);
  await Promise.all(targets.map(({ node }) => (state === 'on' ? power.on(node) : power.off(node))));
}

/** One look whether no target answers. */
export async function seenOff({ targets }: HealingEntry, tools: FaultTools): Promise<Finding> {
  const looks = await lookAtNodes(targets, tools);
  const answering = looks.filter(({ look }) => look === 'answers');
  return answering.length === 0
    ? seen(looks.map(({ node, look }) => `${node} is ${look}`).join(', '))
    : notSeen(`${answering.map(({ node }) => node).join(', ')} still answers.`);
}

/**
 * One look whether every target answers, as it did before.
 * @param was what was done to it, such as `frozen`; for the sentence about one that does not.
 */
export async function seenBack({ targets }: HealingEntry, tools: FaultTools, was: string): Promise<Finding> {
  const looks = await lookAtNodes(targets, tools);
  const differences = looks
    .filter(({ look }) => look !== 'answers')
    .map(({ node, look }) => `${node}: was on and answered, is ${look}`);
  return differences.length === 0
    ? seen(looks.map(({ node }) => `${node} answers again`).join(', '))
    : notSeen(`A node that was ${was} does not answer yet.`, differences);
}

/**
 * Nodes that are not as they were brought up, on a lab that Squall deployed: there nobody else has power over them. Such a node
 * does not tell which run it was.
 */
export async function findNodes(
  { lab }: FaultTools,
  state: 'off' | 'frozen',
  heal: (power: Power, node: string) => Promise<void>,
): Promise<readonly Mark[]> {
  const { power } = lab.abilities;
  if (power === undefined || !lab.owned) return [];
  const { nodes } = await lab.status();
  return nodes
    .filter((node) => node.power === state)
    .map(({ name }) => ({
      id: `node ${name} ${state}`,
      says: `node ${name} is ${state}`,
      heal: () => heal(power, name),
    }));
}
