import { createHash } from 'node:crypto';
import { HarnessError } from '../../model/errors.ts';
import { OUTSIDE, type LinkRule } from '../../ports/lab.ts';
import { known } from './node-exec.ts';
import { API_ADDRESS, NODE_SHAPES, POD_SUBNET, SERVICE_SUBNET } from './shape.ts';

/** The program in the node image that holds packets back; `reference/link-relay`. */
export const RELAY = 'link-relay';

/** Packets that the relay sends on carry it (`mark` in `reference/link-relay/main.go`); the link table does not track them. */
export const RELAY_MARK = 0x53_51_4c;

/** Devices of relays are called so, with what tells the rule. */
const DEVICE = 'sqd-';
/** Tables of routes of relays have this number and more. */
const FIRST_TABLE = 0x53_00_00_00;

/** What one node holds back for a rule: packets are held by the node that sends them. */
export interface RelayOrder {
  readonly node: string;
  /** Addresses and networks of the nodes that it sends to late. */
  readonly to: readonly string[];
  /** Hardware addresses of these nodes: while one of them has the API address, packets for that are late as well. */
  readonly holders: readonly string[];
  /** So many times the delay for what leaves the lab: nobody out there holds back for us what comes in. */
  readonly outside: 0 | 1 | 2;
}

/** @throws SQ_ABILITY_MISSING where only what comes from outside is meant; SQ_LAB for a node that the lab does not have. */
export function relayOrdersOf({ groupA, groupB, direction }: LinkRule): readonly RelayOrder[] {
  if (direction === 'a-to-b' && groupA.includes(OUTSIDE))
    throw new HarnessError(
      'SQ_ABILITY_MISSING',
      'What comes from outside of the reference lab cannot be held back alone: nothing of the lab is where it is sent.',
    );
  const both = direction === 'both';
  const senders = new Map<string, Set<string>>();
  const add = (from: string, to: string): void => {
    if (from === to || from === OUTSIDE) return;
    senders.set(from, (senders.get(from) ?? new Set()).add(to));
  };
  for (const a of groupA)
    for (const b of groupB) {
      add(a, b);
      if (both) add(b, a);
    }
  return [...senders].map(([node, receivers]) => {
    const peers = [...receivers].filter((name) => name !== OUTSIDE).map(known);
    return {
      node: known(node).name,
      to: peers.flatMap(({ address, podSubnet }) => [address, podSubnet]),
      holders: peers.map(({ mac }) => mac),
      outside: receivers.has(OUTSIDE) ? (both ? 2 : 1) : 0,
    };
  });
}

const hashOf = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 6);

/** From the id of a rule alone, so that whoever removes it needs nothing else. */
export const placeOf = (id: string): readonly string[] => [
  '-device',
  `${DEVICE}${hashOf(id)}`,
  '-table',
  String(FIRST_TABLE + Number.parseInt(hashOf(id), 16)),
];

/**
 * The command that makes a node hold packets back; it returns when it does.
 * @param endMs when it ends, on the clock that nodes share with this host.
 * @throws SQ_LAB when the rule is named as no device can be.
 */
export function beginCommand(rule: LinkRule, order: RelayOrder, endMs: number): readonly string[] {
  const { id, run, effect, ports } = rule;
  if (effect.kind !== 'delay') throw new HarnessError('SQ_LAB', `A relay cannot ${effect.kind} packets.`);
  if (!/^[\w./:@#-]+ [\w./:@#-]+$/.test(`${id} ${run}`) || `${id} ${run}`.length > 255)
    throw new HarnessError(
      'SQ_LAB',
      `A rule cannot be named ${JSON.stringify(id)} of ${JSON.stringify(run)}.`,
    );
  const inside = [...NODE_SHAPES.map(({ address }) => address), API_ADDRESS, POD_SUBNET, SERVICE_SUBNET];
  const given: Readonly<Record<string, string>> = {
    id,
    run,
    source: known(order.node).address,
    delay: `${effect.by.ms}ms`,
    jitter: `${effect.jitter.ms}ms`,
    until: String(Math.round(endMs)),
    ...(order.to.length > 0 ? { to: order.to.join(), moving: [API_ADDRESS, ...order.holders].join() } : {}),
    ...(order.outside > 0 ? { outside: String(order.outside), not: inside.join() } : {}),
    ...(ports.length > 0 ? { ports: ports.join() } : {}),
  };
  return [
    RELAY,
    'begin',
    ...placeOf(id),
    ...Object.entries(given).flatMap(([name, value]) => [`-${name}`, value]),
  ];
}

/** Does nothing where there is no such rule, also on nodes that were made before there was a relay. */
export const endCommand = (id: string): readonly string[] => [
  '/bin/sh',
  '-c',
  `command -v ${RELAY} >/dev/null || exit 0; exec ${RELAY} end "$@"`,
  RELAY,
  ...placeOf(id),
];

/** Lists what `readRelays` reads. */
export const LIST_DEVICES: readonly string[] = ['ip', '-json', 'link', 'show'];

interface Device {
  readonly ifname: string;
  readonly ifalias?: string;
}

/** Rules whose relay lives: its device carries their names, and is gone when the relay is. */
export const readRelays = (text: string): readonly { readonly id: string; readonly run: string }[] =>
  (JSON.parse(text) as readonly Device[]).flatMap(({ ifname, ifalias }) => {
    const [id, run] = ifalias?.split(' ') ?? [];
    return ifname.startsWith(DEVICE) && id !== undefined && run !== undefined ? [{ id, run }] : [];
  });
