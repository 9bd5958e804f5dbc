import { blockStorage, expect, suite, talk } from '../../src/conformance/index.ts';
import { askForVolume, untilVolume } from './make-volume.ts';

interface Ours {
  readonly id: string;
  readonly name: string | null;
  readonly zone: string | null;
}

type Query = (ours: readonly Ours[]) => string;

/** A list that must hold those of our three volumes, and of others only what fits as well. */
type Filter = readonly [
  name: string,
  title: string,
  list: string,
  detail: string,
  query: Query,
  found: readonly number[],
];

const first = (ours: readonly Ours[]): string => String(ours[0]?.name);

/** Each is asked of the plain list and of the one in detail, which upstream knows as tests of their own. */
const FILTERS: readonly Filter[] = [
  [
    'all',
    'lists volumes',
    'tempest.api.volume.test_volumes_list.VolumesListTestJSON.test_volume_list[id-0b6ddd39-b948-471f-8038-4787978747c4]',
    'tempest.api.volume.test_volumes_list.VolumesListTestJSON.test_volume_list_with_details[id-adcbb5a7-5ad8-4b61-bd10-5380e111a877]',
    () => '',
    [0, 1, 2],
  ],
  [
    'by-name',
    'finds a volume by its name',
    'tempest.api.volume.test_volumes_list.VolumesListTestJSON.test_volume_list_by_name[id-a28e8da4-0b56-472f-87a8-0f4d3f819c02]',
    'tempest.api.volume.test_volumes_list.VolumesListTestJSON.test_volume_list_details_by_name[id-2de3a6d4-12aa-403b-a8f2-fdeb42a89623]',
    (ours) => `name=${first(ours)}`,
    [0],
  ],
  [
    'by-status',
    'finds volumes by their status',
    'tempest.api.volume.test_volumes_list.VolumesListTestJSON.test_volumes_list_by_status[id-39654e13-734c-4dab-95ce-7613bf8407ce]',
    'tempest.api.volume.test_volumes_list.VolumesListTestJSON.test_volumes_list_details_by_status[id-2943f712-71ec-482a-bf49-d5ca06216b9f]',
    () => 'status=available',
    [0, 1, 2],
  ],
  [
    'by-zone',
    'finds volumes by their zone',
    'tempest.api.volume.test_volumes_list.VolumesListTestJSON.test_volumes_list_by_availability_zone[id-c0cfa863-3020-40d7-b587-e35f597d5d87]',
    'tempest.api.volume.test_volumes_list.VolumesListTestJSON.test_volumes_list_details_by_availability_zone[id-e1b80d13-94f0-4ba2-a40e-386af29f8db1]',
    (ours) => `availability_zone=${String(ours[0]?.zone)}`,
    [0, 1, 2],
  ],
  [
    'by-name-and-status',
    'finds a volume by its name and status',
    'tempest.api.volume.test_volumes_list.VolumesListTestJSON.test_volume_list_param_display_name_and_status[id-777c87c1-2fc4-4883-8b8e-5c0b951d1ec8]',
    'tempest.api.volume.test_volumes_list.VolumesListTestJSON.test_volume_list_with_detail_param_display_name_and_status[id-856ab8ca-6009-4c37-b691-be1065528ad4]',
    (ours) => `name=${first(ours)}&status=available`,
    [0],
  ],
  [
    'by-metadata',
    'finds volumes by their metadata',
    'tempest.api.volume.test_volumes_list.VolumesListTestJSON.test_volume_list_with_param_metadata[id-b5ebea1b-0603-40a0-bb41-15fcd0a53214]',
    'tempest.api.volume.test_volumes_list.VolumesListTestJSON.test_volume_list_with_detail_param_metadata[id-1ca92d3c-4a8e-4b43-93f5-e4c7fb3b291d]',
    () => `metadata=${encodeURIComponent("{'shape': 'round'}")}`,
    [0, 1],
  ],
];

/** What no volume fits. */
const NOTHING: readonly (readonly [
  name: string,
  title: string,
  list: string,
  detail: string,
  query: string,
])[] = [
  [
    'missing-name',
    'finds no volume of a name that none has',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_list_volumes_with_nonexistent_name[id-0f4aa809-8c7b-418f-8fb3-84c7a5dfc52f]',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_list_volumes_detail_with_nonexistent_name[id-9ca17820-a0e7-4cbd-a7fa-f4468735e359]',
    'name=squall-no-such-volume',
  ],
  [
    'missing-status',
    'finds no volume in a status that there is not',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_list_volumes_with_invalid_status[id-143b279b-7522-466b-81be-34a87d564a7c]',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_list_volumes_detail_with_invalid_status[id-ba94b27b-be3f-496c-a00e-0283b373fa75]',
    'status=null',
  ],
];

suite(
  'block-storage/volume-lists',
  { title: 'Lists of volumes', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it, shared }) => {
    const ours = shared(async (context): Promise<readonly Ours[]> => {
      const asked = [];
      for (const shape of ['round', 'round', 'square'])
        asked.push(await askForVolume(context, { metadata: { shape } }));
      const volumes = [];
      for (const { id } of asked) volumes.push(await untilVolume(context, id, 'available'));
      return volumes.map(({ id, name, availability_zone: zone }) => ({ id, name, zone }));
    });

    const list = async (openstack: Parameters<typeof talk>[0], query: string, detail: boolean) => {
      const cinder = talk(openstack, 'block-storage');
      return detail
        ? cinder.get(`/volumes/detail?${query}`, blockStorage.volumesInDetail)
        : cinder.get(`/volumes?${query}`, blockStorage.volumes);
    };
    const ids = async (...asked: Parameters<typeof list>) =>
      (await list(...asked)).volumes.map(({ id }) => id);

    for (const detail of [false, true]) {
      const ending = detail ? '-in-detail' : '';
      const manner = detail ? ', in detail' : '';
      for (const [name, title, plain, detailed, query, found] of FILTERS) {
        it(
          `${name}${ending}`,
          { title: `${title}${manner}`, tags: ['read'], covers: [detail ? detailed : plain] },
          async ({ openstack }) => {
            const answered = await ids(openstack, query(ours()), detail);
            const mine = ours().filter(({ id }) => answered.includes(id));
            expect(mine).to.deep.equal(found.map((rank) => ours()[rank]));
          },
        );
      }
      for (const [name, title, plain, detailed, query] of NOTHING) {
        it(
          `${name}${ending}`,
          { title: `${title}${manner}`, tags: ['read', 'negative'], covers: [detail ? detailed : plain] },
          async ({ openstack }) => {
            expect(await ids(openstack, query, detail)).to.deep.equal([]);
          },
        );
      }
      it(
        `pages${ending}`,
        {
          title: `hands out volumes page by page in the order that was asked for${manner}`,
          tags: ['read'],
          covers: [
            detail
              ? 'tempest.api.volume.test_volumes_list.VolumesListTestJSON.test_volume_list_details_pagination[id-e9138a2c-f67b-4796-8efa-635c196d01de]'
              : 'tempest.api.volume.test_volumes_list.VolumesListTestJSON.test_volume_list_pagination[id-af55e775-8e4b-4feb-8719-215c43b0238c]',
          ],
        },
        async ({ openstack }) => {
          const sorted = 'sort=created_at:asc';
          const all = await ids(openstack, sorted, detail);
          const page = await list(openstack, `${sorted}&limit=2`, detail);
          expect(page.volumes.map(({ id }) => id)).to.deep.equal(all.slice(0, 2));
          expect(page.volumes_links?.map(({ rel }) => rel)).to.deep.equal(['next']);
          const next = await ids(openstack, `${sorted}&limit=2&marker=${all[1] ?? ''}`, detail);
          expect(next).to.deep.equal(all.slice(2, 4));
        },
      );
    }

    it(
      'sorted',
      {
        title: 'sorts volumes in detail by their id, both ways, and as many as were asked for',
        tags: ['read'],
        covers: [
          'tempest.api.volume.test_volumes_list.VolumesListTestJSON.test_volume_list_details_with_multiple_params[id-2a7064eb-b9c3-429b-b888-33928fc5edd3]',
        ],
      },
      async ({ openstack }) => {
        const query = 'limit=2&status=available&sort_key=id&sort_dir=';
        const up = await ids(openstack, `${query}asc`, true);
        expect(up).to.have.length(2);
        expect(up).to.deep.equal(up.toSorted());
        const down = await ids(openstack, `${query}desc`, true);
        expect(down).to.have.length(2);
        expect(down).to.deep.equal(down.toSorted().toReversed());
      },
    );
  },
);
