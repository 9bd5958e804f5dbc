import {
  expect,
  makeNamespace,
  suite,
  type CaseContext,
  type KubernetesObject,
} from '../../src/conformance/index.ts';

interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

suite('kubernetes/configmaps', { title: 'ConfigMaps', needs: ['kubernetes'] }, ({ it, shared }) => {
  const home = shared(
    async (context) => `/api/v1/namespaces/${await makeNamespace(context, 'configmaps')}/configmaps`,
  );

  const create = async (
    { make, names }: CaseContext,
    data: Record<string, string>,
  ): Promise<{ created: ConfigMap; path: string }> => {
    const name = names.fresh('config');
    const created = await make.object(home(), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data,
    });
    return { created, path: `${home()}/${name}` };
  };

  it('read-back', { title: 'gives back what was written', tags: ['write', 'smoke'] }, async (context) => {
    const { created, path } = await create(context, { colour: 'green', size: '7' });
    const read = (await context.kubernetes.get(path)) as ConfigMap | undefined;
    expect(read?.data).to.deep.equal({ colour: 'green', size: '7' });
    expect(read?.metadata.uid).to.equal(created.metadata.uid);
    expect(read?.metadata.resourceVersion).to.equal(created.metadata.resourceVersion);
    expect(read?.metadata.creationTimestamp).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  it(
    'update-seen',
    { title: 'shows an update to the next read', tags: ['write', 'smoke'] },
    async (context) => {
      const { created, path } = await create(context, { turn: '1' });
      const put = await context.kubernetes.request<ConfigMap>({
        method: 'PUT',
        path,
        body: { ...created, data: { turn: '2' } },
      });
      expect(put.status).to.equal(200);
      expect(put.body.metadata.resourceVersion).to.not.equal(created.metadata.resourceVersion);
      const read = (await context.kubernetes.get(path)) as ConfigMap | undefined;
      expect(read?.data).to.deep.equal({ turn: '2' });
      expect(read?.metadata.resourceVersion).to.equal(put.body.metadata.resourceVersion);
    },
  );

  it(
    'stale-update',
    { title: 'refuses an update that carries an old version', tags: ['write', 'negative', 'smoke'] },
    async (context) => {
      const { created, path } = await create(context, { turn: '1' });
      await context.kubernetes.patch(path, { data: { turn: '2' } });
      const stale = await context.kubernetes.request<{ reason: string }>({
        method: 'PUT',
        path,
        body: { ...created, data: { turn: '3' } },
      });
      expect(stale.status).to.equal(409);
      expect(stale.body.reason).to.equal('Conflict');
      const read = (await context.kubernetes.get(path)) as ConfigMap | undefined;
      expect(read?.data).to.deep.equal({ turn: '2' });
    },
  );

  it(
    'merge-patch',
    { title: 'adds, changes and removes keys by a merge patch', tags: ['write'] },
    async (context) => {
      const { path } = await create(context, { keep: 'k', change: 'a', remove: 'r' });
      const patched = (await context.kubernetes.patch(path, {
        data: { change: 'b', remove: null, add: 'n' },
      })) as ConfigMap;
      expect(patched.data).to.deep.equal({ keep: 'k', change: 'b', add: 'n' });
      const read = (await context.kubernetes.get(path)) as ConfigMap | undefined;
      expect(read?.data).to.deep.equal({ keep: 'k', change: 'b', add: 'n' });
    },
  );

  it(
    'list-by-label',
    { title: 'lists by label what carries it, and nothing else', tags: ['write', 'read'] },
    async ({ kubernetes, make, names }) => {
      const wanted = names.fresh('wanted');
      const other = names.fresh('other');
      for (const [name, tier] of [
        [wanted, 'one'],
        [other, 'two'],
      ] as const) {
        await make.object(home(), {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name, labels: { tier } },
          data: { tier },
        });
      }
      const listed = (await kubernetes.list(home(), { labelSelector: 'tier=one' })) as readonly ConfigMap[];
      expect(listed.map(({ metadata, data }) => [metadata.name, data?.['tier']])).to.deep.equal([
        [wanted, 'one'],
      ]);
    },
  );

  it(
    'watch',
    {
      title: 'tells a watcher of creation, change and deletion, in this order',
      tags: ['write'],
      covers: [
        '[sig-api-machinery] Watchers should observe add, update, and delete watch notifications on configmaps [Conformance]',
      ],
    },
    async ({ kubernetes, make, names, signal }) => {
      const name = names.fresh('watched');
      const seen: string[] = [];
      const ended = new AbortController();
      const watching = kubernetes.watch(home(), {
        fieldSelector: `metadata.name=${name}`,
        signal: AbortSignal.any([signal, ended.signal]),
      });
      for await (const event of watching) {
        if (event.type === 'BLIND' || event.type === 'SEEING' || event.type === 'BOOKMARK') continue;
        if (event.type === 'LISTED') {
          expect(event.objects).to.deep.equal([]);
          await make.object(home(), {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name },
            data: { turn: '1' },
          });
          await kubernetes.patch(`${home()}/${name}`, { data: { turn: '2' } });
          await kubernetes.delete(`${home()}/${name}`);
          continue;
        }
        seen.push(
          `${event.type} ${event.object.metadata.name} ${(event.object as ConfigMap).data?.['turn']}`,
        );
        if (event.type === 'DELETED') break;
      }
      ended.abort();
      expect(seen).to.deep.equal([`ADDED ${name} 1`, `MODIFIED ${name} 2`, `DELETED ${name} 2`]);
    },
  );

  it(
    'deleted',
    { title: 'no longer knows what was deleted', tags: ['write', 'negative'] },
    async (context) => {
      const { created, path } = await create(context, { a: '1' });
      expect(await context.kubernetes.delete(path)).to.equal(true);
      const read = await context.kubernetes.request<{ reason: string; details: { name: string } }>({
        method: 'GET',
        path,
      });
      expect(read.status).to.equal(404);
      expect(read.body.reason).to.equal('NotFound');
      expect(read.body.details.name).to.equal(created.metadata.name);
      const left = await context.kubernetes.list(home());
      expect(left.map(({ metadata }) => metadata.name)).to.not.include(created.metadata.name);
    },
  );

  it(
    'invalid-key',
    { title: 'refuses a key with characters that are not allowed', tags: ['negative'] },
    async ({ kubernetes, names }) => {
      const body = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: names.fresh('invalid') },
        data: { 'not a key!': '1' },
      };
      const refused = await kubernetes.request<{ reason: string }>({ method: 'POST', path: home(), body });
      expect(refused.status).to.equal(422);
      expect(refused.body.reason).to.equal('Invalid');
    },
  );
});
