import { expect, type CaseContext, type Resource } from '../../src/conformance/index.ts';

/** Registers an image without content. */
export const registerImage = ({ make, names }: CaseContext, more: object = {}): Promise<Resource> =>
  make.resource({
    type: 'image',
    path: '/images',
    body: { name: names.fresh('image'), disk_format: 'raw', container_format: 'bare', ...more },
  });

/** Gives an image its content, which can be done once. */
export async function upload(
  { openstack }: Pick<CaseContext, 'openstack'>,
  id: string,
  content: string,
): Promise<void> {
  const { status } = await openstack.service('image').request({
    method: 'PUT',
    path: `/images/${id}/file`,
    headers: { 'content-type': 'application/octet-stream' },
    body: content,
  });
  expect(status, 'PUT of the content of an image').to.equal(204);
}

/** An image of a few bytes, which is enough wherever nobody looks inside the guest. */
export async function makeImage(context: CaseContext, more: object = {}): Promise<string> {
  const { id } = await registerImage(context, more);
  await upload(context, id, 'Squall wrote this, and it only has to be there.\n');
  return id;
}
