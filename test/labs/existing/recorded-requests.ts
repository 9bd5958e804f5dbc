import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKubernetesApi } from '../../../src/adapters/kubernetes/index.ts';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';
import { taggedObjects } from '../../../src/custody/tagged-objects.ts';
import { bundledSuites } from '../../../src/entries/places.ts';
import { clearGrounds, layGrounds } from '../../../src/measure/lay-grounds.ts';
import { probeRegistry } from '../../../src/measure/probe-registry.ts';
import { startWatchers } from '../../../src/measure/watchers/start-watchers.ts';
import { watcherRegistry } from '../../../src/measure/watchers/watcher-registry.ts';
import type { LedgerEntry } from '../../../src/model/conformance.ts';
import { seconds } from '../../../src/model/duration.ts';
import type { KubernetesApi } from '../../../src/ports/kubernetes.ts';
import type { Lab } from '../../../src/ports/lab.ts';
import type { Ledger } from '../../../src/ports/ledger.ts';
import { discover, discoverSubject } from '../../../src/topology/index.ts';
import { ADMIN, startModelCluster, type ModelCluster } from '../../rehearsal/cluster-api/model-cluster.ts';
import { allReady, startCluster, type Running } from '../../rehearsal/loops/running-cluster.ts';
import { NO_LEDGER, runInProcess } from '../../suites/run-in-process.ts';
import { attributesOf, RecordingProxy, type Asked } from './recording-proxy.ts';

/** A model cluster behind a proxy that notes what is asked of it. */
export class RecordedCluster {
  readonly #running: Running;
  readonly #served: ModelCluster;
  readonly #proxy: RecordingProxy;
  readonly #folder: string;
  readonly kubernetes: KubernetesApi & { close(): Promise<void> };

  private constructor(
    running: Running,
    served: ModelCluster,
    proxy: RecordingProxy,
    folder: string,
    kubernetes: KubernetesApi & { close(): Promise<void> },
  ) {
    this.#running = running;
    this.#served = served;
    this.#proxy = proxy;
    this.#folder = folder;
    this.kubernetes = kubernetes;
  }

  static async start(): Promise<RecordedCluster> {
    const running = await startCluster();
    const served = await startModelCluster(running.store);
    await running.eventually('all workloads are ready', () => allReady(running));
    const proxy = new RecordingProxy(served.url);
    const server = await proxy.start();
    const folder = mkdtempSync(join(tmpdir(), 'squall-recorded-'));
    const document = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'model',
      contexts: [{ name: 'model', context: { cluster: 'model', user: 'admin' } }],
      clusters: [{ name: 'model', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'admin', user: { token: ADMIN } }],
    };
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, JSON.stringify(document));
    const kubernetes = await createKubernetesApi({
      connection: { kubeconfig },
      environment: {},
      clock: createSystemClock(),
    });
    return new RecordedCluster(running, served, proxy, folder, kubernetes);
  }

  async stop(): Promise<void> {
    await this.kubernetes.close();
    await this.#proxy.stop();
    await this.#served.close();
    this.#running.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What is asked while something is done, each once. */
  async during(act: () => Promise<unknown>): Promise<readonly Asked[]> {
    this.#proxy.asked.length = 0;
    await act();
    return distinct(this.#proxy.asked);
  }

  async discover(): Promise<void> {
    const unused = (): never => {
      throw new Error('discovery only asks');
    };
    const lab = {
      name: 'existing',
      owned: false,
      disclosures: [],
      abilities: {},
      up: unused,
      down: unused,
      status: unused,
      connection: unused,
      missing: async () => [],
    } satisfies Lab;
    const signal = new AbortController().signal;
    const tools = { lab, connection: {}, kubernetes: this.kubernetes };
    await discoverSubject(await discover(tools, signal), tools, signal);
  }

  async watch(): Promise<void> {
    const done = new AbortController();
    const names = watcherRegistry.map(({ name }) => name);
    const tools = { kubernetes: this.kubernetes, clock: createSystemClock() };
    const over = startWatchers(names, tools, () => undefined, done.signal);
    const watched = (): number =>
      new Set(this.#proxy.asked.filter(({ verb }) => verb === 'watch').map(({ resource }) => resource)).size;
    for (let tries = 0; tries < 100 && watched() < names.length; tries++)
      await createSystemClock().sleep({ ms: 100 }, new AbortController().signal);
    done.abort(new Error('seen enough'));
    await over;
  }

  /** What the suites ask, and what the sweeper asks for what they created. */
  async runSuites(): Promise<readonly LedgerEntry[]> {
    const connection = { kubeconfig: join(this.#folder, 'kubeconfig') };
    const created: LedgerEntry[] = [];
    const ended = await runInProcess(
      {
        run: 'rec',
        selection: { suites: [], tags: [] },
        files: bundledSuites().filter(({ name }) => name.startsWith('kubernetes/')),
        connection,
        abilities: ['kubernetes'],
        lanes: 1,
        caseTimeout: seconds(10),
      },
      { ledger: { ...NO_LEDGER, creating: (entry) => created.push(entry) } },
    );
    const failed = ended.results.filter(({ outcome }) => outcome === 'failed');
    if (ended.results.length < 20 || failed.length > 0)
      throw new Error(
        `${ended.results.length} cases ran, and failed: ${failed.map(({ id }) => id).join(', ')}`,
      );
    const signal = new AbortController().signal;
    const collections = new Map(created.map((entry) => [entry.collection, entry]));
    for (const entry of collections.values())
      await taggedObjects(entry, { kubernetes: this.kubernetes }, signal).catch(() => undefined);
    return created;
  }
}

/** What the probes that ask a Kubernetes API send; their questions are data. */
export function askedByProbes(): readonly Asked[] {
  const asked = probeRegistry
    .filter(({ name }) => name.startsWith('kubernetes-'))
    .flatMap((probe) => {
      if (probe.question === undefined) return [];
      const spec = {
        name: 'p',
        probe: probe.name,
        endpoint: 'kubernetes',
        every: { ms: 100 },
        timeout: { ms: 1000 },
        connection: 'reused',
        parameters: {},
      } as unknown as Parameters<typeof probe.question>[0];
      const question = probe.question(spec, { run: 'rec' } as never);
      const asks =
        question.kind === 'http' ? [question.ask] : question.kind === 'sequence' ? question.asks : [];
      return asks.map(({ method, path }) => attributesOf(method, path));
    });
  return distinct(asked);
}

/** What the probe that asks from node to node asks of the API, from its first object to the sweep. */
export async function askedBetweenNodes(): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  const note = <T>(method: string, path: string, answer: T): Promise<T> => {
    asked.push(attributesOf(method, path));
    return Promise.resolve(answer);
  };
  const service = {
    metadata: { name: 'n' },
    spec: { clusterIP: '10.96.0.1', ports: [{ nodePort: 30_000 }] },
  };
  const ready = { metadata: { name: 'n' }, status: { numberReady: 1 } };
  const kubernetes = {
    get: (path: string) => note('GET', path, undefined),
    create: (path: string) => note('POST', path, service),
    list: (path: string) => note('GET', path, [ready, ready]),
    delete: (path: string) => note('DELETE', path, true),
  } as unknown as KubernetesApi;
  const names = ['a', 'b'];
  const tools = {
    kubernetes,
    clock: createSystemClock(),
    run: 'rec',
    testImage: { name: 'i', pullPolicy: 'Never' },
    topology: {
      nodes: names.map((name) => ({ name, labels: {}, addresses: ['127.0.0.1'] })),
      live: { nodes: names.map((name) => ({ name, ready: true, schedulable: true })) },
    },
  } as unknown as Parameters<typeof layGrounds>[1];
  const spec = { name: 'p', probe: 'pod-to-service', timeout: { ms: 1000 }, parameters: {} };
  const specs = [spec as unknown as Parameters<typeof layGrounds>[0][number]];
  const { signal } = new AbortController();
  await layGrounds(specs, tools, signal, () => Promise.resolve(true));
  const entries = probeRegistry
    .find(({ name }) => name === spec.probe)
    ?.mayCreate?.(specs[0] as never, 'rec');
  const ledger = { outstanding: () => entries ?? [], deleted: () => undefined } as unknown as Ledger;
  await clearGrounds(specs, { kubernetes, run: 'rec', ledger }, signal);
  for (const entry of entries ?? []) await taggedObjects(entry, { kubernetes }, signal);
  return distinct(asked);
}

function distinct(asked: readonly Asked[]): readonly Asked[] {
  return [...new Map(asked.map((each) => [JSON.stringify(each), each])).values()];
}
