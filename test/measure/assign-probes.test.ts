import { expect } from 'chai';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'mocha';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { toWire } from '../../src/adapters/system/prober-process.ts';
import { assignProbes } from '../../src/measure/assign-probes.ts';
import { createAsker } from '../../src/measure/create-asker.ts';
import { probeEntries } from '../../src/measure/registry-entries.ts';
import { milliseconds, seconds } from '../../src/model/duration.ts';
import type { FailurePhase } from '../../src/model/observation.ts';
import type { ProbeSpec } from '../../src/model/plan.ts';
import { Secret } from '../../src/model/secret.ts';
import type { ApiAccess } from '../../src/ports/api-client.ts';
import { spec } from './sample-series.ts';

const topology = {
  endpoints: ['kubernetes', 'keystone', 'nova'].map((name) => ({
    name,
    system: 's',
    url: `http://127.0.0.1/${name}`,
  })),
};
const access = (url: string): ApiAccess => ({
  url,
  headers: { authorization: new Secret('very-secret') },
  verify: true,
});
const assign = (specs: readonly ProbeSpec[], url = 'http://127.0.0.1:6443') =>
  assignProbes(specs, topology, () => Promise.resolve(access(url)), 'abc123');

const refusal = async (specs: readonly ProbeSpec[], url?: string): Promise<unknown> =>
  assign(specs, url).then(
    () => undefined,
    (error: unknown) => error,
  );

const written = spec({
  name: 'K8s write',
  probe: 'kubernetes-write',
  endpoint: 'kubernetes',
  every: seconds(1),
  timeout: seconds(2),
});

describe('assigning probes', () => {
  it('describes every probe that a plan may name', () => {
    expect(probeEntries.map(({ name }) => name)).to.deep.equal([
      'http',
      'tcp',
      'tls',
      'dns',
      'kubernetes-read',
      'kubernetes-write',
      'kubernetes-durable-write',
      'openstack-read',
      'openstack-write',
      'pod-to-service',
      'guest',
      'server-boot',
      'openstack-durable-write',
    ]);
    for (const { summary } of probeEntries) expect(summary).to.match(/[?.]$/);
  });

  it('asks what suits the endpoint', async () => {
    const { assignments, mayCreate } = await assign([
      spec({ probe: 'openstack-read', endpoint: 'nova' }),
      spec({ probe: 'tcp', endpoint: 'kubernetes' }),
      spec({ probe: 'http', parameters: { path: '/healthz', expect: 204, holds: 'ok' } }),
    ]);
    expect(assignments.map(({ question }) => question)).to.deep.equal([
      {
        kind: 'http',
        ask: {
          method: 'GET',
          path: '/servers?limit=1',
          headers: { accept: 'application/json' },
          expect: [200],
        },
      },
      { kind: 'tcp', host: '127.0.0.1', port: 6443 },
      { kind: 'http', ask: { method: 'GET', path: '/healthz', headers: {}, expect: [204], holds: 'ok' } },
    ]);
    expect(mayCreate).to.deep.equal([]);
  });

  it('refuses what it cannot ask, and says what there is', async () => {
    expect(await refusal([spec({ endpoint: 'heat' })])).to.include({ code: 'SQ_ABILITY_MISSING' });
    expect(String(await refusal([spec({ endpoint: 'heat' })]))).to.include('kubernetes, keystone, nova');
    expect(await refusal([spec({ probe: 'icmp' })])).to.include({ code: 'SQ_PLAN_INVALID' });
    expect(await refusal([spec({})], '')).to.include({ code: 'SQ_ABILITY_MISSING' });
    expect(await refusal([spec({ probe: 'openstack-read', endpoint: 'kubernetes' })])).to.include({
      code: 'SQ_PLAN_INVALID',
    });
  });

  it('says by name all that a probe may create, so that it can be in the ledger first', async () => {
    const { mayCreate } = await assign([written]);
    expect(mayCreate.length).to.equal(8);
    expect(mayCreate[7]).to.deep.equal({
      system: 'kubernetes',
      collection: '/api/v1/namespaces/default/configmaps',
      name: 'sq-abc123-k8s-write-7',
      createdBy: 'probe K8s write',
    });
  });

  it('writes keypairs to Nova, each sample its own, and has them in the ledger as the sweeper looks for them', async () => {
    const pair = spec({
      name: 'pair',
      probe: 'openstack-write',
      endpoint: 'nova',
      every: seconds(1),
      timeout: seconds(2),
    });
    const { assignments, mayCreate } = await assign([pair]);
    const question = assignments[0]?.question;
    if (question?.kind !== 'sequence') throw new Error('not a sequence');
    expect(question.asks.map(({ method, path }) => `${method} ${path}`)).to.deep.equal([
      'DELETE /os-keypairs/sq-abc123-pair-{slot}',
      'POST /os-keypairs',
      'GET /os-keypairs/sq-abc123-pair-{slot}',
      'DELETE /os-keypairs/sq-abc123-pair-{slot}',
    ]);
    const [, post, get] = question.asks;
    expect(post?.body).to.include('written-by-sample-{n}');
    expect(get?.holds).to.equal('written-by-sample-{n}');
    expect([question.slots, mayCreate.length]).to.deep.equal([8, 8]);
    expect(mayCreate[7]).to.include({ collection: 'compute:/os-keypairs', name: 'sq-abc123-pair-7' });
    expect(await refusal([spec({ probe: 'openstack-write', endpoint: 'keystone' })])).to.include({
      code: 'SQ_PLAN_INVALID',
    });
  });

  it('reveals secrets on the wire only', async () => {
    const { assignments } = await assign([spec({})]);
    expect(JSON.stringify(assignments)).not.to.include('very-secret');
    const wire = toWire({
      folder: '/tmp/x',
      vantage: 'host',
      probes: assignments,
      maxInFlight: 1,
      stallLimit: milliseconds(50),
      flushEvery: milliseconds(50),
    });
    expect(wire.probes[0]?.access.headers).to.deep.equal({ authorization: 'very-secret' });
  });
});

/** A server that keeps ConfigMaps, and forgets to store them when told to. */
async function withObjects(
  act: (url: string, objects: Map<string, string>, mood: { lie: boolean }) => Promise<void>,
) {
  const objects = new Map<string, string>();
  const mood = { lie: false };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const path = request.url ?? '';
      const reply = (status: number, text: string): void => void response.writeHead(status).end(text);
      if (request.headers.authorization !== 'very-secret') return reply(401, '');
      if (request.method === 'POST') {
        const { metadata } = JSON.parse(body) as { metadata: { name: string } };
        const key = `${path}/${metadata.name}`;
        if (objects.has(key)) return reply(409, '');
        objects.set(key, mood.lie ? '{"data":{"written":"something else"}}' : body);
        return reply(201, body);
      }
      const found = objects.get(path);
      if (found === undefined) return reply(404, '');
      if (request.method === 'DELETE') objects.delete(path);
      return reply(200, found);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await act(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, objects, mood);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('the write-and-read-back probe', () => {
  async function asked(url: string, n: number): Promise<FailurePhase | undefined> {
    const { assignments } = await assign([written], url);
    const [wire] = toWire({
      folder: '',
      vantage: 'host',
      probes: assignments,
      maxInFlight: 1,
      stallLimit: milliseconds(50),
      flushEvery: milliseconds(50),
    }).probes;
    if (wire === undefined) throw new Error('nothing was assigned');
    const asker = createAsker(wire, createSystemClock());
    const failure = await new Promise<FailurePhase | undefined>((resolve) => {
      asker.ask({ n, finish: (phase) => resolve(phase) });
    });
    await asker.close();
    return failure;
  }

  it('is good when what was written is read back, and leaves nothing', () =>
    withObjects(async (url, objects) => {
      for (const n of [0, 1, 8]) expect(await asked(url, n)).to.equal(undefined);
      expect([...objects.keys()]).to.deep.equal([]);
    }));

  it('fails when something else is read back, and cleans up all the same', () =>
    withObjects(async (url, objects, mood) => {
      mood.lie = true;
      expect(await asked(url, 3)).to.equal('body');
      expect([...objects.keys()]).to.deep.equal([]);
    }));

  it('is not spoilt by what an earlier sample left in its slot', () =>
    withObjects(async (url, objects) => {
      objects.set('/api/v1/namespaces/default/configmaps/sq-abc123-k8s-write-3', '{}');
      expect(await asked(url, 11)).to.equal(undefined);
      expect([...objects.keys()]).to.deep.equal([]);
    }));
});
