import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { settlePairs } from '../../../src/analysis/settle-pairs.ts';
import { checkGrounds, layGrounds, refuseProbes } from '../../../src/measure/index.ts';
import type { GroundTools } from '../../../src/measure/probes/probe.ts';
import type { LedgerEntry } from '../../../src/model/conformance.ts';
import { milliseconds } from '../../../src/model/duration.ts';
import { OWNER_KEY, OWNER_LABEL } from '../../../src/model/own-marks.ts';
import { isControl } from '../../../src/model/plan.ts';
import type { Topology } from '../../../src/model/topology.ts';
import { openSession } from '../../../src/run/session.ts';
import { chosenProbes } from '../../../src/verdict/per-probe.ts';
import { RoutedCloud } from '../routed-cloud.ts';
import { sample, seriesOf, spec } from '../sample-series.ts';

const never = new AbortController().signal;
const guests = spec({
  name: 'tenants',
  probe: 'guest',
  endpoint: 'nova',
  every: milliseconds(200),
  timeout: milliseconds(1000),
});
const withParameters = (parameters: Record<string, string | number>) => ({ ...guests, parameters });

function toolsOf(cloud: RoutedCloud, abilities: readonly string[] = ['openstack', 'guests']): GroundTools {
  let ns = 0;
  return {
    openstack: cloud.api,
    run: 'r-7',
    clock: {
      id: 'host:test',
      now: () => ({ clock: 'host:test', ns }),
      sleep: ({ ms }: { ms: number }) => Promise.resolve(void (ns += ms * 1e6)),
    } as unknown as GroundTools['clock'],
    topology: { nodes: [], live: {}, abilities } as unknown as GroundTools['topology'],
    note: ({ collection, name }: LedgerEntry) =>
      Promise.resolve(void cloud.acts.push(`ledger ${collection} ${name}`)),
  };
}

const lay = (cloud: RoutedCloud, one = guests) =>
  layGrounds([one], toolsOf(cloud), never, () => Promise.resolve(true));
const refusalOf = (work: Promise<unknown>): Promise<Error & { code?: string; remedy?: string }> =>
  work.then(
    () => new Error('nothing'),
    (error: unknown) => error as Error,
  );

describe('the guests of a cloud', () => {
  it('are each in the ledger, as all that they are plugged into, before they are asked for', async () => {
    const cloud = new RoutedCloud();
    await lay(cloud, withParameters({ guests: 2 }));
    const made = cloud.acts.filter((act) => act.startsWith('POST') && !act.includes('security-group-rules'));
    for (const act of made) {
      const [, path, name = ''] = act.split(' ');
      const noted = cloud.acts.findIndex(
        (one) => one.startsWith('ledger') && one.endsWith(`${path} ${name}`),
      );
      expect(noted, act).to.be.within(0, cloud.acts.indexOf(act) - 1);
    }
    expect(made.map((act) => act.split(' ')[1])).to.deep.equal([
      '/security-groups',
      '/networks',
      '/subnets',
      '/routers',
      ...['/ports', '/floatingips', '/ports', '/floatingips'],
      ...['/servers', '/servers'],
    ]);
    for (const path of ['/security-groups', '/networks', '/subnets', '/routers', '/ports'])
      for (const row of (cloud.rows.get(path) ?? []).filter(({ name }) => String(name).startsWith('sq-')))
        expect(row['description'], path).to.equal(`${OWNER_LABEL}=r-7`);
    for (const server of cloud.rows.get('/servers') ?? [])
      expect(server).to.deep.include({
        metadata: { [OWNER_KEY]: 'r-7' },
        imageRef: 'i-guest',
        flavorRef: 'f-1',
      });
  });

  it('let in what is asked and ping, and stand behind the network that is external', async () => {
    const cloud = new RoutedCloud();
    await lay(cloud, withParameters({ port: 8080 }));
    const rules = cloud.rows.get('/security-group-rules') ?? [];
    expect(rules.map(({ protocol, port_range_min: port }) => [protocol, port])).to.deep.equal([
      ['tcp', 8080],
      ['icmp', undefined],
    ]);
    expect(cloud.rows.get('/routers')?.[0]?.['external_gateway_info']).to.deep.equal({
      network_id: 'n-public',
    });
    expect(cloud.acts).to.include('PUT /routers/*/add_router_interface');
  });

  it('are asked by their floating addresses, over HTTP and TCP, as users and not as controls', async () => {
    const cloud = new RoutedCloud();
    const parts = await lay(cloud, withParameters({ guests: 2 }));
    expect(parts.map(({ spec: { name } }) => name)).to.deep.equal([
      'tenants/0-http',
      'tenants/0-tcp',
      'tenants/1-http',
      'tenants/1-tcp',
    ]);
    const [http, tcp] = parts;
    const address = String(cloud.rows.get('/floatingips')?.[0]?.['floating_ip_address']);
    expect(http?.access).to.deep.equal({ url: `http://${address}:80`, headers: {}, verify: true });
    expect(tcp?.question).to.deep.equal({ kind: 'tcp', host: address, port: 80 });
    for (const { spec: one } of parts) {
      expect(one.vantage).to.equal('host');
      expect(isControl(one.part)).to.equal(false);
      expect(one.part?.of).to.equal('tenants');
      // Tokens of the cloud are handed to whoever bears the name of a probe of the plan.
      expect(one.name).not.to.equal('tenants');
    }
    expect(await lay(new RoutedCloud(), withParameters({ ask: 'tcp' }))).to.have.length(1);
  });

  it('that fail are down, with nobody’s control to excuse them, and are meant by the probe’s name', async () => {
    const [part] = await lay(new RoutedCloud());
    const down = [0, 1, 2].map((n) => sample(n, n === 1 ? { outcome: 'failed', phase: 'connect' } : {}));
    const [settled] = settlePairs([seriesOf(down, 30, part?.spec ?? {})]);
    expect(settled?.samples.map(({ outcome }) => outcome)).to.deep.equal(['ok', 'failed', 'ok']);
    const analysed = { probe: part?.spec.name, part: part?.spec.part };
    const objective = { name: 'x', objective: 'availability', parameters: { probe: 'tenants' } };
    expect(chosenProbes({ probes: [analysed] } as never, objective)).to.have.length(1);
  });

  it('stand on a shared network where the cloud has no routers', async () => {
    const cloud = new RoutedCloud();
    cloud.rows.set('/extensions', []);
    const [http] = await lay(cloud);
    expect(cloud.acts.filter((act) => act.startsWith('POST')).map((act) => act.split(' ')[1])).to.deep.equal([
      '/ports',
      '/servers',
    ]);
    expect(cloud.rows.get('/ports')?.[0]?.['network_id']).to.equal('n-office');
    expect(http?.access.url).to.match(/^http:\/\/10\.231\.77\.\d+:80$/);
  });

  it('are taken as they are by whoever goes on with a run', async () => {
    const cloud = new RoutedCloud();
    const first = await lay(cloud);
    const posts = (): number =>
      cloud.acts.filter((act) => !act.startsWith('ledger') && !act.includes('rules')).length;
    const before = posts();
    expect(await lay(cloud)).to.deep.equal(first);
    expect(posts()).to.equal(before);
  });

  it('that do not come up end the run before anything is hurt', async () => {
    const cloud = new RoutedCloud();
    cloud.status = 'ERROR';
    expect(await refusalOf(lay(cloud))).to.include({ code: 'SQ_NOT_STEADY' });
    const silent = layGrounds([guests], toolsOf(new RoutedCloud()), never, () => Promise.resolve(false));
    const refusal = await refusalOf(silent);
    expect(refusal.message).to.include('tenants/0-http, tenants/0-tcp');
    expect(refusal.remedy).to.include('reach the network of the probe');
  });

  it('are refused before anything is touched where something is missing, with all of it and the remedy', async () => {
    const cloud = new RoutedCloud();
    for (const path of ['/images', '/flavors', '/networks']) cloud.rows.set(path, []);
    const bare = await refusalOf(checkGrounds([guests], toolsOf(cloud), never));
    expect(bare.code).to.equal('SQ_ABILITY_MISSING');
    for (const lack of ['active public image', 'flavor', 'network'])
      expect(bare.message).to.include(`no ${lack}`);
    expect(bare.remedy).to.include('`image`, `flavor`, `network`');
    expect(cloud.acts).to.deep.equal([]);
    const named = withParameters({ image: 'windows', network: 'dmz' });
    const says = (await refusalOf(checkGrounds([named], toolsOf(new RoutedCloud()), never))).message;
    expect(says).to.include('windows').and.to.include('dmz').and.not.to.include('flavor');
    const elsewhere = { ...guests, endpoint: 'keystone' };
    expect(await refusalOf(checkGrounds([elsewhere], toolsOf(new RoutedCloud()), never))).to.include({
      code: 'SQ_PLAN_INVALID',
    });
    await checkGrounds([guests], toolsOf(new RoutedCloud()), never);
  });

  it('are looked for when a run is opened, before its schedule is drawn', async () => {
    const cloud = new RoutedCloud();
    cloud.rows.set('/images', []);
    const topology = { abilities: ['openstack', 'guests'], missingAbilities: [] };
    const found = { topology, clients: { openstack: cloud.api } };
    // Whatever else it would do takes a world, and there is none.
    const plan = { conformance: {}, method: [], probes: [guests] };
    const opening = openSession({ plan } as never, { suites: [] } as never, found as never);
    expect((await refusalOf(opening)).message).to.include('no active public image');
  });

  it('are what the rehearsal has not, and it says so with the remedy', () => {
    const rehearsal = JSON.parse(readFileSync('chaos-plans/rehearsal.topology.json', 'utf8')) as Topology;
    expect(() => refuseProbes([guests], rehearsal))
      .to.throw(
        /Probe tenants: guest needs guests, which the lab rehearsal does not have: .+ Use `--lab reference`/,
      )
      .with.property('code', 'SQ_ABILITY_MISSING');
    const canary = { ...guests, probe: 'server-boot' };
    expect(() => refuseProbes([canary], rehearsal)).not.to.throw();
  });
});
