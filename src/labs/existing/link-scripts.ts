import { HarnessError } from '../../model/errors.ts';
import { OUTSIDE, type LinkRule } from '../../ports/lab.ts';
import { checkedAddress, planned, SETTLE_SECONDS } from './unit-scripts.ts';
import { shortHash } from './node-pod.ts';

/** Where the traffic of a node comes from and goes to: its own addresses, and those of its pods. */
export interface NodeNetworks {
  readonly name: string;
  /** Addresses and networks, of either family. */
  readonly networks: readonly string[];
}

/** What one node must drop for a rule. */
export interface NodeShare {
  readonly node: string;
  /** Networks of the other side; undefined where the other side has no nodes. */
  readonly peers: readonly string[];
  /** Set where the other side is everything that is no node: all nodes, which are spared. */
  readonly spared?: readonly string[];
  /** Its own address, where nobody is left that it could speak to. */
  readonly alone?: string;
  /** Seen from this node. */
  readonly direction: 'both' | 'out' | 'in';
}

/**
 * Which nodes must drop what. One side is enough, since both ways pass through it: the smaller one, so that as few nodes as
 * possible have to be reached. Pods of a node count as the node: in a cluster without an overlay their addresses are what is seen.
 */
export function sharesOf(rule: LinkRule, nodes: readonly NodeNetworks[]): readonly NodeShare[] {
  const [a, b] = [named(rule.groupA), named(rule.groupB)];
  const hasOutside = rule.groupA.includes(OUTSIDE) || rule.groupB.includes(OUTSIDE);
  const useA = rule.groupA.includes(OUTSIDE) ? false : rule.groupB.includes(OUTSIDE) || a.length <= b.length;
  const [here, there] = useA ? [a, b] : [b, a];
  const oneWay = useA ? 'out' : 'in';
  const networks = (names: readonly string[]): readonly string[] =>
    nodes.filter(({ name }) => names.includes(name)).flatMap((node) => node.networks);
  const unknown = [...here, ...there].find((name) => !nodes.some((node) => node.name === name));
  if (unknown !== undefined)
    throw new HarnessError(
      'SQ_INJECT_FAILED',
      `The cluster has no node ${unknown}, so no link of it can be cut.`,
    );
  return here.map((node) => ({
    node,
    peers: networks(there),
    ...(hasOutside ? { spared: networks(nodes.map(({ name }) => name)) } : {}),
    ...(hasOutside && here.length === 1 && there.length === nodes.length - 1
      ? { alone: networks([node])[0] ?? '' }
      : {}),
    direction: rule.direction === 'both' ? 'both' : oneWay,
  }));
}

const named = (group: readonly string[]): readonly string[] => [
  ...new Set(group.filter((each) => each !== OUTSIDE)),
];

/** Which rule it is, for the names of timers and tables: whoever removes it knows its id and nothing else. */
const markOf = (id: string): string => shortHash(id);

/** The table carries run and id in its name, so that it is found without any record of ours. */
export const tableOf = ({ run, id }: Pick<LinkRule, 'run' | 'id'>): string =>
  `squall_${markOf(id)}_${Buffer.from(JSON.stringify([run, id])).toString('hex')}`;

/** undefined for a table that is not ours. */
export function readTable(name: string): { readonly run: string; readonly id: string } | undefined {
  const hex = /^squall_[0-9a-f]+_([0-9a-f]+)$/.exec(name)?.[1];
  if (hex === undefined) return undefined;
  try {
    const [run, id] = JSON.parse(Buffer.from(hex, 'hex').toString('utf8')) as unknown[];
    return typeof run === 'string' && typeof id === 'string' ? { run, id } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A table of its own for one rule, for `nft -f`. What is dropped is named by set elements that time out one by one in the kernel:
 * when they are gone the table drops nothing, whether or not anybody is left to delete it.
 * @throws SQ_ABILITY_MISSING for an effect that takes more than rules that drop.
 */
export function renderTable(rule: LinkRule, share: NodeShare): string {
  const seconds = Math.max(1, Math.ceil(rule.expiresAfter.ms / 1000));
  const verdict = verdictOf(rule);
  const ports = rule.ports.length === 0 ? '' : ` tcp dport { ${rule.ports.map(Number).join(', ')} }`;
  const { direction, spared } = share;
  const drops = (field: 'saddr' | 'daddr'): readonly string[] =>
    FAMILIES.flatMap(({ family, set }) => [
      ...(share.peers.some(isOf(family)) ? [`${family} ${field} @peers${set}${ports} ${verdict}`] : []),
      ...(spared === undefined
        ? []
        : [`${family} ${field} @nodes${set} accept`, `${family} ${field} @world${set}${ports} ${verdict}`]),
    ]);
  const incoming = direction === 'out' ? [] : drops('saddr');
  const outgoing = direction === 'in' ? [] : drops('daddr');
  const sets = FAMILIES.flatMap(({ family, type, set, all }) => [
    ...setOf(`peers${set}`, type, share.peers.filter(isOf(family)), seconds),
    ...(spared === undefined
      ? []
      : [
          ...setOf(`nodes${set}`, type, spared.filter(isOf(family))),
          ...setOf(`world${set}`, type, [all], seconds),
        ]),
  ]);
  return [
    `table inet ${tableOf(rule)} {`,
    ...sets,
    ...chain('incoming', 'input', ['iif "lo" accept', ...incoming]),
    ...chain('outgoing', 'output', ['oif "lo" accept', ...outgoing]),
    // Two chains for pods: what one of them spares, the other still looks at.
    ...chain('to_pods', 'forward', incoming),
    ...chain('from_pods', 'forward', outgoing),
    '}',
    '',
  ].join('\n');
}

/** Where the device stands that carries a node's own address. */
const DEVICE = '@device@';

/**
 * A node that is cut off from everything must not go on telling who has an address: one that takes itself for the holder of a
 * moving address would draw everybody's packets. What writes such frames itself, as keepalived does, is seen at the device alone.
 * @returns undefined where the node can still speak to somebody.
 */
export function renderSilence(rule: LinkRule, share: NodeShare): string | undefined {
  const { effect, ports, expiresAfter } = rule;
  if (share.alone === undefined || share.direction !== 'both' || effect.kind !== 'cut' || ports.length > 0)
    return undefined;
  const seconds = Math.max(1, Math.ceil(expiresAfter.ms / 1000));
  const atDevice = (name: string, hook: string): readonly string[] => [
    `  chain ${name} {`,
    `    type filter hook ${hook} device "${DEVICE}" priority 0; policy accept;`,
    '    ether type arp arp saddr ip @world4 drop',
    '  }',
  ];
  return [
    `table netdev ${tableOf(rule)} {`,
    ...setOf('world4', 'ipv4_addr', ['0.0.0.0/0'], seconds),
    ...atDevice('incoming', 'ingress'),
    ...atDevice('outgoing', 'egress'),
    '}',
    '',
  ].join('\n');
}

const FAMILIES = [
  { family: 'ip', type: 'ipv4_addr', set: '4', all: '0.0.0.0/0' },
  { family: 'ip6', type: 'ipv6_addr', set: '6', all: '::/0' },
] as const;

const isOf =
  (family: 'ip' | 'ip6') =>
  (network: string): boolean =>
    network.includes(':') === (family === 'ip6');

/** An empty set is legal, and matches nothing; one without a timeout is not counted down. */
function setOf(name: string, type: string, elements: readonly string[], seconds?: number): readonly string[] {
  const timeout = seconds === undefined ? '' : ` timeout ${seconds}s`;
  const list = [...new Set(elements)].map((each) => `${checkedAddress(each)}${timeout}`);
  return [
    `  set ${name} {`,
    `    type ${type}`,
    `    flags interval${seconds === undefined ? '' : ', timeout'}`,
    ...(seconds === undefined ? ['    auto-merge'] : []),
    ...(list.length === 0 ? [] : [`    elements = { ${list.join(', ')} }`]),
    '  }',
  ];
}

/** Before anything else looks at a packet, connection tracking included: kept connections are cut as well. */
const chain = (name: string, hook: string, rules: readonly string[]): readonly string[] => [
  `  chain ${name} {`,
  `    type filter hook ${hook} priority -350; policy accept;`,
  ...rules.map((rule) => `    ${rule}`),
  '  }',
];

/** A share is drawn for each packet, in thousandths. */
function verdictOf({ effect }: LinkRule): string {
  if (effect.kind === 'cut') return 'drop';
  if (effect.kind === 'lose') return `numgen random mod 1000 < ${Math.round(effect.share * 1000)} drop`;
  throw new HarnessError(
    'SQ_ABILITY_MISSING',
    `The existing lab cannot ${effect.kind === 'delay' ? 'delay' : 'limit'} traffic: that takes programs on the nodes that stay there while it lasts, or measure it.`,
    { remedy: 'Use network-loss or network-partition there, or a lab that Squall deploys.' },
  );
}

/** Plans the end before the beginning. The table is deleted a second after its elements have timed out. */
export function addScript(rule: LinkRule, share: NodeShare): string {
  const table = tableOf(rule);
  const unit = `squall-link-${markOf(rule.id)}`;
  const seconds = Math.max(1, Math.ceil(rule.expiresAfter.ms / 1000));
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  const silence = renderSilence(rule, share);
  return `
command -v systemd-run >/dev/null && command -v nft >/dev/null || { echo "systemd-run or nft is missing"; exit 4; }
text=${encoded(renderTable(rule, share))}
echo $text | base64 -d | nft --check -f -
${silence === undefined ? '' : withSilence(encoded(silence), checkedAddress(share.alone ?? ''))}
${planned(`${unit}-end`, SETTLE_SECONDS + seconds + 1, `nft delete table inet ${table}; nft delete table netdev ${table}`)}
${planned(`${unit}-begin`, SETTLE_SECONDS, `echo '$text' | base64 -d | nft -f -`)}
echo planned
`;
}

/** Kernels before 5.16 cannot look at what leaves a device: there only packets are cut. */
const withSilence = (silence: string, address: string): string => `
device=$(ip -o address show to ${address} | awk '{ print $2; exit }')
more=$(echo ${silence} | base64 -d | sed "s/${DEVICE}/$device/")
if test -n "$device" && echo "$more" | nft --check -f - 2>/dev/null; then
  text=$( { echo $text | base64 -d; echo "$more"; } | base64 -w 0)
fi`;

const tablesNamed = (pattern: string): string =>
  `nft list tables | sed -n 's/^table \\(inet\\|netdev\\) \\(${pattern}\\)$/\\1 \\2/p'`;

/** Does nothing where there is no such table, and keeps one from coming that is only planned. */
export function removeScript(id: string): string {
  const unit = `squall-link-${markOf(id)}`;
  const tables = tablesNamed(`squall_${markOf(id)}_[0-9a-f]*`);
  return `
systemctl stop ${unit}-begin.timer 2>/dev/null || true
${tables} | while read -r table; do nft delete table $table; done
systemctl stop ${unit}-end.timer 2>/dev/null || true
test -z "$(${tables})" || { echo "the table is still there"; exit 5; }
echo removed
`;
}

/** Writes the names of our tables that still drop something: an element is left in one of their sets. */
export const rulesScript = (): string => `
${tablesNamed('squall_[0-9a-f]*_[0-9a-f]*')} | while read -r family table; do
  if nft list table $family "$table" | grep -q expires; then echo "$table"; fi
done
`;
