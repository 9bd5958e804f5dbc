import { askRoot, compute, expect, suite, talk } from '../../src/conformance/index.ts';

suite(
  'compute/offers',
  { title: 'What compute offers', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it }) => {
    it(
      'flavors',
      {
        title: 'lists each flavor with its name and links',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.compute.flavors.test_flavors.FlavorsV2TestJSON.test_list_flavors[id-e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59]',
        ],
      },
      async ({ openstack }) => {
        const nova = talk(openstack, 'compute');
        const { flavors } = await nova.get('/flavors', compute.flavors);
        const [first] = flavors;
        const { flavor } = await nova.get(`/flavors/${first?.id ?? ''}`, compute.flavor);
        const { id, name, links } = flavor;
        expect(flavors).to.deep.include({ id, name, links });
      },
    );

    it(
      'flavors-in-detail',
      {
        title: 'lists each flavor in detail as it shows it',
        tags: ['read'],
        covers: [
          'tempest.api.compute.flavors.test_flavors.FlavorsV2TestJSON.test_list_flavors_with_detail[id-6e85fde4-b3cd-4137-ab72-ed5f418e8c24]',
        ],
      },
      async ({ openstack }) => {
        const nova = talk(openstack, 'compute');
        const { flavors } = await nova.get('/flavors/detail', compute.flavorsInDetail);
        const [first] = flavors;
        const { flavor } = await nova.get(`/flavors/${first?.id ?? ''}`, compute.flavor);
        expect(flavor).to.deep.equal(first);
      },
    );

    it(
      'zones',
      {
        title: 'tells an ordinary user which zones are available, and of no hosts in them',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.compute.servers.test_availability_zone.AZV2TestJSON.test_get_availability_zone_list_with_non_admin_user[id-a8333aa2-205c-449f-a828-d38c2489bf25]',
        ],
      },
      async ({ openstack }) => {
        const { availabilityZoneInfo: zones } = await talk(openstack, 'compute').get(
          '/os-availability-zone',
          compute.zones,
        );
        expect(zones.filter(({ zoneState }) => zoneState.available)).to.not.be.empty;
      },
    );

    it(
      'versions',
      {
        title: 'names the versions that it serves, the current one with its microversions',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.compute.test_versions.TestVersions.test_list_api_versions[id-6c0a0990-43b6-4529-9b61-5fd8daf7c55c]',
        ],
      },
      async ({ openstack }) => {
        const { versions } = await askRoot(openstack, 'compute', compute.versions);
        const current = versions.find((version) => version.status === 'CURRENT');
        expect(current?.id).to.equal('v2.1');
        expect(current?.min_version).to.equal('2.1');
        expect(current?.version).to.match(/^2\.\d+$/);
      },
    );

    it(
      'typed-keypair',
      {
        title: 'keeps the type of a keypair, in the list and by itself',
        tags: ['write'],
        covers: [
          'tempest.api.compute.keypairs.test_keypairs_v22.KeyPairsV22TestJSON.test_keypairsv22_create_list_show_with_type[id-89d59d43-f735-441a-abcf-0601727f47b6]',
        ],
      },
      async ({ openstack, make, names }) => {
        const nova = talk(openstack, 'compute', '2.2');
        const { id: name, ...made } = await make.resource({
          type: 'compute',
          path: '/os-keypairs',
          key: 'keypair',
          idField: 'name',
          microversion: '2.2',
          body: { name: names.fresh('keypair'), type: 'x509' },
        });
        const { keypair: created } = compute.keypairCreated.parse({ keypair: made });
        expect(created).to.include({ name, type: 'x509' });
        expect(created.private_key).to.match(/^[A-Za-z0-9+/=]+$/);
        const { keypair } = await nova.get(`/os-keypairs/${name}`, compute.keypair);
        expect(keypair).to.include({ name, type: 'x509', fingerprint: created.fingerprint });
        const { keypairs } = await nova.get('/os-keypairs', compute.keypairs);
        expect(keypairs.find((one) => one.keypair.name === name)?.keypair.type).to.equal('x509');
      },
    );
  },
);
