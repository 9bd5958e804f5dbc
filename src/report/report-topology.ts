import type { Evidence } from '../model/evidence.ts';
import type { WatchedEvent } from '../model/observation.ts';
import type { Service, Topology } from '../model/topology.ts';
import type {
  MomentMs,
  ReportedHolder,
  ReportedTopology,
  ReportedWorkload,
  Stretch,
} from './report-document.ts';

const AWAY: ReadonlySet<string> = new Set(['node-not-ready', 'node-removed']);
const BACK: ReadonlySet<string> = new Set(['node-ready', 'node-added']);
const MOVED: ReadonlySet<string> = new Set(['leader', 'address-moved']);

const momentOf = ({ afterNs, seenNs }: WatchedEvent, zeroNs: number): MomentMs => [
  Math.round((afterNs - zeroNs) / 1000) / 1000,
  Math.round((seenNs - zeroNs) / 1000) / 1000,
];

function readiness(topology: Topology | undefined, node: string): boolean | undefined {
  return topology?.live.nodes.find((live) => live.name === node)?.ready;
}

/** Each time that the watchers saw the node go, with the time that it came back. */
function unready({ events, run }: Evidence, node: string): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let from: MomentMs | undefined;
  for (const event of events.filter(({ about }) => about === node)) {
    if (AWAY.has(event.change)) from ??= momentOf(event, run.started.ns);
    if (!BACK.has(event.change) || from === undefined) continue;
    stretches.push({ fromMs: from, toMs: momentOf(event, run.started.ns) });
    from = undefined;
  }
  return from === undefined ? stretches : [...stretches, { fromMs: from }];
}

function reportWorkload({ id, replicas }: Service, evidence: Evidence): ReportedWorkload {
  const ready = (topology: Topology | undefined): number | undefined =>
    topology?.live.members.filter((member) => member.service === id && member.ready).length;
  const before = ready(evidence.topologyBefore);
  const after = ready(evidence.topologyAfter);
  return {
    id,
    replicas,
    ...(before === undefined ? {} : { readyBefore: before }),
    ...(after === undefined ? {} : { readyAfter: after }),
  };
}

/** Whoever held something before or after, and whatever the watchers saw move. */
function reportHolders({ topologyBefore, topologyAfter, events, run }: Evidence): readonly ReportedHolder[] {
  const moved = events.filter(({ change }) => MOVED.has(change));
  const before = topologyBefore?.live.holders ?? [];
  const after = topologyAfter?.live.holders ?? [];
  const names = new Set(
    [...before, ...after].map(({ what }) => what).concat(moved.map(({ about }) => about)),
  );
  const nodeOf = (holders: typeof before, what: string): string | undefined =>
    holders.find((holder) => holder.what === what)?.node;
  return [...names].map((what) => {
    const [held, holds] = [nodeOf(before, what), nodeOf(after, what)];
    return {
      what,
      ...(held === undefined ? {} : { before: held }),
      ...(holds === undefined ? {} : { after: holds }),
      moves: moved
        .filter(({ about }) => about === what)
        .map((event) => ({
          atMs: momentOf(event, run.started.ns),
          ...(event.was === undefined ? {} : { was: event.was }),
          ...(event.is === undefined ? {} : { is: event.is }),
        })),
    };
  });
}

/** What ran where, in short: the whole of it is in `topology-before.json`. */
export function reportTopology(topology: Topology, evidence: Evidence): ReportedTopology {
  return {
    lab: topology.lab,
    owned: topology.owned,
    systems: topology.systems.map(({ name, kind, distribution, version }) => ({
      name,
      kind,
      distribution,
      version,
    })),
    nodes: topology.nodes.map(({ name, roles }) => {
      const before = readiness(evidence.topologyBefore, name);
      const after = readiness(evidence.topologyAfter, name);
      const unreadyMs = unready(evidence, name);
      return {
        name,
        roles,
        ...(before === undefined ? {} : { readyBefore: before }),
        ...(after === undefined ? {} : { readyAfter: after }),
        ...(unreadyMs.length === 0 ? {} : { unreadyMs }),
      };
    }),
    services: topology.services.length,
    workloads: topology.services.map((service) => reportWorkload(service, evidence)),
    holders: reportHolders(evidence),
    endpoints: topology.endpoints.map((endpoint) => endpoint.name),
    abilities: topology.abilities,
    missingAbilities: topology.missingAbilities.map(({ ability, reason }) => ({ ability, reason })),
    timers: topology.timers.map(({ name, value, source }) => ({ name, valueMs: value.ms, source })),
  };
}
