import { compute, expect, suite, talk } from '../../src/conformance/index.ts';
import { askForServer, partsOf, showServer, untilServer } from './boot-server.ts';

suite(
  'compute/server-creation',
  { title: 'How servers are asked for', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it, shared }) => {
    const parts = shared(partsOf);

    it(
      'password',
      {
        title: 'gives a new server the password that was asked for',
        tags: ['write'],
        covers: [
          'tempest.api.compute.servers.test_servers.ServersTestJSON.test_create_server_with_admin_password[id-b92d5ec7-b1dd-44a2-87e4-45e888c46ef0]',
        ],
      },
      async (context) => {
        const asked = await askForServer(context, parts(), { adminPass: 'Squall-0-testpassword' });
        const { server } = compute.created.parse({ server: asked });
        expect(server.adminPass).to.equal('Squall-0-testpassword');
        expect(await showServer(context, server.id)).to.not.have.property('adminPass');
      },
    );

    it(
      'same-name',
      {
        title: 'lets two servers have one name',
        tags: ['write'],
        covers: [
          'tempest.api.compute.servers.test_servers.ServersTestJSON.test_create_with_existing_server_name[id-8fea6be7-065e-47cf-89b8-496e6f96c699]',
        ],
      },
      async (context) => {
        const first = await askForServer(context, parts());
        const { name } = await showServer(context, first.id);
        const second = await askForServer(context, parts(), { name });
        expect(second.id).to.not.equal(first.id);
        expect((await showServer(context, second.id)).name).to.equal(name);
        const query = `/servers?name=${name}`;
        const { servers } = await talk(context.openstack, 'compute').get(query, compute.servers);
        expect(servers.map(({ id }) => id)).to.have.members([first.id, second.id]);
      },
    );

    it(
      'keypair',
      {
        title: 'names the keypair that a new server was asked for with',
        tags: ['write'],
        covers: [
          'tempest.api.compute.servers.test_servers.ServersTestJSON.test_create_specify_keypair[id-f9e15296-d7f9-4e62-b53f-a04e89160833]',
        ],
      },
      async (context) => {
        const name = context.names.fresh('keypair');
        await context.make.resource({
          type: 'compute',
          path: '/os-keypairs',
          key: 'keypair',
          idField: 'name',
          body: { name },
        });
        const { id } = await askForServer(context, parts(), { key_name: name });
        expect((await untilServer(context, id, 'ACTIVE', { steady: true })).key_name).to.equal(name);
      },
    );

    it(
      'several',
      {
        title: 'makes as many servers as were asked for at once',
        tags: ['write'],
        covers: [
          'tempest.api.compute.servers.test_multiple_create.MultipleCreateTestJSON.test_multiple_create[id-61e03386-89c3-449c-9bb1-a06f423fd9d1]',
        ],
      },
      async (context) => {
        const { openstack, make, names, eventually } = context;
        const name = names.fresh('several');
        const nova = talk(openstack, 'compute');
        make.undone(async (cleaning) => {
          const client = cleaning.service('compute');
          const path = `/servers?name=${name}`;
          const { body } = await client.request<{ servers: { id: string }[] }>({ method: 'GET', path });
          for (const { id } of body.servers)
            await client.request({ method: 'DELETE', path: `/servers/${id}` });
        });
        await askForServer(context, parts(), { name, min_count: 2, max_count: 2 });
        await eventually('both servers are listed', async () => {
          const { servers } = await nova.get(`/servers?name=${name}`, compute.servers);
          expect(servers.map((one) => one.name)).to.have.members([`${name}-1`, `${name}-2`]);
        });
      },
    );
  },
);
