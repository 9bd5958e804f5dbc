import { expect, suite, talk } from '../../src/conformance/index.ts';
import { NOWHERE } from './make-volume.ts';

type Ask = readonly [status: number | readonly number[], method: string, path: string, body?: object];

const sized = (volume: object): object => ({ volume: { name: 'sq-refused', ...volume } });
const INVALID = 'squall-no-such-volume';
const RENAME = { volume: { name: 'nobody' } };

const REFUSED: readonly (readonly [name: string, title: string, covers: string, ask: Ask])[] = [
  [
    'show-missing',
    'does not know a volume that is not there',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_volume_get_nonexistent_volume_id[id-f131c586-9448-44a4-a8b0-54ca838aa43e]',
    [404, 'GET', `/volumes/${NOWHERE}`],
  ],
  [
    'show-invalid',
    'does not know a volume by an id that is none',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_get_invalid_volume_id[id-30799cfd-7ee4-446c-b66c-45b383ed211b]',
    [404, 'GET', `/volumes/${INVALID}`],
  ],
  [
    'show-nothing',
    'shows no volume without an id',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_get_volume_without_passing_volume_id[id-c6c3db06-29ad-4e91-beb0-2ab195fe49e3]',
    [404, 'GET', '/volumes/'],
  ],
  [
    'delete-missing',
    'deletes no volume that is not there',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_volume_delete_nonexistent_volume_id[id-555efa6e-efcd-44ef-8a3b-4a7ca4837a29]',
    [404, 'DELETE', `/volumes/${NOWHERE}`],
  ],
  [
    'delete-invalid',
    'deletes no volume by an id that is none',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_delete_invalid_volume_id[id-1f035827-7c32-4019-9240-b4ec2dbd9dfd]',
    [404, 'DELETE', `/volumes/${INVALID}`],
  ],
  [
    'delete-nothing',
    'deletes no volume without an id',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_delete_volume_without_passing_volume_id[id-441a1550-5d44-4b30-af0f-a6d402f52026]',
    [404, 'DELETE', '/volumes/'],
  ],
  [
    'update-missing',
    'renames no volume that is not there',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_update_volume_with_nonexistent_volume_id[id-0186422c-999a-480e-a026-6a665744c30c]',
    [404, 'PUT', `/volumes/${NOWHERE}`, RENAME],
  ],
  [
    'update-invalid',
    'renames no volume by an id that is none',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_update_volume_with_invalid_volume_id[id-e66e40d6-65e6-4e75-bdc7-636792fa152d]',
    [404, 'PUT', `/volumes/${INVALID}`, RENAME],
  ],
  [
    'update-nothing',
    'renames no volume without an id',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_update_volume_with_empty_volume_id[id-72aeca85-57a5-4c1f-9057-f320f9ea575b]',
    [404, 'PUT', '/volumes/', RENAME],
  ],
  [
    'size-in-words',
    'makes no volume whose size is no number',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_create_volume_with_invalid_size[id-1ed83a8a-682d-4dfb-a30e-ee63ffd6c049]',
    [400, 'POST', '/volumes', sized({ size: '#$%' })],
  ],
  [
    'size-empty',
    'makes no volume without a size',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_create_volume_without_passing_size[id-9387686f-334f-4d31-a439-33494b9e2683]',
    [400, 'POST', '/volumes', sized({ size: '' })],
  ],
  [
    'size-zero',
    'makes no volume of no size',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_create_volume_with_size_zero[id-41331caa-eaf4-4001-869d-bc18c1869360]',
    [400, 'POST', '/volumes', sized({ size: '0' })],
  ],
  [
    'size-negative',
    'makes no volume of less than no size',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_create_volume_with_size_negative[id-8b472729-9eba-446e-a83b-916bdb34bef7]',
    [400, 'POST', '/volumes', sized({ size: '-1' })],
  ],
  [
    'missing-source',
    'makes no volume of a volume that is not there',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_create_volume_with_nonexistent_source_volid[id-47c73e08-4be8-45bb-bfdf-0c4e79b88344]',
    [404, 'POST', '/volumes', sized({ size: 1, source_volid: NOWHERE })],
  ],
  [
    'missing-snapshot',
    'makes no volume of a snapshot that is not there',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_create_volume_with_nonexistent_snapshot_id[id-0c36f6ae-4604-4017-b0a9-34fdc63096f9]',
    [404, 'POST', '/volumes', sized({ size: 1, snapshot_id: NOWHERE })],
  ],
  [
    'missing-type',
    'makes no volume of a type that is not there',
    'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_create_volume_with_nonexistent_volume_type[id-10254ed8-3849-454e-862e-3ab8e6aa01d2]',
    [404, 'POST', '/volumes', sized({ size: 1, volume_type: NOWHERE })],
  ],
  [
    'snapshot-of-missing',
    'makes no snapshot of a volume that is not there',
    'tempest.api.volume.test_volumes_snapshots_negative.VolumesSnapshotNegativeTestJSON.test_create_snapshot_with_nonexistent_volume_id[id-e3e466af-70ab-4f4b-a967-ab04e3532ea7]',
    [404, 'POST', '/snapshots', { snapshot: { name: 'sq-refused', volume_id: NOWHERE } }],
  ],
  [
    'snapshot-of-nothing',
    'makes no snapshot of no volume',
    'tempest.api.volume.test_volumes_snapshots_negative.VolumesSnapshotNegativeTestJSON.test_create_snapshot_without_passing_volume_id[id-bb9da53e-d335-4309-9c15-7e76fd5e4d6d]',
    [[400, 404], 'POST', '/snapshots', { snapshot: { name: 'sq-refused', volume_id: null } }],
  ],
];

suite(
  'block-storage/refusals',
  { title: 'What block storage refuses', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it }) => {
    for (const [name, title, covers, [status, method, path, body]] of REFUSED) {
      it(name, { title, tags: ['negative'], covers: [covers] }, async ({ openstack }) => {
        const cinder = talk(openstack, 'block-storage');
        const { kind, message } = await cinder.refuses(status, method, path, body);
        expect(kind).to.be.oneOf(['badRequest', 'itemNotFound', '']);
        expect(message).to.not.equal('');
      });
    }
  },
);
