import { expect } from 'chai';
import { describe, it } from 'mocha';
import { taggedObjects } from '../../src/custody/tagged-objects.ts';
import { HarnessError } from '../../src/model/errors.ts';
import type { OpenStackApi } from '../../src/ports/openstack.ts';

type Item = Readonly<Record<string, unknown>>;

/** A cloud with lists by their paths; one that is not there is refused, as to a user who may not see it. */
function cloudWith(lists: Readonly<Record<string, readonly Item[]>>, ports: readonly Item[] = []) {
  const asked: string[] = [];
  const openstack = {
    listAll: async (_type: string, path: string) => {
      const items = lists[path];
      if (items === undefined) throw new HarnessError('SQ_AUTH', 'refused');
      return items;
    },
    service: () => ({
      request: async ({ method, path }: { method: string; path: string }) => {
        asked.push(`${method} ${path}`);
        return { status: 204, url: path, body: { ports } };
      },
    }),
  } as unknown as OpenStackApi;
  return { openstack, asked };
}

const look = (collection: string, openstack: OpenStackApi) =>
  taggedObjects({ system: 'openstack', collection }, { openstack }, new AbortController().signal);

describe('what carries our mark in a cloud', () => {
  const ours = { id: '1', name: 'sq-r1-a' };

  it('is looked for in all projects, and in one where the others may not be seen', async () => {
    const admin = cloudWith({ '/servers?all_tenants=1': [ours], '/servers': [] });
    expect((await look('compute:/servers', admin.openstack)).map(({ id }) => id)).to.deep.equal(['1']);
    const user = cloudWith({ '/servers': [ours, { id: '2', name: 'production' }] });
    expect((await look('compute:/servers', user.openstack)).map(({ id }) => id)).to.deep.equal(['1']);
  });

  it('is known by its description, or by the word that stacks have for a name', async () => {
    const { openstack, asked } = cloudWith({
      '/floatingips': [
        { id: '1', description: 'sq-r1-a' },
        { id: '2', description: '' },
      ],
      '/stacks?global_tenant=true': [{ id: '3', stack_name: 'sq-r1-b', description: 'words' }],
    });
    expect((await look('network:/floatingips', openstack)).map(({ name }) => name)).to.deep.equal([
      'sq-r1-a',
    ]);
    const [stack] = await look('orchestration:/stacks', openstack);
    await stack?.remove(new AbortController().signal);
    expect(asked).to.deep.equal(['DELETE /stacks/sq-r1-b/3']);
  });

  it('is unplugged before it is deleted where it is a router', async () => {
    const { openstack, asked } = cloudWith({ '/routers': [ours] }, [{ id: 'p1' }]);
    const [router] = await look('network:/routers', openstack);
    await router?.remove(new AbortController().signal);
    expect(asked).to.deep.equal([
      'GET /ports',
      'PUT /routers/1/remove_router_interface',
      'DELETE /routers/1',
    ]);
  });
});
