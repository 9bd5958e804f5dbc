import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { askerFor, at, until } from './ask.ts';
import type { Answer, Asker } from './ask.ts';
import { startModelCloud } from './model-cloud.ts';
import type { ModelCloud } from './model-cloud.ts';

describe('servers and networks of the rehearsal', () => {
  let cloud: ModelCloud;
  let admin: Asker;
  let demo: Asker;
  let image = '';
  beforeEach(async () => {
    cloud = await startModelCloud();
    [admin, demo] = [await askerFor(cloud, 'admin'), await askerFor(cloud, 'demo')];
    image = String(at((await demo('GET', 'glance', '/v2/images?name=cirros')).body, 'images', 0, 'id'));
  });
  afterEach(() => cloud.stop());

  const states = async (): Promise<Record<string, unknown>> => {
    const services = at((await admin('GET', 'nova', '/v2.1/os-services')).body, 'services') as {
      host: string;
      state: string;
    }[];
    return Object.fromEntries(services.map((one) => [one.host, one.state]));
  };
  const computeUp = async (...hosts: readonly string[]): Promise<(() => void)[]> => {
    const stops = hosts.map((host) => cloud.startCompute(host));
    await until('the agents report', async () => Object.keys(await states()).length === hosts.length);
    return stops;
  };
  const boot = (given: object = {}): Promise<Answer> =>
    demo('POST', 'nova', '/v2.1/servers', {
      server: { name: 's', flavorRef: '1', imageRef: image, ...given },
    });
  const idOf = (answer: Answer): string => String(at(answer.body, 'server', 'id'));
  const statusOf = async (id: string): Promise<unknown> => {
    const shown = await demo('GET', 'nova', `/v2.1/servers/${id}`);
    return shown.status === 404 ? 'gone' : at(shown.body, 'server', 'status');
  };
  const reaches = (id: string, status: string): Promise<void> =>
    until(`${id} is ${status}`, async () => (await statusOf(id)) === status);

  it('builds, renames and deletes a server on a compute node, each in its time', async () => {
    await computeUp('compute-1');
    const made = await boot();
    expect(made.status).to.equal(202);
    const id = idOf(made);
    expect(await statusOf(id)).to.equal('BUILD');
    await reaches(id, 'ACTIVE');
    await demo('PUT', 'nova', `/v2.1/servers/${id}`, { server: { name: 'renamed', status: 'ERROR' } });
    const shown = await demo('GET', 'nova', `/v2.1/servers/${id}`);
    expect([at(shown.body, 'server', 'name'), await statusOf(id)]).to.deep.equal(['renamed', 'ACTIVE']);
    expect(at(shown.body, 'server', 'OS-EXT-SRV-ATTR:host')).to.equal(undefined);
    expect((await demo('DELETE', 'nova', `/v2.1/servers/${id}`)).status).to.equal(204);
    expect(await statusOf(id)).to.equal('ACTIVE');
    await reaches(id, 'gone');
  });

  it('builds nothing on a host that is silent', async () => {
    const [stop] = await computeUp('compute-1');
    stop?.();
    const id = idOf(await boot());
    cloud.startCompute('compute-2');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await statusOf(id)).to.equal('BUILD');
    cloud.startCompute('compute-1');
    await reaches(id, 'ACTIVE');
  });

  it('places each server where the fewest are', async () => {
    await computeUp('compute-1', 'compute-2');
    const hosts: unknown[] = [];
    for (let index = 0; index < 4; index += 1) {
      const shown = await admin('GET', 'nova', `/v2.1/servers/${idOf(await boot())}`);
      hosts.push(at(shown.body, 'server', 'OS-EXT-SRV-ATTR:host'));
    }
    expect(hosts.sort()).to.deep.equal(['compute-1', 'compute-1', 'compute-2', 'compute-2']);
  });

  it('counts a compute node as down once it is silent, and places nothing there', async () => {
    const [stop] = await computeUp('compute-1', 'compute-2');
    stop?.();
    await until('compute-1 is down', async () => (await states())['compute-1'] === 'down');
    expect((await states())['compute-2']).to.equal('up');
    const ids = [idOf(await boot()), idOf(await boot())];
    for (const id of ids) {
      const shown = await admin('GET', 'nova', `/v2.1/servers/${id}`);
      expect(at(shown.body, 'server', 'OS-EXT-SRV-ATTR:host')).to.equal('compute-2');
    }
  });

  it('finds no valid host where there is none, and deletes without one', async () => {
    const id = idOf(await boot());
    const shown = await demo('GET', 'nova', `/v2.1/servers/${id}`);
    expect([at(shown.body, 'server', 'status'), at(shown.body, 'server', 'fault', 'code')]).to.deep.equal([
      'ERROR',
      500,
    ]);
    expect((await demo('DELETE', 'nova', `/v2.1/servers/${id}`)).status).to.equal(204);
    expect(await statusOf(id)).to.equal('gone');
  });

  it('refuses what it cannot build, and builds nothing then', async () => {
    for (const [given, status] of [
      [{ name: undefined }, 400],
      [{ name: '' }, 400],
      [{ name: 'x'.repeat(256) }, 400],
      [{ name: 7 }, 400],
      [{ flavorRef: 'none' }, 400],
      [{ imageRef: 'none' }, 400],
      [{ metadata: { a: 1 } }, 400],
    ] as const)
      expect((await boot(given)).status, JSON.stringify(given).slice(0, 60)).to.equal(status);
    expect(at((await demo('GET', 'nova', '/v2.1/servers')).body, 'servers')).to.deep.equal([]);
  });

  it('pages by limit and marker, and hides the servers of others', async () => {
    for (let index = 0; index < 10; index += 1)
      expect((await boot({ name: `s${index}` })).status).to.equal(202);
    const seen = new Set<string>();
    let path: string | undefined = '/v2.1/servers?limit=4';
    while (path !== undefined) {
      const page: Answer = await demo('GET', 'nova', path);
      for (const one of at(page.body, 'servers') as { id: string }[]) seen.add(one.id);
      const next = at(page.body, 'servers_links', 0, 'href') as string | undefined;
      path = next?.slice(cloud.url('nova').length);
    }
    expect(seen.size).to.equal(10);
    expect((await demo('GET', 'nova', '/v2.1/servers?marker=none')).status).to.equal(400);
    expect((await demo('GET', 'nova', '/v2.1/servers?limit=-1')).status).to.equal(400);
    expect(at((await admin('GET', 'nova', '/v2.1/servers')).body, 'servers')).to.deep.equal([]);
    const all = await admin('GET', 'nova', '/v2.1/servers?all_tenants=1');
    expect((at(all.body, 'servers') as unknown[]).length).to.equal(10);
  });

  it('agrees on microversions, and refuses those beyond', async () => {
    const asked = async (headers: Record<string, string>): Promise<unknown[]> => {
      const answer = await demo('GET', 'nova', '/v2.1/flavors', undefined, headers);
      return [answer.status, answer.headers.get('openstack-api-version')];
    };
    expect(await asked({})).to.deep.equal([200, 'compute 2.1']);
    expect(await asked({ 'OpenStack-API-Version': 'volume 3.1, compute 2.60' })).to.deep.equal([
      200,
      'compute 2.60',
    ]);
    expect(await asked({ 'X-OpenStack-Nova-API-Version': '2.10' })).to.deep.equal([200, 'compute 2.10']);
    expect(await asked({ 'OpenStack-API-Version': 'compute latest' })).to.deep.equal([200, 'compute 2.96']);
    expect((await asked({ 'OpenStack-API-Version': 'compute 2.97' }))[0]).to.equal(406);
    expect((await asked({ 'OpenStack-API-Version': 'compute 3.1' }))[0]).to.equal(406);
    expect((await asked({ 'OpenStack-API-Version': 'compute two' }))[0]).to.equal(400);
  });

  const neutron = (kind: string, given: object, by = demo): Promise<Answer> =>
    by('POST', 'neutron', `/v2.0/${kind}s`, { [kind.replaceAll('-', '_')]: given });
  const networkOf = async (): Promise<string> =>
    String(at((await neutron('network', { name: 'n' })).body, 'network', 'id'));

  it('keeps a network that is in use, and gives each port an address of its own', async () => {
    const id = await networkOf();
    const subnet = await neutron('subnet', { network_id: id, cidr: '10.1.0.0/29', ip_version: 4 });
    expect(at(subnet.body, 'subnet', 'gateway_ip')).to.equal('10.1.0.1');
    const made = await Promise.all(Array.from({ length: 5 }, () => neutron('port', { network_id: id })));
    const addresses = made.map((answer) => at(answer.body, 'port', 'fixed_ips', 0, 'ip_address'));
    expect(new Set(addresses).size).to.equal(5);
    const full = await neutron('port', { network_id: id });
    expect([full.status, at(full.body, 'NeutronError', 'type')]).to.deep.equal([
      409,
      'IpAddressGenerationFailure',
    ]);
    const busy = await demo('DELETE', 'neutron', `/v2.0/networks/${id}`);
    expect([busy.status, at(busy.body, 'NeutronError', 'type')]).to.deep.equal([409, 'NetworkInUse']);
    for (const answer of made)
      await demo('DELETE', 'neutron', `/v2.0/ports/${String(at(answer.body, 'port', 'id'))}`);
    expect((await demo('DELETE', 'neutron', `/v2.0/networks/${id}`)).status).to.equal(204);
    expect(
      (await demo('GET', 'neutron', `/v2.0/subnets/${String(at(subnet.body, 'subnet', 'id'))}`)).status,
    ).to.equal(404);
  });

  it('refuses what is no subnet', async () => {
    const id = await networkOf();
    await neutron('subnet', { network_id: id, cidr: '10.1.0.0/24' });
    for (const cidr of ['10.1.0.1/24', '10.1.0.0', '10.1.0.0/33', '300.1.0.0/24', 'x', '10.1.0.128/25'])
      expect((await neutron('subnet', { network_id: id, cidr })).status, cidr).to.equal(400);
    expect((await neutron('subnet', { network_id: 'none', cidr: '10.2.0.0/24' })).status).to.equal(404);
  });

  it('keeps networks to their owner', async () => {
    const own = String(at((await neutron('network', { name: 'of-admin' }, admin)).body, 'network', 'id'));
    const path = `/v2.0/networks/${own}`;
    expect((await demo('GET', 'neutron', path)).status).to.equal(404);
    expect((await demo('DELETE', 'neutron', path)).status).to.equal(404);
    expect((await neutron('port', { network_id: own })).status).to.equal(404);
    const mine = await networkOf();
    const rename = (name: unknown): Promise<Answer> =>
      demo('PUT', 'neutron', `/v2.0/networks/${mine}`, { network: { name } });
    expect(at((await rename('mine')).body, 'network', 'revision_number')).to.equal(2);
    expect((await rename(7)).status).to.equal(400);
    const named = await admin('GET', 'neutron', '/v2.0/networks?name=mine&admin_state_up=True');
    expect((at(named.body, 'networks') as { id: string }[]).map(({ id }) => id)).to.deep.equal([mine]);
    const hidden = await demo('GET', 'neutron', '/v2.0/networks?name=of-admin');
    expect(at(hidden.body, 'networks')).to.deep.equal([]);
  });

  it('gives the address that is asked for, once, and takes it back with the port', async () => {
    const id = await networkOf();
    const made = await neutron('subnet', { network_id: id, cidr: '10.1.0.0/24' });
    const subnet = String(at(made.body, 'subnet', 'id'));
    const take = (ip_address: string): Promise<Answer> =>
      neutron('port', { network_id: id, fixed_ips: [{ subnet_id: subnet, ip_address }] });
    const first = await take('10.1.0.77');
    expect(at(first.body, 'port', 'fixed_ips', 0, 'ip_address')).to.equal('10.1.0.77');
    expect([(await take('10.1.0.77')).status, (await take('10.2.0.1')).status]).to.deep.equal([409, 409]);
    const inUse = await demo('DELETE', 'neutron', `/v2.0/subnets/${subnet}`);
    expect(at(inUse.body, 'NeutronError', 'type')).to.equal('SubnetInUse');
    await demo('DELETE', 'neutron', `/v2.0/ports/${String(at(first.body, 'port', 'id'))}`);
    expect((await take('10.1.0.77')).status).to.equal(201);
  });
});
