import type { Setting } from './settings.ts';

/** A fault with its target, on a lab whose timer has one value. */
export interface Pair {
  readonly name: string;
  readonly fault: string;
  /** As in a plan. */
  readonly selector: string;
  /** Further lines of the step. */
  readonly lines: readonly string[];
  readonly setting: Setting;
}

const HELD = ['duration: 20s'];
const CUT_OFF = [...HELD, 'outside: true'];
const HOLDER = '{role: api-address-holder}';
const adverts = (ms: number): Setting => ({ timer: 'keepalived-advert-interval', ms });
const election = (ms: number): Setting => ({ timer: 'etcd-election-timeout', ms });
const usual: Setting = { timer: 'none', ms: 0 };

/** In an order in which a timer is changed as seldom as may be. */
export const PAIRS: readonly Pair[] = [
  {
    name: 'power-off/advert-1s',
    fault: 'node-power-off',
    selector: HOLDER,
    lines: HELD,
    setting: adverts(1000),
  },
  { name: 'freeze/advert-1s', fault: 'node-freeze', selector: HOLDER, lines: HELD, setting: adverts(1000) },
  {
    name: 'partition/advert-1s',
    fault: 'network-partition',
    selector: HOLDER,
    lines: CUT_OFF,
    setting: adverts(1000),
  },
  { name: 'reboot/advert-1s', fault: 'node-reboot', selector: HOLDER, lines: [], setting: adverts(1000) },
  {
    name: 'etcd-stop/election-1s',
    fault: 'service-stop',
    selector: '{role: etcd}',
    lines: HELD,
    setting: election(1000),
  },
  { name: 'dns-pod-delete', fault: 'pod-delete', selector: '{role: dns}', lines: [], setting: usual },
  {
    name: 'partition/advert-2s',
    fault: 'network-partition',
    selector: HOLDER,
    lines: CUT_OFF,
    setting: adverts(2000),
  },
  {
    name: 'power-off/advert-3s',
    fault: 'node-power-off',
    selector: HOLDER,
    lines: HELD,
    setting: adverts(3000),
  },
  { name: 'freeze/advert-3s', fault: 'node-freeze', selector: HOLDER, lines: HELD, setting: adverts(3000) },
  {
    name: 'etcd-stop/election-3s',
    fault: 'service-stop',
    selector: '{role: etcd}',
    lines: HELD,
    setting: election(3000),
  },
];

/** Without suites: what is measured is the way back. */
export const planOf = ({
  name,
  fault,
  selector,
  lines,
}: Pair): string => `# Wants to learn: does the way back from ${fault} fall into the window that the live timers predict?
apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata: {name: recovery-${name.replaceAll('/', '-')}}
probes:
  - {name: address, probe: tcp, endpoint: kubernetes, every: 50ms, timeout: 800ms, connection: new}
  - {name: readyz, probe: http, endpoint: kubernetes, path: /readyz, every: 100ms, timeout: 2500ms, connection: new}
  - {name: write, probe: kubernetes-write, endpoint: kubernetes, every: 200ms, timeout: 4500ms, connection: reused}
method:
  - name: hurt
    fault: ${fault}
    selector: ${selector}
    mode: one
${lines.map((line) => `    ${line}\n`).join('')}  - {wait: recovered, ceiling: 5m}
objectives:
  - {objective: recovery-time, maximum: 2 x predicted}
  - {objective: nothing-leaked}
guards:
  - {probe: address, downFor: 2m}
baseline: 5s
`;
