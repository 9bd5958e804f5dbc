import { blockStorage, expect, talk, type CaseContext } from '../../src/conformance/index.ts';

/** Metadata of a volume or of a snapshot is what was given last: a set of its own, more, another set, and nothing. */
export async function changeMetadata(
  { openstack }: CaseContext,
  path: string,
  first: Readonly<Record<string, string>>,
): Promise<void> {
  const cinder = talk(openstack, 'block-storage');
  await cinder.put(200, path, { metadata: first }, blockStorage.metadata);
  const added = await cinder.post(200, path, { metadata: { color: 'red' } }, blockStorage.metadata);
  expect(added.metadata).to.deep.equal({ ...first, color: 'red' });
  const only = await cinder.put(200, path, { metadata: { size: 'small' } }, blockStorage.metadata);
  expect(only.metadata).to.deep.equal({ size: 'small' });
  await cinder.delete(200, `${path}/size`);
  expect((await cinder.get(path, blockStorage.metadata)).metadata).to.deep.equal({});
}

/** One piece of it is changed, and the others stay. */
export async function changeOnePiece({ openstack }: CaseContext, path: string): Promise<void> {
  const cinder = talk(openstack, 'block-storage');
  await cinder.put(200, path, { metadata: { color: 'blue', shape: 'round' } });
  const meta = { color: 'red' };
  const changed = await cinder.put(200, `${path}/color`, { meta }, blockStorage.metadataItem);
  expect(changed.meta).to.deep.equal(meta);
  expect((await cinder.get(`${path}/color`, blockStorage.metadataItem)).meta).to.deep.equal(meta);
  const all = await cinder.get(path, blockStorage.metadata);
  expect(all.metadata).to.deep.equal({ color: 'red', shape: 'round' });
}
