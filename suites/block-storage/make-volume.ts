import {
  blockStorage,
  expect,
  talk,
  type CaseContext,
  type Limits,
  type Resource,
} from '../../src/conformance/index.ts';

export const NOWHERE = '00000000-0000-4000-8000-000000000000';

/** Asks for a volume of one gigabyte; it is there at once, and not yet available. */
export const askForVolume = ({ make, names }: CaseContext, more: object = {}): Promise<Resource> =>
  make.resource({
    type: 'block-storage',
    path: '/volumes',
    key: 'volume',
    body: { name: names.fresh('volume'), size: 1, ...more },
  });

export const showVolume = async ({ openstack }: Pick<CaseContext, 'openstack'>, id: string) =>
  (await talk(openstack, 'block-storage').get(`/volumes/${id}`, blockStorage.volume)).volume;

export function untilVolume(context: CaseContext, id: string, status: string, limits: Limits = {}) {
  return context.eventually(
    limits.steady === true ? 'the new volume is available' : `the volume is ${status}`,
    async () => {
      const volume = await showVolume(context, id);
      expect(volume.status).to.equal(status);
      return volume;
    },
    { every: { ms: 300 }, ...limits },
  );
}

/** A volume that is available. */
export async function makeVolume(context: CaseContext, more: object = {}) {
  const { id } = await askForVolume(context, more);
  return untilVolume(context, id, 'available', { steady: true });
}

export function untilNoVolume({ openstack, eventually }: CaseContext, id: string): Promise<void> {
  return eventually(
    'the volume is gone',
    async () => void (await talk(openstack, 'block-storage').refuses(404, 'GET', `/volumes/${id}`)),
    { every: { ms: 300 }, steady: true },
  );
}

/** A snapshot that is available. Of a volume that is in no use. */
export async function makeSnapshot(context: CaseContext, volume: string, more: object = {}) {
  const { openstack, make, names, eventually } = context;
  const { id } = await make.resource({
    type: 'block-storage',
    path: '/snapshots',
    key: 'snapshot',
    body: { name: names.fresh('snapshot'), volume_id: volume, ...more },
  });
  return eventually(
    'the snapshot is available',
    async () => {
      const { snapshot } = await talk(openstack, 'block-storage').get(
        `/snapshots/${id}`,
        blockStorage.snapshot,
      );
      expect(snapshot.status).to.equal('available');
      return snapshot;
    },
    { every: { ms: 300 }, steady: true },
  );
}
