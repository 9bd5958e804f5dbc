import type { ParameterSpecs, ParameterValues } from '../model/catalogue.ts';
import type { Duration } from '../model/duration.ts';
import { HarnessError } from '../model/errors.ts';
import type { HealingEntry } from '../model/injection.ts';
import { OUTSIDE, type Look, type LinkEffect, type Links } from '../ports/lab.ts';
import type { Mark } from '../ports/mark.ts';
import type { FaultOrder, FaultTools } from './fault.ts';
import { timeLeft } from './time-left.ts';

/** From one node to another, as a service there would try it. */
export interface Pair {
  readonly from: string;
  readonly to: string;
  /** TCP port at `to`; absent: one on which every node answers. */
  readonly port?: number;
}

/** What every fault on links may be told. */
export const LINK_PARAMETERS: ParameterSpecs = {
  direction: {
    type: 'enum',
    values: ['both', 'from-targets'],
    describe: 'Which traffic is meant: both ways, or only what the chosen nodes send.',
    default: 'both',
  },
  ports: {
    type: 'strings',
    describe: 'TCP ports at the receiving end; an empty list means all.',
    default: [],
  },
  outside: {
    type: 'boolean',
    describe:
      'Whether the traffic between the chosen nodes and everything that is not a node, such as users, is meant too.',
    default: false,
  },
};

/** Enough to see a rule; looking at every pair of two large groups would take longer than the fault. */
const MOST_PAIRS = 32;

const REACH_TIMEOUT = { ms: 500 };

export function linksOf({ lab }: FaultTools, fault: string): Links {
  if (lab.abilities.links) return lab.abilities.links;
  throw new HarnessError(
    'SQ_ABILITY_MISSING',
    `${fault} needs links, which the lab ${lab.name} cannot change.`,
  );
}

/** Pairs across the two groups; with one direction only, a connection still needs both, so the order does not matter. */
export function pairsBetween({ targets, from, parameters }: FaultOrder): readonly Pair[] {
  const ports = portsOf(parameters);
  const pairs = targets.flatMap((target) =>
    from.flatMap((other): readonly Pair[] => {
      const pair = { from: target.node, to: other.node };
      // A rule on chosen ports shows on these ports only.
      return ports.length === 0 ? [pair] : ports.map((port) => ({ ...pair, port }));
    }),
  );
  return pairs.slice(0, MOST_PAIRS);
}

export const reach = (
  { from, to, port }: Pair,
  tools: FaultTools,
  fault: string,
  timeout: Duration = REACH_TIMEOUT,
): Promise<Look> => {
  const links = linksOf(tools, fault);
  return port === undefined ? links.reach(from, to, timeout) : links.reach(from, to, timeout, port);
};

const portsOf = ({ ports }: ParameterValues): readonly number[] =>
  Array.isArray(ports) ? (ports as readonly string[]).map(Number) : [];

/** Why the parameters that all faults on links have cannot be meant; undefined when they can. */
export function refusesPorts({ ports }: ParameterValues): string | undefined {
  if (!Array.isArray(ports)) return undefined;
  const wrong = (ports as readonly string[]).filter(
    (port) => !/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535,
  );
  return wrong.length === 0
    ? undefined
    : `${wrong.join(', ')} is not a TCP port, which is a number from 1 to 65535.`;
}

export async function reachAll(
  pairs: readonly Pair[],
  tools: FaultTools,
  fault: string,
): Promise<readonly (Pair & { readonly look: Look })[]> {
  return Promise.all(pairs.map(async (pair) => ({ ...pair, look: await reach(pair, tools, fault) })));
}

/** Pairs that reach each other now. @throws SQ_INJECT_FAILED when none does, for then a rule would show nothing. */
export async function reachableBefore(
  order: FaultOrder,
  tools: FaultTools,
  fault: string,
): Promise<Readonly<Record<string, unknown>>> {
  const looks = await reachAll(pairsBetween(order), tools, fault);
  const reachable = looks.filter(({ look }) => look === 'answers').map(({ look: _look, ...pair }) => pair);
  if (reachable.length === 0) {
    throw new HarnessError(
      'SQ_INJECT_FAILED',
      `No link between the two groups works, so ${fault} would show nothing.`,
    );
  }
  return { reachable };
}

/** What `reachableBefore` found, from the entry alone. */
export function pairsBefore(entry: HealingEntry): readonly Pair[] {
  const { reachable } = entry.before;
  return Array.isArray(reachable) ? (reachable as readonly Pair[]) : pairsBetween(entry);
}

/** What was measured of each pair before, from the entry alone; empty where nothing was. */
export const measuredBefore = <T extends Pair>({ before }: HealingEntry): readonly T[] =>
  Array.isArray(before['reachable']) ? (before['reachable'] as readonly T[]) : [];

/** The rule carries the id of its entry and ends by itself when the entry expires. */
export async function addRule(entry: HealingEntry, effect: LinkEffect, tools: FaultTools): Promise<void> {
  const { direction, outside } = entry.parameters;
  await linksOf(tools, entry.fault).add({
    id: entry.id,
    run: entry.run,
    groupA: entry.targets.map(({ node }) => node),
    groupB: [...entry.from.map(({ node }) => node), ...(outside === true ? [OUTSIDE] : [])],
    direction: direction === 'from-targets' ? 'a-to-b' : 'both',
    ports: portsOf(entry.parameters),
    effect,
    expiresAfter: timeLeft(entry, tools.clock),
  });
}

/**
 * Pairs that are ours to give back: both ends answer from outside. A node that is off or frozen for another reason says nothing
 * about our rule, so while its rule is gone it is left out.
 */
export async function pairsToJudge(entry: HealingEntry, tools: FaultTools): Promise<readonly Pair[]> {
  const pairs = pairsBefore(entry);
  const { look } = tools.lab.abilities;
  if (look === undefined) return pairs;
  const still = new Set((await linksOf(tools, entry.fault).rules()).map(({ id }) => id));
  if (still.has(entry.id)) return pairs;
  const nodes = [...new Set(pairs.flatMap(({ from, to }) => [from, to]))];
  const answering = new Set<string>();
  await Promise.all(
    nodes.map(async (node) => {
      if ((await look(node, REACH_TIMEOUT)) === 'answers') answering.add(node);
    }),
  );
  return pairs.filter(({ from, to }) => answering.has(from) && answering.has(to));
}

/** Of what was measured before, the pairs that are ours to give back. */
export async function measuredToJudge<T extends Pair>(
  entry: HealingEntry,
  tools: FaultTools,
): Promise<readonly T[]> {
  const ours = new Set((await pairsToJudge(entry, tools)).map(namePair));
  return measuredBefore<T>(entry).filter((pair) => ours.has(namePair(pair)));
}

/** Rules of ours that are in place, one mark a rule; every node that has a part of it is named. */
export async function findRules({ lab }: FaultTools): Promise<readonly Mark[]> {
  const { links } = lab.abilities;
  const rules = (await links?.rules()) ?? [];
  return [...new Map(rules.map((rule) => [rule.id, rule])).values()].map(({ id, run }) => ({
    id: `rule ${id}`,
    run,
    says: `rule ${id} on ${rules.flatMap((rule) => (rule.id === id ? [rule.node] : [])).join(', ')}`,
    heal: async () => links?.remove(id),
  }));
}

export const namePair = ({ from, to, port }: Pair): string =>
  `${from} -> ${to}${port === undefined ? '' : `:${port}`}`;
