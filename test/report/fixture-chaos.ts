import type { Recovery } from '../../src/model/analysis.ts';
import type { InjectionRecord } from '../../src/model/injection.ts';
import type { WatchedEvent } from '../../src/model/observation.ts';
import type { BoundTarget, PredictedWindow } from '../../src/model/schedule.ts';
import { at, CLOCK, ms, range } from './fixture-time.ts';

const target = (subject: 'pod' | 'node', name: string, node: string): BoundTarget => ({
  subject,
  name,
  node,
  uid: `uid-${name}`,
});

function injection(
  step: string,
  fault: string,
  targets: readonly BoundTarget[],
  [sent, seen]: readonly [number, number],
  heal?: readonly [number, number],
): InjectionRecord {
  return {
    id: `f-${step}`,
    step,
    fault,
    targets,
    from: [],
    proof: [
      'etcd: 3 members, 2 needed, this step takes 1, 2 stay',
      'mariadb-server: 3 members, 2 needed, this step takes 1, 2 stay',
      'limits: at most 1 target at once, 1 asked for',
    ],
    injected: range(sent, seen),
    verified: {
      ok: true,
      says: `${targets[0]?.name ?? 'It'} does not answer on its own address any more.`,
      at: at(seen),
      differences: [],
    },
    lasts: heal !== undefined,
    end: heal === undefined ? 'instant' : 'healed',
    ...(heal === undefined
      ? {}
      : {
          healed: range(...heal),
          verifiedHealed: {
            ok: true,
            says: 'Power and links are as they were before.',
            at: at(heal[1]),
            differences: [],
          },
        }),
  };
}

export const INJECTIONS: readonly InjectionRecord[] = [
  injection(
    'delete-an-api-pod',
    'pod-delete',
    [target('pod', 'keystone-api-6d5f7c9b8-x2x9q', 'control-1')],
    [7_000, 7_140],
  ),
  injection(
    'control-node-off',
    'node-power-off',
    [target('node', 'control-2', 'control-2')],
    [16_100, 16_230],
    [24_300, 25_900],
  ),
  injection(
    'cut-a-minority',
    'network-partition',
    [target('node', 'control-3', 'control-3')],
    [34_000, 34_220],
    [40_300, 40_460],
  ),
];

const predicted = (
  outage: readonly [number, number],
  redundancy: readonly [number, number],
  because: readonly string[],
): PredictedWindow => ({
  outage: { min: { ms: outage[0] }, max: { ms: outage[1] } },
  redundancy: { min: { ms: redundancy[0] }, max: { ms: redundancy[1] } },
  because,
});

export const RECOVERIES: readonly Recovery[] = [
  {
    injection: 'f-delete-an-api-pod',
    step: 'delete-an-api-pod',
    fault: 'pod-delete',
    outage: ms(0, 0),
    felt: [],
    serviceBack: ms(0, 100),
    redundancyBack: ms(2_840, 3_010),
    phases: [
      {
        name: 'noticed',
        start: range(7_010, 7_140),
        end: range(7_150, 7_210),
        source: 'watcher endpoints: keystone-api endpoint removed',
      },
      {
        name: 'redundant',
        start: range(9_900, 9_980),
        end: range(9_980, 10_150),
        source: 'watcher nodes: keystone-api 3 of 3 ready',
      },
    ],
    predicted: predicted(
      [0, 400],
      [2_000, 4_500],
      ['pod-restart 2 s to 4.5 s, read from the live configuration'],
    ),
    againstPrediction: 'inside',
  },
  {
    injection: 'f-control-node-off',
    step: 'control-node-off',
    fault: 'node-power-off',
    outage: ms(2_000, 2_200),
    felt: [
      { probe: 'keystone-token', outage: ms(2_000, 2_200) },
      { probe: 'neutron-networks', outage: ms(1_900, 2_100) },
      { probe: 'nova-servers', outage: ms(1_800, 2_000) },
    ],
    serviceBack: ms(2_070, 2_300),
    redundancyBack: ms(11_900, 12_300),
    performanceBack: ms(13_100, 14_800),
    onReturn: ms(0, 100),
    phases: [
      {
        name: 'impact',
        start: range(16_130, 16_230),
        end: range(16_200, 16_300),
        source: 'probe kubernetes-read went down',
      },
      {
        name: 'elected',
        start: range(16_900, 17_100),
        end: range(17_250, 17_400),
        source: 'watcher leaders: api-address moved to control-1',
      },
      {
        name: 'answers',
        start: range(17_300, 17_400),
        end: range(18_300, 18_400),
        source: 'probe keystone-token went up',
      },
    ],
    predicted: predicted(
      [900, 2_400],
      [8_000, 14_000],
      [
        'keepalived.advert-interval 300 ms, three missed: 0.9 s to 1.2 s',
        'etcd.election-timeout 500 ms to 1 s',
      ],
    ),
    againstPrediction: 'inside',
  },
  {
    injection: 'f-cut-a-minority',
    step: 'cut-a-minority',
    fault: 'network-partition',
    outage: ms(200, 400),
    felt: [{ probe: 'configmap-write-and-read-back', outage: ms(200, 400) }],
    serviceBack: ms(380, 600),
    phases: [],
    predicted: predicted([500, 1_400], [6_500, 9_000], ['etcd.election-timeout 500 ms to 1 s']),
    againstPrediction: 'shorter',
  },
];

export const EVENTS: readonly WatchedEvent[] = (
  [
    ['endpoints', 7_030, 7_190, 'endpoint-removed', 'keystone-api'],
    ['endpoints', 9_900, 9_980, 'endpoint-added', 'keystone-api'],
    ['leaders', 16_900, 17_250, 'address-moved', 'api-address', 'control-2', 'control-1'],
    ['leaders', 17_500, 17_800, 'leader', 'kube-scheduler', 'control-2', 'control-3'],
    ['nodes', 19_900, 20_300, 'node-not-ready', 'control-2', 'ready', 'not-ready'],
    ['nodes', 27_900, 28_300, 'node-ready', 'control-2', 'not-ready', 'ready'],
    ['leaders', 34_500, 34_700, 'leader', 'etcd', 'control-3', 'control-1'],
    ['nodes', 42_300, 42_600, 'node-not-ready', 'control-3', 'ready', 'not-ready'],
  ] as const
).map(([watcher, after, seen, change, about, was, is]) => ({
  watcher,
  clock: CLOCK,
  afterNs: at(after).ns,
  seenNs: at(seen).ns,
  change,
  about,
  ...(was === undefined ? {} : { was }),
  ...(is === undefined ? {} : { is }),
}));
