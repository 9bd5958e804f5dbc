import {
  expect,
  makePersona,
  network,
  suite,
  talk,
  type OpenStackApi,
  type ServiceType,
} from '../../src/conformance/index.ts';

/** What a reader may see as well as a member: a list, under its key. */
const LISTS: readonly (readonly [key: string, type: ServiceType, path: string])[] = [
  ['servers', 'compute', '/servers'],
  ['networks', 'network', '/networks'],
  ['images', 'image', '/images'],
  ['volumes', 'block-storage', '/volumes'],
];

/** What a member may make, and a reader may not. Not volumes: by its own defaults Cinder lets a reader make them. */
const THINGS: readonly (readonly [
  name: string,
  type: ServiceType,
  path: string,
  key: string | undefined,
  more: object,
])[] = [
  ['network', 'network', '/networks', 'network', {}],
  ['router', 'network', '/routers', 'router', {}],
  ['security-group', 'network', '/security-groups', 'security_group', {}],
  ['image', 'image', '/images', undefined, { disk_format: 'raw', container_format: 'bare' }],
];

/** What only an administrator of the cloud may look at. */
const CLOSED: readonly (readonly [name: string, title: string, type: ServiceType, path: string])[] = [
  ['services', 'the services of compute', 'compute', '/os-services'],
  ['hypervisors', 'the hypervisors', 'compute', '/os-hypervisors'],
  ['all-servers', 'the servers of all projects', 'compute', '/servers?all_tenants=1'],
  ['volume-services', 'the services of block storage', 'block-storage', '/os-services'],
  ['users', 'the users', 'identity', '/users'],
];

/** Forbidden, or as if there were no such thing. */
const HIDDEN = [403, 404];

suite(
  'identity/personas',
  { title: 'Who may do what: reader, member, administrator', needs: ['whole-openstack'] },
  ({ it, shared }) => {
    const people = shared(async (context) => {
      const member = await makePersona(context, 'member');
      const reader = await makePersona(context, 'reader', member.projectId);
      return { member, reader, stranger: await makePersona(context, 'member') };
    });
    const statusOf = async (openstack: OpenStackApi, type: ServiceType, path: string) =>
      (await openstack.service(type).request({ method: 'GET', path })).status;

    for (const [key, type, path] of LISTS) {
      it(
        `reader-sees-${key}`,
        { title: `a reader sees the ${key} of its project`, tags: ['read', 'admin'] },
        async ({ openstack }) => {
          const answer = await openstack
            .as(people().reader)
            .service(type)
            .request<Record<string, unknown>>({ method: 'GET', path });
          expect(answer.status).to.equal(200);
          expect(answer.body[key]).to.be.an('array');
        },
      );
    }

    for (const [name, type, path, key, more] of THINGS) {
      it(
        `member-makes-${name}`,
        { title: `a member makes a ${name}, and a reader does not`, tags: ['negative', 'write', 'admin'] },
        async ({ openstack, make, names }) => {
          const { member, reader } = people();
          const body = { name: names.fresh(name), ...more };
          const reading = openstack.as(reader).service(type);
          const asked = { method: 'POST', path, body: key === undefined ? body : { [key]: body } } as const;
          const refused = await reading.request<Record<string, unknown>>(asked);
          const wrongly = (key === undefined ? refused.body : refused.body[key]) as
            { id?: string } | undefined;
          // A cloud that lets a reader make it is to be told so, and not to be left with it.
          if (refused.status < 300)
            make.undone((given) =>
              given.service(type).request({ method: 'DELETE', path: `${path}/${wrongly?.id ?? ''}` }),
            );
          expect(refused.status).to.equal(403);
          const order = { type, path, body, ...(key === undefined ? {} : { key }) };
          const made = await make.resource({ ...order, as: openstack.as(member) });
          expect(await statusOf(openstack.as(reader), type, `${path}/${made.id}`)).to.equal(200);
        },
      );
    }

    for (const [name, title, type, path] of CLOSED) {
      it(
        `closed-${name}`,
        { title: `only an administrator sees ${title}`, tags: ['negative', 'read', 'admin'] },
        async ({ openstack }) => {
          expect(await statusOf(openstack, type, path)).to.equal(200);
          expect(await statusOf(openstack.as(people().member), type, path)).to.be.oneOf(HIDDEN);
          expect(await statusOf(openstack.as(people().reader), type, path)).to.be.oneOf(HIDDEN);
        },
      );
    }

    it(
      'strangers',
      { title: 'a user finds nothing of another project, by list or by id', tags: ['negative', 'admin'] },
      async ({ openstack, make, names }) => {
        const { member, reader, stranger } = people();
        const made = await make.resource({
          type: 'network',
          path: '/networks',
          key: 'network',
          body: { name: names.fresh('network') },
          as: openstack.as(member),
        });
        const path = `/networks/${made.id}`;
        const seen = await talk(openstack.as(reader), 'network').get(path, network.network);
        expect(seen.network.id).to.equal(made.id);
        const other = talk(openstack.as(stranger), 'network');
        await other.refuses(404, 'GET', path);
        await other.refuses(404, 'DELETE', path);
        const { networks } = await other.get('/networks', network.networks);
        expect(networks.map(({ id }) => id)).to.not.include(made.id);
      },
    );
  },
);
