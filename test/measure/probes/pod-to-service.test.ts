import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { clearGrounds, layGrounds, refuseProbes } from '../../../src/measure/lay-grounds.ts';
import { pairsOf } from '../../../src/measure/probes/pod-to-service.ts';
import { probeRegistry } from '../../../src/measure/probe-registry.ts';
import type { GroundTools } from '../../../src/measure/probes/probe.ts';
import { OWNER_LABEL } from '../../../src/model/own-marks.ts';
import type { LedgerEntry } from '../../../src/model/conformance.ts';
import { milliseconds } from '../../../src/model/duration.ts';
import type { Topology } from '../../../src/model/topology.ts';
import type { KubernetesApi, KubernetesObject } from '../../../src/ports/kubernetes.ts';
import type { Ledger } from '../../../src/ports/ledger.ts';
import { startProber } from '../../../src/run/start-prober.ts';
import type { Session } from '../../../src/run/session.ts';
import { spec } from '../sample-series.ts';

const RUN = 'r-7';
const pods = spec({
  name: 'pods',
  probe: 'pod-to-service',
  endpoint: 'kubernetes',
  every: milliseconds(500),
  timeout: milliseconds(2000),
});

type Made = KubernetesObject & {
  readonly spec: Readonly<Record<string, unknown>> & { readonly template: { readonly spec: object } };
};

/** A Kubernetes that keeps what it is given, and whose pods are ready once it was looked at a few times. */
class SmallCluster {
  readonly objects = new Map<string, Made>();
  readonly acts: string[] = [];
  readyAfter = 2;
  #ports = 30_000;

  readonly api = {
    get: (path: string) => Promise.resolve(this.objects.get(path)),
    create: (collection: string, object: Made) => {
      const path = `${collection}/${object.metadata.name}`;
      this.acts.push(`create ${path}`);
      const isService = collection.endsWith('/services');
      const n = this.#ports++;
      const made = isService
        ? {
            ...object,
            spec: { ...object.spec, clusterIP: `10.96.0.${n - 30_000}`, ports: [{ nodePort: n }] },
          }
        : object;
      this.objects.set(path, made);
      return Promise.resolve(made);
    },
    list: (collection: string) => {
      this.readyAfter -= 1;
      const ready = this.readyAfter < 0 ? 1 : 0;
      const found = [...this.objects].filter(([path]) => path.startsWith(`${collection}/`));
      return Promise.resolve(found.map(([, object]) => ({ ...object, status: { numberReady: ready } })));
    },
    delete: (path: string) => {
      this.acts.push(`delete ${path}`);
      return Promise.resolve(this.objects.delete(path));
    },
  } as unknown as KubernetesApi;
}

/** Its time passes when somebody sleeps. */
function sleepyClock(): GroundTools['clock'] {
  let ns = 0;
  return {
    id: 'host:test',
    now: () => ({ clock: 'host:test', ns }),
    sleep: (duration: { ms: number }) => {
      ns += duration.ms * 1e6;
      return Promise.resolve();
    },
  } as unknown as GroundTools['clock'];
}

const topologyOf = (names: readonly string[], cordoned: readonly string[] = []): Topology =>
  ({
    lab: 'reference',
    abilities: ['kubernetes', 'test-image'],
    missingAbilities: [],
    endpoints: [{ name: 'kubernetes' }],
    nodes: names.map((name, index) => ({
      name,
      labels: { 'kubernetes.io/hostname': `${name}.lab` },
      addresses: [name, `172.30.0.${index + 11}`],
    })),
    live: { nodes: names.map((name) => ({ name, ready: true, schedulable: !cordoned.includes(name) })) },
  }) as unknown as Topology;

const FIVE = ['compute-1', 'compute-2', 'control-1', 'control-2', 'control-3'];
const never = new AbortController().signal;
const yes = (): Promise<boolean> => Promise.resolve(true);

const toolsOf = (cluster: SmallCluster, topology = topologyOf(FIVE)): GroundTools => ({
  kubernetes: cluster.api,
  clock: sleepyClock(),
  run: RUN,
  testImage: { name: 'localhost/test-app:1', pullPolicy: 'Never' },
  topology,
  note: () => Promise.resolve(),
});

const lay = (cluster: SmallCluster, topology?: Topology, parameters = {}) =>
  layGrounds([{ ...pods, parameters }, spec({})], toolsOf(cluster, topology), never, yes);

const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing',
    (error: unknown) => String(error),
  );

describe('the ground of the probe pod-to-service', () => {
  it('puts one pod onto each node that takes pods, pinned, tolerating everything, and ours by its label', async () => {
    const cluster = new SmallCluster();
    await lay(cluster, topologyOf(FIVE, ['compute-2']));
    const sets = [...cluster.objects].filter(([path]) => path.includes('/daemonsets/'));
    expect(
      sets.map(
        ([
          ,
          {
            spec: { template },
          },
        ]) => template.spec,
      ),
    ).to.have.length(4);
    expect(
      sets.map(
        ([
          ,
          {
            spec: { template },
          },
        ]) =>
          (template.spec as { nodeSelector: Record<string, string> }).nodeSelector['kubernetes.io/hostname'],
      ),
    ).to.have.members(['compute-1.lab', 'control-1.lab', 'control-2.lab', 'control-3.lab']);
    for (const [
      ,
      {
        spec: { template },
      },
    ] of sets)
      expect(template.spec).to.deep.include({ tolerations: [{ operator: 'Exists' }] });
    for (const [path, { metadata }] of cluster.objects)
      expect(metadata.labels?.[OWNER_LABEL], path).to.equal(RUN);
    const selectors = [...cluster.objects]
      .filter(([path]) => path.includes('/services/'))
      .map(
        ([
          ,
          {
            spec: { selector, externalTrafficPolicy },
          },
        ]) => {
          expect(externalTrafficPolicy).to.equal('Local');
          return JSON.stringify(selector);
        },
      );
    expect(new Set(selectors).size).to.equal(4);
  });

  it('keeps everything inside of what is in the ledger', async () => {
    const cluster = new SmallCluster();
    await lay(cluster);
    const probe = probeRegistry.find(({ name }) => name === pods.probe);
    const [entry, ...more] = probe?.mayCreate?.(pods, RUN) ?? [];
    expect(more).to.deep.equal([]);
    expect(entry).to.deep.equal({
      system: 'kubernetes',
      collection: '/api/v1/namespaces',
      name: 'sq-r-7-pods',
      createdBy: 'probe pods',
    });
    for (const path of cluster.objects.keys()) expect(path).to.include('/namespaces/sq-r-7-pods');
  });

  it('asks each pod from here, and from each pod the Service of each other', async () => {
    const parts = await lay(new SmallCluster());
    expect(parts).to.have.length(25);
    const control = parts.find(({ spec: { name } }) => name === 'pods/host>control-1');
    expect(control?.spec).to.deep.include({ vantage: 'host', part: { of: 'pods', to: 'control-1' } });
    expect(control?.access.url).to.match(/^http:\/\/172\.30\.0\.13:300\d\d$/);
    expect(control?.question).to.deep.include({ kind: 'http' });
    const way = parts.find(({ spec: { name } }) => name === 'pods/control-1>compute-2');
    expect(way?.spec).to.deep.include({
      vantage: 'control-1',
      part: { of: 'pods', from: 'control-1', to: 'compute-2' },
    });
    expect(way?.access.url).to.equal(control?.access.url);
    if (way?.question.kind !== 'relayed') throw new Error('not relayed');
    expect(way.question.ask.path).to.match(
      /^\/get\?url=http%3A%2F%2F10\.96\.0\.\d+%3A8080%2Fwhoami&ms=1500$/,
    );
    expect(way.question.then).to.deep.equal({ expect: [200], holds: '"node":"compute-2"' });
    expect(new Set(parts.map(({ spec: { parameters } }) => JSON.stringify(parameters))).size).to.equal(25);
  });

  it('takes what is there already, as whoever goes on with a run must', async () => {
    const cluster = new SmallCluster();
    const first = await lay(cluster);
    const { length } = cluster.acts;
    expect(await lay(cluster)).to.deep.equal(first);
    expect(cluster.acts).to.have.length(length);
  });

  it('gives up on pods that do not become ready, and on ways that were never answered', async () => {
    const slow = new SmallCluster();
    slow.readyAfter = 100_000;
    expect(await messageOf(lay(slow))).to.include('0 of 5 are');
    const deaf = layGrounds([pods], toolsOf(new SmallCluster()), never, ({ spec: { name } }) =>
      Promise.resolve(name !== 'pods/control-1>compute-2'),
    );
    const says = await messageOf(deaf);
    expect(says).to.include('pods/control-1>compute-2');
    expect(says).not.to.include('pods/host>');
  });

  it('needs two nodes that take pods', async () => {
    expect(await messageOf(lay(new SmallCluster(), topologyOf(['a', 'b'], ['b'])))).to.include(
      'only a takes',
    );
  });

  it('asks for the deletion of its own namespace and of nothing else', async () => {
    const cluster = new SmallCluster();
    const entry = (name: string): LedgerEntry => ({
      system: 'kubernetes',
      collection: '/api/v1/namespaces',
      name,
      createdBy: 'x',
    });
    const deleted: string[] = [];
    const ledger = {
      outstanding: () => [entry('sq-r-7-suite'), entry('sq-r-7-pods')],
      deleted: ({ name }: LedgerEntry) => deleted.push(name),
    } as unknown as Ledger;
    await clearGrounds([pods, spec({})], { kubernetes: cluster.api, run: RUN, ledger }, never);
    expect(cluster.acts).to.deep.equal(['delete /api/v1/namespaces/sq-r-7-pods']);
    expect(deleted).to.deep.equal(['sq-r-7-pods']);
  });

  it('has its namespace in the ledger and on the disk before it makes it', async () => {
    const cluster = new SmallCluster();
    const { acts } = cluster;
    const stop = new Error('far enough');
    const session = {
      request: { id: RUN },
      topology: topologyOf(FIVE),
      clients: {
        kubernetes: {
          ...cluster.api,
          access: () => Promise.resolve({ url: 'https://10.0.0.1', headers: {}, verify: true }),
          list: () => Promise.reject(stop),
        },
      },
      ledger: { creating: ({ name }: LedgerEntry) => acts.push(`ledger ${name}`) },
      world: {
        clock: sleepyClock(),
        lab: { abilities: { testImage: { name: 'i', pullPolicy: 'Never' } } },
        folder: { flush: () => Promise.resolve(void acts.push('flush')) },
      },
    } as unknown as Session;
    await messageOf(startProber(session, [pods], 'samples/host', never));
    expect(acts.slice(0, 3)).to.deep.equal([
      'ledger sq-r-7-pods',
      'flush',
      'create /api/v1/namespaces/sq-r-7-pods',
    ]);
  });

  it('is refused before anything is done where there is no test image, with the reason', () => {
    const rehearsal = JSON.parse(readFileSync('chaos-plans/rehearsal.topology.json', 'utf8')) as Topology;
    expect(() => refuseProbes([spec({}), pods], rehearsal))
      .to.throw(
        /Probe pods: pod-to-service needs test-image, which the lab rehearsal does not have: .+\. Use/,
      )
      .with.property('code', 'SQ_ABILITY_MISSING');
    expect(() => refuseProbes([spec({})], rehearsal)).not.to.throw();
    expect(() => refuseProbes([pods], topologyOf(FIVE))).not.to.throw();
  });
});

describe('pairs of nodes', () => {
  it('are all of them where they may be, and otherwise as many as may be, no node with more than its share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 150 }), (count, most) => {
        const nodes = Array.from({ length: count }, (_, index) => `n${index}`);
        const pairs = pairsOf(nodes, most);
        expect(pairs).to.have.length(Math.min(most, count * Math.max(0, count - 1)));
        expect(new Set(pairs.map(String)).size).to.equal(pairs.length);
        // Where not even each may ask once, those that do lie all around.
        const askers = pairs.map(([from]) => nodes.indexOf(from));
        const gaps = askers.map((at, k) => (askers[k + 1] ?? count) - at);
        if (most < count) expect(Math.max(...gaps)).to.be.at.most(Math.ceil(count / most));
        expect(pairs.filter(([from, to]) => from === to)).to.deep.equal([]);
        for (const side of [0, 1] as const) {
          const often = nodes.map((node) => pairs.filter((pair) => pair[side] === node).length);
          if (count > 1) expect(Math.max(...often) - Math.min(...often)).to.be.at.most(1);
        }
      }),
      { numRuns: 50 },
    );
  }).timeout(10_000);
});
