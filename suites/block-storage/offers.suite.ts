import { askRoot, blockStorage, expect, suite, talk } from '../../src/conformance/index.ts';

suite(
  'block-storage/offers',
  { title: 'What block storage offers', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it }) => {
    it(
      'versions',
      {
        title: 'names version 3 with its microversions',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.volume.test_versions.VersionsTest.test_list_versions[id-77838fc4-b49b-4c64-9533-166762517369]',
        ],
      },
      async ({ openstack }) => {
        const { versions } = await askRoot(openstack, 'block-storage', blockStorage.versions);
        const current = versions.find(({ id }) => id === 'v3.0');
        expect(current?.min_version).to.equal('3.0');
        expect(current?.version).to.match(/^3\.\d+$/);
      },
    );

    it(
      'zones',
      {
        title: 'names the zones that are available',
        tags: ['read'],
        covers: [
          'tempest.api.volume.test_availability_zone.AvailabilityZoneTestJSON.test_get_availability_zone_list[id-01f1ae88-eba9-4c6b-a011-6f7ace06b725]',
        ],
      },
      async ({ openstack }) => {
        const { availabilityZoneInfo: zones } = await talk(openstack, 'block-storage').get(
          '/os-availability-zone',
          blockStorage.zones,
        );
        expect(zones.filter(({ zoneState }) => zoneState.available)).to.not.be.empty;
      },
    );

    it(
      'extensions',
      {
        title: 'lists its extensions, each once',
        tags: ['read'],
        covers: [
          'tempest.api.volume.test_extensions.ExtensionsTestJSON.test_list_extensions[id-94607eb0-43a5-47ca-82aa-736b41bd2e2c]',
        ],
      },
      async ({ openstack }) => {
        const { extensions } = await talk(openstack, 'block-storage').get(
          '/extensions',
          blockStorage.extensions,
        );
        const aliases = extensions.map(({ alias }) => alias);
        expect(aliases).to.include.members(['os-availability-zone', 'os-volume-actions']);
        expect(new Set(aliases).size).to.equal(aliases.length);
      },
    );

    it(
      'quotas',
      { title: 'tells a user the quotas of its project', tags: ['read'] },
      async ({ openstack }) => {
        const { projectId = '' } = await openstack.user();
        const { quota_set: quotas } = await talk(openstack, 'block-storage').get(
          `/os-quota-sets/${projectId}`,
          blockStorage.quotas,
        );
        expect(quotas.id).to.equal(projectId);
        expect(quotas.volumes).to.not.equal(0);
      },
    );
  },
);
