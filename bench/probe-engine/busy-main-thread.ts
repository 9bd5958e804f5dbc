import { clock, median, probeInThread, quantile, samplesOf, sleep } from './probing.ts';
import { Target } from './target.ts';

const RATE = 1000;
const PODS = 100_000;

/** A list as a large cluster answers it: about 1 kB for each pod. */
function podList(): string {
  const pod = (n: number): object => ({
    metadata: {
      name: `service-${n % 500}-7d9f8b6c5-${n.toString(36)}`,
      namespace: `team-${n % 40}`,
      uid: `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
      labels: { application: `service-${n % 500}`, component: 'api', release_group: `group-${n % 50}` },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `service-${n % 500}-7d9f8b6c5` }],
    },
    spec: {
      nodeName: `compute-${n % 1000}`,
      containers: [
        {
          name: 'main',
          image: `registry.example/service-${n % 500}:1.${n % 9}.0`,
          resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '1Gi' } },
          env: Array.from({ length: 4 }, (_, index) => ({
            name: `SETTING_${index}`,
            value: `value-${n}-${index}`,
          })),
        },
      ],
    },
    status: {
      phase: 'Running',
      podIP: `10.${n % 200}.${n % 250}.${n % 253}`,
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  });
  return `{"kind":"PodList","items":[${Array.from({ length: PODS }, (_, n) => JSON.stringify(pod(n))).join(',')}]}`;
}

/** Parses again and again, with a breath in between as a program would take it. @returns how often. */
async function parseFor(ms: number, text: string): Promise<number> {
  const endNs = clock.now().ns + ms * 1e6;
  let parsed = 0;
  while (clock.now().ns < endNs) {
    const list = JSON.parse(text) as { readonly items: readonly unknown[] };
    if (list.items.length !== PODS) throw new Error('the list was not read');
    parsed += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return parsed;
}

export interface BusyMainThread {
  readonly pods: number;
  readonly parsed: number;
  readonly idleP99Ms: number;
  readonly busyP99Ms: number;
  /** The median over pairs. */
  readonly ratio: number;
}

/** The prober's lateness while the main thread of its process parses a large list, against the same with the main thread idle. */
export async function busyMainThread(pairs: number, seconds: number): Promise<BusyMainThread> {
  const target = await Target.start();
  const text = podList();
  const windows: { readonly busy: boolean; readonly fromNs: number; readonly toNs: number }[] = [];
  let parsed = 0;
  const watch = async (busy: boolean): Promise<void> => {
    const fromNs = clock.now().ns;
    if (busy) parsed += await parseFor(seconds * 1000, text);
    else await sleep(seconds * 1000);
    windows.push({ busy, fromNs, toNs: clock.now().ns });
  };
  try {
    const found = await probeInThread({ url: target.url, rate: RATE, everyMs: 10 }, async () => {
      await sleep(500);
      for (let pair = 0; pair < pairs; pair++) {
        await watch(false);
        await watch(true);
      }
    });
    const samples = samplesOf(found);
    const p99s = (wanted: boolean): readonly number[] =>
      windows
        .filter(({ busy }) => busy === wanted)
        .map(({ fromNs, toNs }) =>
          quantile(
            samples
              .filter(({ plannedNs }) => plannedNs >= fromNs && plannedNs < toNs)
              .map(({ plannedNs, sentNs }) => (sentNs - plannedNs) / 1e6),
            0.99,
          ),
        );
    const [idle, busy] = [p99s(false), p99s(true)];
    return {
      pods: PODS,
      parsed,
      idleP99Ms: median(idle),
      busyP99Ms: median(busy),
      ratio: median(busy.map((value, index) => value / (idle[index] ?? Number.NaN))),
    };
  } finally {
    await target.stop();
  }
}
