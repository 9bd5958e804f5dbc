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
  const act = (id: string, action: object): Promise<Answer> =>
    demo('POST', 'nova', `/v2.1/servers/${id}/action`, action);

  it('builds, stops, starts, reboots and deletes a server on a compute node, with its port', async () => {
    await computeUp('compute-1');
    const made = await boot();
    expect(made.status).to.equal(202);
    const id = idOf(made);
    expect(await statusOf(id)).to.equal('BUILD');
    await reaches(id, 'ACTIVE');
    const shown = await demo('GET', 'nova', `/v2.1/servers/${id}`);
    expect(at(shown.body, 'server', 'addresses', 'demo-net', 0, 'addr')).to.match(/^192\.168\.233\.\d+$/);
    expect(at(shown.body, 'server', 'OS-EXT-SRV-ATTR:host')).to.equal(undefined);
    expect((await act(id, { 'os-start': null })).status).to.equal(409);
    expect((await act(id, { 'os-stop': null })).status).to.equal(202);
    expect((await act(id, { 'os-stop': null })).status).to.equal(409);
    await reaches(id, 'SHUTOFF');
    await act(id, { 'os-start': null });
    await reaches(id, 'ACTIVE');
    expect((await act(id, { reboot: { type: 'odd' } })).status).to.equal(400);
    expect((await act(id, { reboot: { type: 'HARD' } })).status).to.equal(202);
    expect(await statusOf(id)).to.equal('REBOOT');
    await reaches(id, 'ACTIVE');
    expect((await demo('DELETE', 'nova', `/v2.1/servers/${id}`)).status).to.equal(204);
    await reaches(id, 'gone');
    expect(at((await demo('GET', 'neutron', `/v2.0/ports?device_id=${id}`)).body, 'ports')).to.deep.equal([]);
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
      [{ key_name: 'none' }, 400],
      [{ networks: [{ uuid: 'none' }] }, 400],
      [{ metadata: { a: 1 } }, 400],
      [{ metadata: Object.fromEntries(Array.from({ length: 129 }, (_, index) => [`k${index}`, 'v'])) }, 403],
    ] as const)
      expect((await boot(given)).status, JSON.stringify(given).slice(0, 60)).to.equal(status);
    const big = await demo('POST', 'nova', '/v2.1/servers', { server: { name: 'x'.repeat(200_000) } });
    expect(big.status).to.equal(413);
    expect(at((await demo('GET', 'nova', '/v2.1/servers')).body, 'servers')).to.deep.equal([]);
  });

  it('holds the quota, pages by limit and marker, and hides the servers of others', async () => {
    for (let index = 0; index < 10; index += 1)
      expect((await boot({ name: `s${index}` })).status).to.equal(202);
    const over = await boot();
    expect([over.status, at(over.body, 'forbidden', 'message')]).to.deep.equal([
      403,
      'Quota exceeded for instances: Requested 1, but already used 10 of 10 instances',
    ]);
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

  it('keeps key pairs and flavors', async () => {
    const made = await demo('POST', 'nova', '/v2.1/os-keypairs', { keypair: { name: 'k' } });
    expect(at(made.body, 'keypair', 'private_key')).to.contain('BEGIN PRIVATE KEY');
    expect((await demo('POST', 'nova', '/v2.1/os-keypairs', { keypair: { name: 'k' } })).status).to.equal(
      409,
    );
    const odd = { keypair: { name: 'o', public_key: 'nonsense' } };
    expect((await demo('POST', 'nova', '/v2.1/os-keypairs', odd)).status).to.equal(400);
    const flavor = { name: 'f', vcpus: 1, ram: 64, disk: 0 };
    expect((await demo('POST', 'nova', '/v2.1/flavors', { flavor })).status).to.equal(403);
    expect((await admin('POST', 'nova', '/v2.1/flavors', { flavor })).status).to.equal(200);
    expect((await admin('POST', 'nova', '/v2.1/flavors', { flavor })).status).to.equal(409);
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

  it('keeps networks to their owner, except shared and external ones', async () => {
    const own = String(at((await neutron('network', { name: 'of-admin' }, admin)).body, 'network', 'id'));
    expect((await demo('GET', 'neutron', `/v2.0/networks/${own}`)).status).to.equal(404);
    const open = String(
      at((await neutron('network', { name: 'open', shared: true }, admin)).body, 'network', 'id'),
    );
    expect((await demo('GET', 'neutron', `/v2.0/networks/${open}`)).status).to.equal(200);
    expect((await demo('DELETE', 'neutron', `/v2.0/networks/${open}`)).status).to.equal(404);
    expect((await neutron('network', { shared: true })).status).to.equal(403);
    expect((await neutron('network', { tenant_id: admin.projectId })).status).to.equal(403);
    const named = await demo('GET', 'neutron', '/v2.0/networks?name=public');
    expect((at(named.body, 'networks') as unknown[]).length).to.equal(1);
  });

  it('has security groups with rules, and routers with interfaces', async () => {
    const group = String(at((await neutron('security-group', { name: 'g' })).body, 'security_group', 'id'));
    const rule = {
      security_group_id: group,
      direction: 'ingress',
      protocol: 'tcp',
      port_range_min: 22,
      port_range_max: 22,
    };
    expect((await neutron('security-group-rule', rule)).status).to.equal(201);
    expect((await neutron('security-group-rule', rule)).status).to.equal(409);
    expect((await neutron('security-group-rule', { ...rule, direction: 'up' })).status).to.equal(400);
    expect((await neutron('security-group-rule', { ...rule, port_range_min: 70_000 })).status).to.equal(400);
    const id = await networkOf();
    const subnet_id = at(
      (await neutron('subnet', { network_id: id, cidr: '10.3.0.0/24' })).body,
      'subnet',
      'id',
    );
    const router = `/v2.0/routers/${String(at((await neutron('router', { name: 'r' })).body, 'router', 'id'))}`;
    expect((await demo('PUT', 'neutron', `${router}/add_router_interface`, { subnet_id })).status).to.equal(
      200,
    );
    expect((await demo('DELETE', 'neutron', router)).status).to.equal(409);
    expect(
      (await demo('PUT', 'neutron', `${router}/remove_router_interface`, { subnet_id })).status,
    ).to.equal(200);
    expect((await demo('DELETE', 'neutron', router)).status).to.equal(204);
  });
});
