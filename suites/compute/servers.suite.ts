import { expect, suite, type CaseContext, type Resource } from '../../src/conformance/index.ts';

/** The first in which a server may be asked for without a network. */
const WITHOUT_NETWORK = '2.37';

suite('compute/servers', { title: 'Servers', needs: ['openstack'] }, ({ it, shared }) => {
  const smallest = shared(async ({ openstack, skip }) => {
    const flavors = (await openstack.listAll('compute', '/flavors/detail', 'flavors')).toSorted(
      (a, b) => Number(a['ram']) - Number(b['ram']),
    );
    const images = await openstack.listAll('image', '/images?status=active', 'images');
    const [flavor, image] = [flavors[0], images[0]];
    if (flavor === undefined || image === undefined)
      return skip('This cloud has no flavor or no image to boot from.');
    return { flavorRef: String(flavor['id']), imageRef: String(image['id']) };
  });

  const boot = ({ make, names }: CaseContext): Promise<Resource> =>
    make.resource({
      type: 'compute',
      path: '/servers',
      key: 'server',
      microversion: WITHOUT_NETWORK,
      body: { name: names.fresh('server'), networks: 'none', ...smallest() },
    });

  const show = async ({ openstack }: CaseContext, id: string): Promise<Resource> => {
    const { status, body } = await openstack
      .service('compute')
      .request<{ server: Resource }>({ method: 'GET', path: `/servers/${id}` });
    expect(status).to.equal(200);
    return body.server;
  };

  const reaches = (context: CaseContext, id: string, wanted: string): Promise<Resource> =>
    context.eventually(
      `the server is ${wanted}`,
      async () => {
        const server = await show(context, id);
        expect(server['status']).to.equal(wanted);
        return server;
      },
      { every: { ms: 50 } },
    );

  it(
    'life-cycle',
    {
      title: 'boots, renames and deletes a server',
      tags: ['write', 'scenario'],
    },
    async (context) => {
      const compute = context.openstack.service('compute');
      const { id } = await boot(context);
      const active = await reaches(context, id, 'ACTIVE');
      expect(active['flavor']).to.deep.include({ id: smallest().flavorRef });
      expect(active['image']).to.deep.include({ id: smallest().imageRef });
      expect(active['metadata']).to.deep.equal({ [context.owner.key]: context.owner.value });
      expect(active['OS-EXT-STS:power_state']).to.equal(1);

      const name = context.names.fresh('renamed');
      const renamed = await compute.request({
        method: 'PUT',
        path: `/servers/${id}`,
        body: { server: { name } },
      });
      expect(renamed.status).to.equal(200);
      expect((await show(context, id))['name']).to.equal(name);

      expect((await compute.request({ method: 'DELETE', path: `/servers/${id}` })).status).to.equal(204);
      const gone = async (): Promise<void> => {
        expect((await compute.request({ method: 'GET', path: `/servers/${id}` })).status).to.equal(404);
      };
      await context.eventually('the server is gone', gone, { every: { ms: 50 } });
    },
  );

  it(
    'list-by-name',
    {
      title: 'lists by name the server that has it, and no other',
      tags: ['write', 'read'],
      covers: [
        'tempest.api.compute.servers.test_list_server_filters.ListServerFiltersTestJSON.test_list_servers_filter_by_server_name[id-9b067a7b-7fee-4f6a-b29c-be43fe18fc5a]',
      ],
    },
    async (context) => {
      const first = await boot(context);
      await boot(context);
      const wanted = await show(context, first.id);
      const { status, body } = await context.openstack
        .service('compute')
        .request<{ servers: readonly Resource[] }>({
          method: 'GET',
          path: '/servers/detail',
          query: { name: `^${String(wanted['name'])}$` },
        });
      expect(status).to.equal(200);
      expect(body.servers.map(({ id }) => id)).to.deep.equal([first.id]);
      expect(body.servers[0]?.['name']).to.equal(wanted['name']);
    },
  );

  it(
    'bad-flavor',
    {
      title: 'refuses a flavor that does not exist, and leaves no server',
      tags: ['negative', 'smoke'],
    },
    async ({ openstack, names }) => {
      const name = names.fresh('refused');
      const compute = openstack.service('compute', { microversion: WITHOUT_NETWORK });
      const body = {
        server: { name, imageRef: smallest().imageRef, flavorRef: 'squall-no-such-flavor', networks: 'none' },
      };
      const refused = await compute.request<{ badRequest: { code: number } }>({
        method: 'POST',
        path: '/servers',
        body,
      });
      expect(refused.status).to.equal(400);
      expect(refused.body.badRequest.code).to.equal(400);
      const left = await compute.request<{ servers: readonly unknown[] }>({
        method: 'GET',
        path: '/servers',
        query: { name: `^${name}$` },
      });
      expect(left.body.servers).to.deep.equal([]);
    },
  );

  it(
    'missing',
    {
      title: 'does not know a server that is not there',
      tags: ['read', 'negative', 'smoke'],
      covers: [
        'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_get_non_existent_server[id-3436b02f-1b1e-4f03-881e-c6a602327439]',
      ],
    },
    async ({ openstack }) => {
      const path = '/servers/00000000-0000-4000-8000-000000000000';
      const { status, body } = await openstack
        .service('compute')
        .request<{ itemNotFound: { code: number; message: string } }>({ method: 'GET', path });
      expect(status).to.equal(404);
      expect(body.itemNotFound.code).to.equal(404);
      expect(body.itemNotFound.message).to.contain('could not be found');
    },
  );
});
