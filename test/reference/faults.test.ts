import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { hurtAndKill, squall, type Hurt } from './kill-squall.ts';
import { clock, ensureUp, say, untilWhole } from './the-lab.ts';
import { differences, nodeTraces, untilAsBefore } from './node-traces.ts';

/** Nothing of a fault may live on for longer after its declared end, whatever became of Squall. */
const ALIVE_AT_MOST_MS = 5000;

/** What was hurt comes back by itself in that time; it takes a fraction of it where nothing else runs beside. */
const RECOVERS_WITHIN_MS = 240_000;

/** So long that it is still there when it is looked at, on a machine that has much else to do. */
const HOLD_S = 15;

/** Faults that last: what must be seen of each from this host while Squall lies dead. */
const LASTING: readonly (readonly [title: string, hurt: Hurt, trace: RegExp])[] = [
  [
    'node-power-off',
    { fault: 'node-power-off', selector: '{role: control}', seconds: HOLD_S },
    /^\+ \S+: power exited/,
  ],
  [
    'node-freeze',
    { fault: 'node-freeze', selector: '{role: control}', seconds: HOLD_S },
    /^\+ \S+: freezer (FROZEN|1)$/,
  ],
  [
    'node-drain',
    { fault: 'node-drain', selector: '{role: compute}', more: ['ceiling: 20s'], seconds: HOLD_S },
    /^\+ compute-\d: cordoned/,
  ],
  [
    'network-partition of a control node',
    { fault: 'network-partition', selector: '{role: control}', more: ['outside: true'], seconds: HOLD_S },
    /^\+ \S+: rule .*elements = \{ 02:53:51/,
  ],
  [
    'network-partition one way, of one port',
    {
      fault: 'network-partition',
      selector: '{node: compute-1}',
      more: ['from: {node: control-1}', 'direction: from-targets', 'ports: [6443]'],
      seconds: HOLD_S,
    },
    /^\+ control-1: rule .*elements = \{ 02:53:51:00:00:21 \. 6443/,
  ],
  [
    'network-loss',
    { fault: 'network-loss', selector: '{role: control}', more: ['share: 40%'], seconds: HOLD_S },
    /^\+ \S+: rule .*jump lose_40/,
  ],
  [
    'network-bandwidth',
    {
      fault: 'network-bandwidth',
      selector: '{node: compute-1}',
      more: ['from: {node: compute-2}', 'kilobitsPerSecond: 4000'],
      seconds: 2 * HOLD_S,
    },
    /^\+ compute-1: rule .*elements = \{ 02:53:51:00:00:22 limit rate over 488 kbytes/,
  ],
  [
    'network-latency',
    {
      fault: 'network-latency',
      selector: '{node: compute-1}',
      more: ['from: {role: control}', 'delay: 50ms', 'jitter: 10ms'],
      seconds: HOLD_S,
    },
    /^\+ compute-1: relay sqd-/,
  ],
  ...(['kubelet', 'containerd'] as const).map(
    (unit) =>
      [
        `service-stop of ${unit}`,
        { fault: 'service-stop', selector: `{unit: ${unit}, node: compute-1}`, seconds: HOLD_S },
        new RegExp(`^\\+ compute-1: unit ${unit} inactive`),
      ] as const,
  ),
  [
    'service-stop of keepalived',
    { fault: 'service-stop', selector: '{unit: keepalived, node: control-2}', seconds: HOLD_S },
    /^\+ control-2: unit keepalived inactive/,
  ],
  [
    'service-stop of etcd, a static pod',
    { fault: 'service-stop', selector: '{unit: etcd, node: control-3}', seconds: HOLD_S },
    /^\+ control-3: away etcd\.yaml/,
  ],
];

/** Faults that are over in a moment; what comes back after them comes by itself. */
const MOMENTARY: readonly (readonly [title: string, hurt: Hurt])[] = [
  ['pod-delete by force', { fault: 'pod-delete', selector: '{role: dns}' }],
  ['pod-delete with grace', { fault: 'pod-delete', selector: '{role: dns}', more: ['how: grace'] }],
  ['pod-delete by eviction', { fault: 'pod-delete', selector: '{role: dns}', more: ['how: eviction'] }],
  ['container-kill', { fault: 'container-kill', selector: '{role: dns}' }],
  ['node-reboot', { fault: 'node-reboot', selector: '{role: compute}' }],
];

/** One of each way to hold an end: the reaper, a kernel, a relay, a timer of a node, nobody. CI has no time for all of them. */
const SHORT = [
  'node-power-off',
  'network-partition of a control node',
  'network-latency',
  'service-stop of etcd, a static pod',
  'pod-delete by eviction',
  'container-kill',
];
const isRun = ([title]: readonly [title: string, ...unknown[]]): boolean =>
  process.env['REFERENCE'] !== 'short' || SHORT.includes(title);

describe('faults on the reference lab, with Squall killed in the middle', () => {
  before(ensureUp);

  for (const [title, hurt, trace] of LASTING.filter(isRun)) {
    it(`${title}: hurts, and is gone 5 s after its declared end`, async () => {
      await untilWhole(RECOVERS_WITHIN_MS);
      const whole = await nodeTraces();
      const { entry } = await hurtAndKill(hurt, 'holding');
      const hurting = differences(whole, await nodeTraces());
      await gone(whole, entry.expires.ns);
      await healsNothingMore();
      expect(hurting.join('\n'), 'what is seen while it holds').to.match(new RegExp(trace.source, 'm'));
    });
  }

  for (const [title, hurt] of MOMENTARY.filter(isRun)) {
    it(`${title}: leaves nothing when Squall is killed right after it`, async () => {
      await untilWhole(RECOVERS_WITHIN_MS);
      const whole = await nodeTraces();
      const { entry } = await hurtAndKill(hurt, 'inject-verify');
      await gone(whole, entry.expires.ns);
      await healsNothingMore();
      await untilWhole(RECOVERS_WITHIN_MS);
    });
  }

  it('leaves a cluster that becomes whole by itself', () => untilWhole(RECOVERS_WITHIN_MS));
});

async function gone(whole: readonly string[], endsNs: number): Promise<void> {
  const { left, lookedNs } = await untilAsBefore(whole, endsNs + ALIVE_AT_MOST_MS * 1e6);
  const lateMs = Math.round((lookedNs - endsNs) / 1e6);
  expect(left, `after its declared end + ${lateMs} ms`).to.deep.equal([]);
  say(`        as before ${lateMs} ms after the declared end`);
}

async function healsNothingMore(): Promise<void> {
  const startNs = clock.now().ns;
  const { code, says } = await squall(['heal', '--yes', '--lab', 'reference']);
  expect(code, `heal after ${(clock.now().ns - startNs) / 1e9} s: ${says}`).to.equal(0);
}
