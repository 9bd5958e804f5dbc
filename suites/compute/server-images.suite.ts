import { expect, image, suite, talk, type CaseContext } from '../../src/conformance/index.ts';
import { bootServer, partsOf, untilServer } from './boot-server.ts';

suite(
  'compute/server-images',
  { title: 'Images of servers', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it, shared }) => {
    const server = shared(async (context) => bootServer(context, await partsOf(context)));

    /** The server's image when all of it is there. */
    const snapshot = async (context: CaseContext, name: string, metadata: object) => {
      const { openstack, make, eventually } = context;
      const glance = talk(openstack, 'image');
      const path = `/images?name=${encodeURIComponent(name)}`;
      make.undone(async (cleaning) => {
        const client = cleaning.service('image');
        const { body } = await client.request<{ images: { id: string }[] }>({ method: 'GET', path });
        for (const { id } of body.images) await client.request({ method: 'DELETE', path: `/images/${id}` });
      });
      await talk(openstack, 'compute').post(202, `/servers/${server().id}/action`, {
        createImage: { name, metadata },
      });
      const found = await eventually('the image of the server is active', async () => {
        const { images } = await glance.get(path, image.images);
        expect(images.map(({ status }) => status)).to.deep.equal(['active']);
        return images[0];
      });
      await untilServer(context, server().id, 'ACTIVE');
      if (found === undefined) throw new Error('The list that held an image is empty.');
      return found;
    };

    it(
      'create-delete',
      {
        title: 'keeps a server as an image with the metadata that was asked for, until it is deleted',
        tags: ['write', 'scenario'],
        covers: [
          'tempest.api.compute.images.test_images_oneserver.ImagesOneServerTestJSON.test_create_delete_image[id-3731d080-d4c5-4872-b41a-64d0d0021314]',
        ],
      },
      async (context) => {
        const made = await snapshot(context, context.names.fresh('image'), { image_type: 'test' });
        expect(made['image_type']).to.equal('test');
        expect(made['instance_uuid'] ?? server().id).to.equal(server().id);
        expect(made.visibility).to.equal('private');
        const glance = talk(context.openstack, 'image');
        await glance.delete(204, `/images/${made.id}`);
        await glance.refuses(404, 'GET', `/images/${made.id}`);
      },
    );

    it(
      'any-script',
      {
        title: 'keeps a server as an image with a name in any script',
        tags: ['write'],
        covers: [
          'tempest.api.compute.images.test_images_oneserver.ImagesOneServerTestJSON.test_create_image_specify_multibyte_character_image_name[id-3b7c6fe4-dfe7-477c-9243-b06359db51e6]',
        ],
      },
      async (context) => {
        const name = `${context.names.fresh('image')}-\u20A1`;
        const made = await snapshot(context, name, {});
        expect(made.name).to.equal(name);
      },
    );
  },
);
