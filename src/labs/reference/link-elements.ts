import { HarnessError } from '../../model/errors.ts';
import { OUTSIDE, type LinkEffect, type LinkRule } from '../../ports/lab.ts';
import { LINK_TABLE, lossChain } from './render/link-table.ts';
import { HOST_MAC, NODE_SHAPES } from './shape.ts';

/** Packets, and what tells who has an address. */
export type Family = 'inet' | 'netdev';
export const FAMILIES: readonly Family[] = ['inet', 'netdev'];

/** One element of a set on one node. */
export interface LinkElement {
  readonly node: string;
  readonly family: Family;
  readonly set: string;
  /** As nft writes it, such as `02:53:51:00:00:12 . 6443`. */
  readonly key: string;
  /** What follows the key: limit, timeout, comment, verdict, in the order that nft wants. */
  readonly rest: string;
}

/** What a limit lets through at once; below this it could hold back a single large segment for ever. */
export const BURST_KBYTES = 128;

const SET_OF: Readonly<Record<Exclude<LinkEffect['kind'], 'delay'>, string>> = {
  cut: 'cut',
  lose: 'lose',
  limit: 'limit',
};

/**
 * What has to be put where: each packet is dropped by the node that receives it, and by the one that sends it when the receiver
 * is outside of the lab.
 * @throws SQ_ABILITY_MISSING for a delay, which takes a relay.
 */
export function elementsOf(rule: LinkRule): readonly LinkElement[] {
  const { effect, groupA, groupB, direction, ports } = rule;
  if (effect.kind === 'delay')
    throw new HarnessError(
      'SQ_ABILITY_MISSING',
      'Rules of the kernel drop packets, and cannot hold them back.',
    );
  const ways = [
    ...groupA.flatMap((from) => groupB.map((to) => ({ from, to }))),
    ...(direction === 'both' ? groupB.flatMap((from) => groupA.map((to) => ({ from, to }))) : []),
  ].filter(({ from, to }) => from !== to);
  const rest = restOf(rule, effect);
  const sets = `${SET_OF[effect.kind]}${ports.length > 0 ? '_ports' : ''}`;
  const elements = ways.flatMap(({ from, to }) => {
    const [node, set, peer] =
      to === OUTSIDE ? [from, `out_${sets}`, '"eth0"'] : [to, `in_${sets}`, macOf(from)];
    const keys = ports.length > 0 ? ports.map((port) => `${peer} . ${port}`) : [peer];
    const families =
      effect.kind === 'cut' && direction === 'both' && ports.length === 0 ? FAMILIES : (['inet'] as const);
    return families.flatMap((of) => keys.map((key) => ({ node, family: of, set, key, rest })));
  });
  const seen = new Set<string>();
  // A node that is in both groups, or named twice, needs its element once.
  return elements.filter(({ node, family, set, key }) => {
    const name = `${node} ${family} ${set} ${key}`;
    return seen.has(name) ? false : Boolean(seen.add(name));
  });
}

function restOf({ id, run, expiresAfter }: LinkRule, effect: Exclude<LinkEffect, { kind: 'delay' }>): string {
  const timeout = `timeout ${Math.max(1, Math.round(expiresAfter.ms))}ms`;
  const comment = `comment "${commentOf(id, run)}"`;
  switch (effect.kind) {
    case 'cut':
      return `${timeout} ${comment}`;
    case 'lose':
      return `${timeout} ${comment} : jump ${lossChain(wholePercent(effect.share))}`;
    case 'limit': {
      const rate = Math.max(1, Math.round(effect.bytesPerSecond / 1024));
      return `limit rate over ${rate} kbytes/second burst ${BURST_KBYTES} kbytes ${timeout} ${comment}`;
    }
  }
}

const wholePercent = (share: number): number => Math.min(100, Math.max(1, Math.round(share * 100)));

/** The kernel keeps 127 bytes of it. @throws SQ_LAB when the two do not fit, or could end the quotes they are in. */
function commentOf(id: string, run: string): string {
  const text = `${id} ${run}`;
  if (text.length > 127 || !/^[\w./:@#-]+ [\w./:@#-]+$/.test(text))
    throw new HarnessError(
      'SQ_LAB',
      `A rule cannot be named ${JSON.stringify(id)} of ${JSON.stringify(run)}.`,
    );
  return text;
}

function macOf(name: string): string {
  if (name === OUTSIDE) return HOST_MAC;
  const found = NODE_SHAPES.find((node) => node.name === name)?.mac;
  if (found === undefined) throw new HarnessError('SQ_LAB', `The reference lab has no node ${name}.`);
  return found;
}

/** Lines for nft: all of a node's elements in one transaction. `create` refuses what is there, so that no rule is lost in another. */
export const creating = (elements: readonly LinkElement[]): string =>
  elements
    .map(({ family, set, key, rest }) => `create element ${family} ${LINK_TABLE} ${set} { ${key} ${rest} }\n`)
    .join('');

export const deleting = (elements: readonly Pick<LinkElement, 'family' | 'set' | 'key'>[]): string =>
  elements
    .map(({ family, set, key }) => `delete element ${family} ${LINK_TABLE} ${set} { ${key} }\n`)
    .join('');

/** An element of ours as it was found on a node. */
export interface FoundElement {
  readonly family: Family;
  readonly set: string;
  readonly key: string;
  readonly id: string;
  readonly run: string;
}

interface ListedElement {
  readonly elem?: { readonly val: unknown; readonly comment?: string };
}

/** What `nft -j list table` says of the elements of rules. */
export function readElements(text: string): readonly FoundElement[] {
  const { nftables } = JSON.parse(text) as { nftables: readonly Record<string, unknown>[] };
  return nftables.flatMap((entry) => {
    const set = (entry['set'] ?? entry['map']) as
      { family: Family; name: string; elem?: readonly unknown[] } | undefined;
    return (set?.elem ?? []).flatMap((listed) => {
      // Of a map it is a pair of key and verdict.
      const { elem } = (Array.isArray(listed) ? listed[0] : listed) as ListedElement;
      const [id, run] = elem?.comment?.split(' ') ?? [];
      if (elem === undefined || set === undefined || id === undefined || run === undefined) return [];
      return [{ family: set.family, set: set.name, key: keyOf(elem.val), id, run }];
    });
  });
}

function keyOf(value: unknown): string {
  const parts =
    typeof value === 'object' && value !== null ? (value as { concat: unknown[] }).concat : [value];
  return parts.map((part) => (part === 'eth0' ? '"eth0"' : String(part))).join(' . ');
}
