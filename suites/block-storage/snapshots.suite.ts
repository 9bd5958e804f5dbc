import { blockStorage, expect, suite, talk } from '../../src/conformance/index.ts';
import { changeMetadata, changeOnePiece } from './change-metadata.ts';
import { makeSnapshot, makeVolume } from './make-volume.ts';

suite(
  'block-storage/snapshots',
  { title: 'Snapshots of volumes', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it, shared }) => {
    const home = shared(async (context) => {
      const volume = await makeVolume(context);
      return { volume, snapshot: await makeSnapshot(context, volume.id) };
    });

    it(
      'life-cycle',
      {
        title: 'is made with metadata, listed, renamed and deleted',
        tags: ['write', 'smoke'],
        covers: [
          'tempest.api.volume.test_volumes_snapshots.VolumesSnapshotTestJSON.test_snapshot_create_get_list_update_delete[id-2a8abbe4-d871-46db-b049-c41f5af8216e]',
        ],
      },
      async (context) => {
        const metadata = { color: 'blue', shape: 'round' };
        const made = await makeSnapshot(context, home().volume.id, { metadata });
        expect(made).to.deep.include({ volume_id: home().volume.id, size: 1, metadata });
        const cinder = talk(context.openstack, 'block-storage');
        const { snapshots } = await cinder.get('/snapshots', blockStorage.snapshots);
        expect(snapshots.find(({ id }) => id === made.id)?.name).to.equal(made.name);
        const path = `/snapshots/${made.id}`;
        const now = { name: context.names.fresh('renamed'), description: 'changed' };
        const { snapshot } = await cinder.put(200, path, { snapshot: now }, blockStorage.snapshot);
        expect(snapshot).to.include(now);
        expect((await cinder.get(path, blockStorage.snapshot)).snapshot).to.include(now);
        await cinder.delete(202, path);
        await context.eventually(
          'the snapshot is gone',
          async () => void (await cinder.refuses(404, 'GET', path)),
          { every: { ms: 300 } },
        );
      },
    );

    it(
      'volume',
      {
        title: 'becomes a volume, which may be larger',
        tags: ['write', 'scenario'],
        covers: [
          'tempest.api.volume.test_volumes_snapshots.VolumesSnapshotTestJSON.test_volume_from_snapshot[id-677863d1-3142-456d-b6ac-9924f667a7f4]',
        ],
      },
      async (context) => {
        const made = await makeVolume(context, { snapshot_id: home().snapshot.id, size: 2 });
        expect(made).to.include({ snapshot_id: home().snapshot.id, size: 2 });
      },
    );

    for (const [name, detail, covers] of [
      [
        'filters',
        false,
        'tempest.api.volume.test_volumes_snapshots_list.VolumesSnapshotListTestJSON.test_snapshots_list_with_params[id-59f41f43-aebf-48a9-ab5d-d76340fab32b]',
      ],
      [
        'filters-in-detail',
        true,
        'tempest.api.volume.test_volumes_snapshots_list.VolumesSnapshotListTestJSON.test_snapshots_list_details_with_params[id-220a1022-1fcd-4a74-a7bd-6b859156cda2]',
      ],
    ] as const) {
      it(
        name,
        {
          title: `is found by its name, its status and both${detail ? ', in detail' : ''}`,
          tags: ['read'],
          covers: [covers],
        },
        async ({ openstack }) => {
          const { id, name: called } = home().snapshot;
          const cinder = talk(openstack, 'block-storage');
          const path = detail ? '/snapshots/detail' : '/snapshots';
          const shape = detail ? blockStorage.snapshotsInDetail : blockStorage.snapshots;
          const named = `name=${called ?? ''}`;
          for (const query of [named, `${named}&status=available`]) {
            const { snapshots } = await cinder.get(`${path}?${query}`, shape);
            expect(snapshots.map((one) => one.id)).to.deep.equal([id]);
          }
          const { snapshots } = await cinder.get(`${path}?status=available`, shape);
          expect(snapshots.map((one) => one.id)).to.include(id);
          for (const one of snapshots) expect(one.status, `snapshot ${one.id}`).to.equal('available');
        },
      );
    }

    it(
      'metadata',
      {
        title: 'has the metadata that it was given last',
        tags: ['write'],
        covers: [
          'tempest.api.volume.test_snapshot_metadata.SnapshotMetadataTestJSON.test_crud_snapshot_metadata[id-a2f20f99-e363-4584-be97-bc33afb1a56c]',
          'tempest.api.volume.test_snapshot_metadata.VolumesMetadataTest.test_update_snapshot_metadata',
        ],
      },
      (context) =>
        changeMetadata(context, `/snapshots/${home().snapshot.id}/metadata`, {
          color: 'blue',
          shape: 'round',
        }),
    );

    it(
      'metadata-item',
      {
        title: 'has one piece of metadata changed and no other',
        tags: ['write'],
        covers: [
          'tempest.api.volume.test_snapshot_metadata.SnapshotMetadataTestJSON.test_update_show_snapshot_metadata_item[id-e8ff85c5-8f97-477f-806a-3ac364a949ed]',
        ],
      },
      (context) => changeOnePiece(context, `/snapshots/${home().snapshot.id}/metadata`),
    );

    it(
      'keeps-its-volume',
      { title: 'keeps its volume from being deleted', tags: ['negative'] },
      async ({ openstack }) => {
        const cinder = talk(openstack, 'block-storage');
        const { kind } = await cinder.refuses(400, 'DELETE', `/volumes/${home().volume.id}`);
        expect(kind).to.equal('badRequest');
      },
    );
  },
);
