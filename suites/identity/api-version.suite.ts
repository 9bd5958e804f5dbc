import { expect, identity, suite, talk } from '../../src/conformance/index.ts';

suite(
  'identity/api-version',
  { title: 'Version document of the identity API', needs: ['whole-openstack'] },
  ({ it, shared }) => {
    const version = shared(
      async ({ openstack }) => (await talk(openstack, 'identity').get('/', identity.version)).version,
    );

    it(
      'media-types',
      {
        title: 'names JSON of version 3 among its media types',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.identity.v3.test_api_discovery.TestApiDiscovery.test_api_media_types[id-657c1970-4722-4189-8831-7325f3bc4265]',
        ],
      },
      async ({ openstack }) => {
        const { version: now } = await talk(openstack, 'identity').get('/', identity.version);
        expect(now['media-types']).to.deep.include({
          base: 'application/json',
          type: 'application/vnd.openstack.identity-v3+json',
        });
      },
    );

    it(
      'resources',
      {
        title: 'tells its id, status, age and place',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.identity.v3.test_api_discovery.TestApiDiscovery.test_api_version_resources[id-b9232f5e-d9e5-4d97-b96c-28d3db4de1bd]',
        ],
      },
      async ({ openstack }) => {
        const { version: now } = await talk(openstack, 'identity').get('/', identity.version);
        expect(now).to.include({ id: version().id, updated: version().updated });
        expect(now.links.map(({ rel }) => rel)).to.include('self');
      },
    );

    it(
      'status',
      {
        title: 'is in a status that a version may have',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.identity.v3.test_api_discovery.TestApiDiscovery.test_api_version_statuses[id-8879a470-abfb-47bb-bb8d-5a7fd279ad1e]',
        ],
      },
      async ({ openstack }) => {
        const { version: now } = await talk(openstack, 'identity').get('/', identity.version);
        expect(now.status.toLowerCase()).to.be.oneOf([
          'current',
          'stable',
          'experimental',
          'supported',
          'deprecated',
        ]);
      },
    );
  },
);
