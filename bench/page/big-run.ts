import type { Evidence } from '../../src/model/evidence.ts';
import type { InjectionRecord } from '../../src/model/injection.ts';
import type { ProbeSeries, Sample, WatchedEvent } from '../../src/model/observation.ts';
import { seededRandom } from '../../src/model/seeded-random.ts';

const CLOCK = 'bench';
const MS = 1e6;
const PERIOD_MS = 100;
const BEGIN_MS = 2_000;

export interface Size {
  readonly samples: number;
  readonly probes: number;
  readonly faults: number;
}

const at = (ms: number): { clock: string; ns: number } => ({ clock: CLOCK, ns: Math.round(ms * MS) });
const range = (fromMs: number, toMs: number): InjectionRecord['injected'] & object => ({
  clock: CLOCK,
  earliestNs: Math.round(fromMs * MS),
  latestNs: Math.round(toMs * MS),
});

/** Each fault takes its turn, one after the other, over the whole time. */
function injections({ faults }: Size, lengthMs: number): readonly InjectionRecord[] {
  const turnMs = lengthMs / (faults + 1);
  return Array.from({ length: faults }, (_, index): InjectionRecord => {
    const fromMs = BEGIN_MS + (index + 0.5) * turnMs;
    const node = `control-${(index % 3) + 1}`;
    return {
      id: `bench/power-off-${index}`,
      step: `power-off-${index}`,
      fault: 'node-power-off',
      targets: [{ subject: 'node', name: node, node, uid: `uid-${index}` }],
      from: [],
      proof: Array.from(
        { length: 20 },
        (_none, line) => `service-${line}: 3 members, 2 needed, this takes 1, 2 stay`,
      ),
      injected: range(fromMs, fromMs + 120),
      verified: { ok: true, says: `${node} is silent`, at: at(fromMs + 120), differences: [] },
      healed: range(fromMs + turnMs * 0.5, fromMs + turnMs * 0.5 + 300),
      verifiedHealed: {
        ok: true,
        says: `${node} answers`,
        at: at(fromMs + turnMs * 0.5 + 300),
        differences: [],
      },
      lasts: true,
      end: 'healed',
    };
  });
}

/** Good answers with a long tail, and an outage of a second or two at each fault, with some flapping after it. */
function seriesOf(size: Size, index: number, faults: readonly InjectionRecord[]): ProbeSeries {
  const random = seededRandom(`page/${index}`);
  const count = Math.ceil(size.samples / size.probes);
  const downs = faults.map(({ injected }) => {
    const fromMs = (injected?.latestNs ?? 0) / MS;
    return [fromMs, fromMs + 300 + random.integer(2_500)] as const;
  });
  const samples = Array.from({ length: count }, (_, n): Sample => {
    const plannedMs = BEGIN_MS + n * PERIOD_MS;
    const sentMs = plannedMs + random.next();
    const down = downs.some(([from, to]) => plannedMs >= from && plannedMs < to) || random.next() < 0.002;
    const tookMs = down ? 5 + random.integer(900) : 2 + 4 / (0.02 + random.next());
    return {
      n,
      plannedNs: Math.round(plannedMs * MS),
      sentNs: Math.round(sentMs * MS),
      completedNs: Math.round((sentMs + tookMs) * MS),
      outcome: down ? 'failed' : 'ok',
      impaired: false,
      status: down ? 0 : 200,
      ...(down ? { phase: 'connect' as const } : {}),
    };
  });
  const name = `service-${index}-read`;
  return {
    probe: {
      name,
      probe: 'http',
      endpoint: `service-${index}`,
      every: { ms: PERIOD_MS },
      timeout: { ms: 1000 },
      connection: 'new',
      vantage: 'host',
      parameters: {},
    },
    clock: CLOCK,
    startNs: BEGIN_MS * MS,
    endNs: (BEGIN_MS + count * PERIOD_MS) * MS,
    samples,
  };
}

/** What the watchers see of each fault: a node that goes and comes back, thirty backends likewise, a leader that moves. */
function eventsOf(faults: readonly InjectionRecord[]): readonly WatchedEvent[] {
  return faults.flatMap(({ injected, healed, targets }) => {
    const [fromNs, toNs] = [injected?.latestNs ?? 0, healed?.latestNs ?? 0];
    const node = targets[0]?.name ?? 'control-1';
    const event = (
      watcher: string,
      change: string,
      about: string,
      ns: number,
      is?: string,
    ): WatchedEvent => ({
      watcher,
      clock: CLOCK,
      afterNs: ns - 200 * MS,
      seenNs: ns,
      change,
      about,
      ...(is === undefined ? {} : { is }),
    });
    const backends = Array.from({ length: 30 }, (_, index) => `openstack/service-${index}`);
    return [
      event('leaders', 'leader', 'kube-scheduler', fromNs + 900 * MS, 'control-2'),
      event('nodes', 'node-not-ready', node, fromNs + 3000 * MS),
      ...backends.map((about, index) =>
        event('endpoints', 'endpoint-removed', about, fromNs + (3000 + index) * MS),
      ),
      event('nodes', 'node-ready', node, toNs + 1000 * MS),
      ...backends.map((about, index) =>
        event('endpoints', 'endpoint-added', about, toNs + (1500 + index) * MS, 'pod'),
      ),
    ];
  });
}

/** A run as large as a long night: so many samples over so many probes, and faults one after the other. */
export function bigRun(size: Size): Evidence {
  const lengthMs = Math.ceil(size.samples / size.probes) * PERIOD_MS;
  const faults = injections(size, lengthMs);
  const endMs = BEGIN_MS + lengthMs + 2_000;
  const plan: Evidence['plan'] = {
    schemaVersion: 1,
    name: 'bench',
    learns: 'How large and how fast a page is.',
    parameters: {},
    conformance: {},
    probes: [],
    watchers: [],
    method: [],
    objectives: [
      { name: 'longest-outage', objective: 'longest-outage', parameters: { atMost: { ms: 10_000 } } },
    ],
    guards: [],
    limits: {
      maxTargets: 1,
      maxShare: 0.5,
      protectedNamespaces: [],
      protectedNodes: [],
      maxUnseen: 0.02,
      maxDuration: { ms: 1e9 },
    },
    baseline: { ms: 2000 },
  };
  return {
    run: {
      schemaVersion: 1,
      id: 'bench',
      squall: { version: '0.0.0' },
      node: process.version,
      host: 'bench',
      commandLine: ['squall', 'run', 'bench'],
      lab: 'bench',
      seed: 'bench',
      started: at(0),
      startedWall: '2026-01-01T00:00:00.000Z',
      wallError: { ms: 1 },
    },
    plan,
    conformance: [],
    chaos: { started: at(BEGIN_MS), ended: at(endMs - 2_000), injections: faults, steps: [] },
    series: Array.from({ length: size.probes }, (_, index) => seriesOf(size, index, faults)),
    stalls: [],
    events: eventsOf(faults),
    leftovers: [],
    openFaults: [],
    end: { ended: at(endMs), reason: 'complete', furtherErrors: [] },
  };
}
