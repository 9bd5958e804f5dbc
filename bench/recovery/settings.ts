import { CONTROL, onNode } from '../seeded-defects/on-nodes.ts';

/** A timer of the reference lab with the value that a pair gives it. */
export interface Setting {
  readonly timer: 'keepalived-advert-interval' | 'etcd-election-timeout' | 'none';
  readonly ms: number;
}

/** What the lab comes up with. */
export const USUAL: readonly Setting[] = [
  { timer: 'keepalived-advert-interval', ms: 1000 },
  { timer: 'etcd-election-timeout', ms: 1000 },
];

const KEEPALIVED = '/etc/keepalived/keepalived.conf';
const ETCD = '/etc/kubernetes/manifests/etcd.yaml';

/** So many looks of a fifth of a second: etcd comes back within its own start and an election. */
const LOOKS = 450;

/** Gives every control node the value, one after the other so that quorum stays; one that has it already is left alone. */
export async function set({ timer, ms }: Setting): Promise<void> {
  if (timer === 'none') return;
  for (const node of CONTROL)
    await onNode(node, timer === 'keepalived-advert-interval' ? adverts(ms) : election(ms));
}

const adverts = (ms: number): string =>
  [
    'set -e',
    `grep -q '^  advert_int ${ms / 1000}$' ${KEEPALIVED} && exit 0`,
    `sed -i 's/^  advert_int .*/  advert_int ${ms / 1000}/' ${KEEPALIVED}`,
    'systemctl reload keepalived',
  ].join('\n');

/** The kubelet starts it anew; it is the new one when its command line says so, and whole when it says that it is. */
const election = (ms: number): string =>
  [
    `pgrep --full -- '^etcd .*--election-timeout=${ms}( |$)' >/dev/null && exit 0`,
    'set -e',
    `cp ${ETCD} /tmp/etcd.yaml`,
    "sed -i '/^    - --election-timeout=/d' /tmp/etcd.yaml",
    `sed -i 's#^    - etcd$#&\\n    - --election-timeout=${ms}#' /tmp/etcd.yaml`,
    `mv /tmp/etcd.yaml ${ETCD}`,
    `for n in $(seq ${LOOKS}); do`,
    `  pgrep --full -- '^etcd .*--election-timeout=${ms}( |$)' >/dev/null && curl --silent --fail http://127.0.0.1:2381/readyz >/dev/null && exit 0`,
    '  sleep 0.2',
    'done',
    'exit 1',
  ].join('\n');
