import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { entryPath } from '../../src/adapters/system/entry-path.ts';
import { createProberLauncher } from '../../src/adapters/system/prober-process.ts';
import { RunFolderOnDisk } from '../../src/adapters/system/run-folder-on-disk.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { durabilityOf } from '../../src/analysis/durability.ts';
import { assignProbes, readSeries, readWritesBack } from '../../src/measure/index.ts';
import { milliseconds } from '../../src/model/duration.ts';
import type { Durability } from '../../src/model/analysis.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { ProbeSeries, WrittenBack } from '../../src/model/observation.ts';
import type { LedgerEntry } from '../../src/model/conformance.ts';
import type { KubernetesApi } from '../../src/ports/kubernetes.ts';
import { spec } from './sample-series.ts';

const clock = createSystemClock();
const RUN = 'r-1';

/** Samples whose write is acknowledged and forgotten, kept without an answer, and neither kept nor answered. */
const [FORGOTTEN, SILENT, DROPPED] = ['sample-7', 'sample-9', 'sample-11'];

/** A server of ConfigMaps that is not always honest. */
class ForgetfulServer {
  readonly objects = new Map<string, { data: Record<string, string> }>();
  readonly #server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const path = request.url ?? '';
      const reply = (status: number): void => void response.writeHead(status).end('{}');
      if (request.method === 'POST') {
        const { metadata } = JSON.parse(body) as { metadata: { name: string } };
        const known = this.objects.has(`${path}/${metadata.name}`);
        if (!known) this.objects.set(`${path}/${metadata.name}`, { data: {} });
        return reply(known ? 409 : 201);
      }
      const object = this.objects.get(path);
      if (request.method !== 'PATCH' || object === undefined) return reply(404);
      const { data } = JSON.parse(body) as { data: Record<string, string> };
      const [key = ''] = Object.keys(data);
      if (key !== FORGOTTEN && key !== DROPPED) Object.assign(object.data, data);
      if (key !== SILENT && key !== DROPPED) reply(200);
    });
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const writer = spec({
  name: 'writer',
  probe: 'kubernetes-durable-write',
  endpoint: 'kubernetes',
  every: milliseconds(10),
  timeout: milliseconds(200),
});

describe('a probe that remembers its writes', function () {
  this.timeout(20_000);
  const server = new ForgetfulServer();
  let folder = '';
  let mayCreate: readonly LedgerEntry[] = [];
  let series: readonly ProbeSeries[] = [];
  let writes: readonly WrittenBack[] = [];

  const kubernetes = (trouble?: Error) =>
    ({
      get: (path: string) => {
        if (trouble !== undefined) return Promise.reject(trouble);
        const object = server.objects.get(path);
        return Promise.resolve(object && { metadata: { name: path }, ...object });
      },
    }) as unknown as KubernetesApi;

  const judged = (back: readonly WrittenBack[]): Durability | undefined =>
    durabilityOf({ writes: back, series } as unknown as Evidence).durability?.[0];

  before(async () => {
    const url = await server.listen();
    folder = await mkdtemp(join(tmpdir(), 'squall-durable-'));
    const endpoints = [{ name: 'kubernetes' }] as never;
    const access = { url, headers: {}, verify: true };
    const assigned = await assignProbes([writer], { endpoints }, () => Promise.resolve(access), RUN);
    mayCreate = assigned.mayCreate;
    const prober = await createProberLauncher({ entryPath, clock }).launch({
      folder: join(folder, 'samples', 'host'),
      vantage: 'host',
      probes: assigned.assignments,
      maxInFlight: 64,
      stallLimit: milliseconds(50),
      flushEvery: milliseconds(50),
    });
    await clock.sleep(milliseconds(600));
    await prober.stop();
    ({ series } = await readSeries(new RunFolderOnDisk(folder)));
    writes = await readWritesBack(
      [writer],
      { kubernetes: kubernetes(), clock, run: RUN },
      AbortSignal.timeout(5000),
    );
  });

  after(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('has all that it may create in the ledger before', () => {
    const known = mayCreate.map(({ collection, name }) => `${collection}/${name}`);
    expect(server.objects.size).to.be.above(8);
    for (const path of server.objects.keys()) expect(known).to.include(path);
  });

  it('finds the one write that was acknowledged and forgotten, and no other', () => {
    const found = judged(writes);
    expect(found?.lost).to.deep.equal([7]);
    expect(found?.acknowledged).to.be.above(30);
    expect(found?.unread).to.equal(0);
  });

  it('lets a write without an answer be there or not', () => {
    const found = judged(writes);
    expect(found?.indefinite).to.be.at.least(2);
    expect(found?.indefiniteFound).to.be.at.least(1);
    const ok = series[0]?.samples.filter(({ outcome }) => outcome === 'ok').map(({ n }) => n) ?? [];
    expect(ok).to.include(7);
    expect(ok).not.to.include(9);
    expect(ok).not.to.include(11);
  });

  it('calls all lost of an object that is gone, and says of none what could not be read', async () => {
    const gone = writes.map((back) => ({
      ...back,
      slots: back.slots.map((slot) => ({ ...slot, found: [] })),
    }));
    expect(judged(gone)?.lost).to.have.length(judged(writes)?.acknowledged ?? -1);
    const unread = writes.map((back) => ({
      ...back,
      slots: back.slots.map(({ name }) => ({ name, trouble: 'no answer' })),
    }));
    expect(judged(unread)).to.include({ unread: judged(writes)?.acknowledged, trouble: 'no answer' });
    const without = await readWritesBack([writer, spec()], { clock, run: RUN }, AbortSignal.timeout(5000));
    expect(without).to.have.length(1);
    expect(without[0]?.slots[0]).to.have.property('trouble');
  });

  it('goes on asking while a system is not back, and stops with its signal', async () => {
    let asked = 0;
    const back = {
      get: () => (++asked < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve(undefined)),
    } as unknown as KubernetesApi;
    const quick = { ...clock, sleep: () => Promise.resolve() };
    const [found] = await readWritesBack(
      [writer],
      { kubernetes: back, clock: quick, run: RUN },
      AbortSignal.timeout(5000),
    );
    expect(found?.slots.every((slot) => slot.found?.length === 0)).to.equal(true);
    const never = readWritesBack(
      [writer],
      { kubernetes: kubernetes(new Error('down')), clock, run: RUN },
      AbortSignal.abort(new Error('enough')),
    );
    expect(await never.catch((error: Error) => error.message)).to.equal('enough');
  });
});
