import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { at, podNamed, startModelCluster, type ModelCluster } from './model-cluster.ts';

const CONFIGS = '/api/v1/namespaces/default/configmaps';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

const namesIn = (body: unknown): readonly unknown[] =>
  (at(body, 'items') as readonly unknown[]).map((item) => at(item, 'metadata', 'name'));

describe('API of the model cluster: objects', () => {
  let cluster: ModelCluster;

  before(async () => {
    cluster = await startModelCluster();
    await cluster.ask('POST', '/api/v1/namespaces', { metadata: { name: 'default' } });
    for (const [name, labels] of [
      ['a', { tier: 'one', app: 'x' }],
      ['b', { tier: 'two', app: 'x' }],
      ['c', { app: 'y' }],
    ] as const)
      await cluster.ask('POST', CONFIGS, { metadata: { name, labels }, data: { name } });
  });
  after(() => cluster.close());

  it('selects by labels and fields', async () => {
    const select = async (selector: string, kind = 'labelSelector'): Promise<readonly unknown[]> => {
      const { status, body } = await cluster.ask('GET', `${CONFIGS}?${kind}=${encodeURIComponent(selector)}`);
      expect(status, selector).to.equal(200);
      return namesIn(body);
    };
    expect(await select('tier=one')).to.deep.equal(['a']);
    expect(await select('tier==two,app=x')).to.deep.equal(['b']);
    expect(await select('tier!=one')).to.deep.equal(['b', 'c']);
    expect(await select('tier in (one, two)')).to.deep.equal(['a', 'b']);
    expect(await select('tier notin (one),app')).to.deep.equal(['b', 'c']);
    expect(await select('tier')).to.deep.equal(['a', 'b']);
    expect(await select('!tier')).to.deep.equal(['c']);
    expect(await select('metadata.name=b', 'fieldSelector')).to.deep.equal(['b']);
    expect(await select('metadata.name!=b,metadata.namespace=default', 'fieldSelector')).to.deep.equal([
      'a',
      'c',
    ]);
  });

  it('shows one moment on all pages of a list, whatever happens in between', async () => {
    const first = await cluster.ask('GET', `${CONFIGS}?limit=1`);
    expect(namesIn(first.body)).to.deep.equal(['a']);
    await cluster.ask('DELETE', `${CONFIGS}/b`);
    await cluster.ask('POST', CONFIGS, { metadata: { name: 'bb' } });
    await cluster.ask(
      'PATCH',
      `${CONFIGS}/c`,
      { data: { name: 'changed' } },
      { type: 'application/merge-patch+json' },
    );
    const next = encodeURIComponent(String(at(first.body, 'metadata', 'continue')));
    const second = await cluster.ask('GET', `${CONFIGS}?limit=5&continue=${next}`);
    expect(namesIn(second.body)).to.deep.equal(['b', 'c']);
    expect(at(second.body, 'items', 1, 'data', 'name')).to.equal('c');
    expect(at(second.body, 'metadata', 'resourceVersion')).to.equal(
      at(first.body, 'metadata', 'resourceVersion'),
    );
    expect(at(second.body, 'metadata', 'continue')).to.equal(undefined);
    const now = await cluster.ask('GET', CONFIGS);
    expect(namesIn(now.body)).to.deep.equal(['a', 'bb', 'c']);
  });

  it('applies the four kinds of patches', async () => {
    const patch = async (type: string, body: unknown, name = 'p'): Promise<unknown> => {
      const done = await cluster.ask('PATCH', `${CONFIGS}/${name}`, body, { type });
      expect(done.status, done.text).to.be.within(200, 201);
      return done.body['data'];
    };
    const apply = 'application/apply-patch+yaml';
    const whole = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'p' }, data: { a: '1', b: '2' } };
    expect(await patch(apply, whole)).to.deep.equal({ a: '1', b: '2' });
    expect(await patch('application/merge-patch+json', { data: { a: null, c: '3' } })).to.deep.equal({
      b: '2',
      c: '3',
    });
    expect(
      await patch('application/json-patch+json', [
        { op: 'test', path: '/data/b', value: '2' },
        { op: 'replace', path: '/data/b', value: '5' },
        { op: 'move', from: '/data/c', path: '/data/d' },
      ]),
    ).to.deep.equal({ b: '5', d: '3' });
    const failed = [{ op: 'test', path: '/data/b', value: '2' }];
    expect(
      (await cluster.ask('PATCH', `${CONFIGS}/p`, failed, { type: 'application/json-patch+json' })).status,
    ).to.equal(422);
    await cluster.ask('POST', '/api/v1/namespaces/default/pods', podNamed('merged'));
    const more = {
      spec: {
        containers: [
          { name: 'main', image: 'b' },
          { name: 'side', image: 'c' },
        ],
      },
    };
    const merged = await cluster.ask('PATCH', '/api/v1/namespaces/default/pods/merged', more, {
      type: 'application/strategic-merge-patch+json',
    });
    const images = (at(merged.body, 'spec', 'containers') as readonly unknown[]).map((each) =>
      at(each, 'image'),
    );
    expect(images).to.deep.equal(['b', 'c']);
  });

  it('counts the generation of a workload, and keeps status and spec apart', async () => {
    const labels = { app: 'd' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'd', image: 'd' }] } };
    const created = await cluster.ask('POST', DEPLOYMENTS, {
      metadata: { generateName: 'd-' },
      spec: { replicas: 1, selector: { matchLabels: labels }, template },
      unknown: { kept: true },
    });
    const name = String(at(created.body, 'metadata', 'name'));
    expect(name).to.match(/^d-[0-9a-f]{5}$/);
    expect(created.body['unknown']).to.deep.equal({ kept: true });
    const path = `${DEPLOYMENTS}/${name}`;
    const merge = { type: 'application/merge-patch+json' };
    const status = await cluster.ask(
      'PATCH',
      `${path}/status`,
      { spec: { replicas: 9 }, status: { replicas: 4 } },
      merge,
    );
    expect([at(status.body, 'spec', 'replicas'), at(status.body, 'status', 'replicas')]).to.deep.equal([
      1, 4,
    ]);
    const ignored = await cluster.ask('PATCH', path, { status: { replicas: 7 } }, merge);
    expect(at(ignored.body, 'status', 'replicas')).to.equal(4);
    expect(at(ignored.body, 'metadata', 'generation')).to.equal(1);
    const scaled = await cluster.ask('PATCH', `${path}/scale`, { spec: { replicas: 3 } }, merge);
    expect(scaled.body).to.deep.include({ kind: 'Scale', spec: { replicas: 3 } });
    const read = await cluster.ask('GET', path);
    expect([at(read.body, 'spec', 'replicas'), at(read.body, 'metadata', 'generation')]).to.deep.equal([
      3, 2,
    ]);
    const same = await cluster.ask('PUT', path, read.body);
    expect(at(same.body, 'metadata', 'resourceVersion')).to.equal(
      at(read.body, 'metadata', 'resourceVersion'),
    );
  });

  it('marks a bound pod as being deleted, and removes an unbound one or without grace', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    for (const name of ['unbound', 'bound']) await cluster.ask('POST', pods, podNamed(name));
    await cluster.ask('POST', `${pods}/bound/binding`, { target: { name: 'compute-1' } });
    expect((await cluster.ask('DELETE', `${pods}/unbound`)).status).to.equal(200);
    expect((await cluster.ask('GET', `${pods}/unbound`)).status).to.equal(404);
    const marked = await cluster.ask('DELETE', `${pods}/bound`);
    expect(at(marked.body, 'metadata', 'deletionGracePeriodSeconds')).to.equal(30);
    expect((await cluster.ask('GET', `${pods}/bound`)).status).to.equal(200);
    await cluster.ask('DELETE', `${pods}/bound`, { gracePeriodSeconds: 0 });
    expect((await cluster.ask('GET', `${pods}/bound`)).status).to.equal(404);
  });

  it('deletes a collection by its labels alone, and lets nobody into a namespace that is being deleted', async () => {
    await cluster.ask('POST', '/api/v1/namespaces', { metadata: { name: 'leaving' } });
    const inside = '/api/v1/namespaces/leaving/configmaps';
    for (const name of ['x', 'y'])
      await cluster.ask('POST', inside, { metadata: { name, labels: { name } } });
    await cluster.ask('DELETE', `${inside}?labelSelector=name%3Dx`);
    expect(namesIn((await cluster.ask('GET', inside)).body)).to.deep.equal(['y']);
    const leaving = await cluster.ask('DELETE', '/api/v1/namespaces/leaving');
    expect(at(leaving.body, 'status', 'phase')).to.equal('Terminating');
    const late = await cluster.ask('POST', inside, { metadata: { name: 'z' } });
    expect([late.status, at(late.body, 'details', 'causes', 0, 'reason')]).to.deep.equal([
      403,
      'NamespaceTerminating',
    ]);
  });

  it('prints tables and logs, and answers what the user may do', async () => {
    const table = await cluster.ask('GET', `${CONFIGS}?labelSelector=tier`, undefined, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    });
    expect(table.body['kind']).to.equal('Table');
    expect(at(table.body, 'rows', 0, 'cells', 0)).to.equal('a');
    const log = await cluster.ask('GET', '/api/v1/namespaces/default/pods/merged/log');
    expect(log.text.trim().split('\n')).to.have.length(1);
    const review = { spec: { resourceAttributes: { verb: 'delete', resource: 'pods' } } };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    for (const [user, allowed] of [
      ['admin-token', true],
      ['reader-token', false],
    ] as const)
      expect(
        at((await cluster.ask('POST', path, review, { token: user })).body, 'status', 'allowed'),
      ).to.equal(allowed);
  });
});
