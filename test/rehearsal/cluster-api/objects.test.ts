import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { ADMIN, at, podNamed, startModelCluster, type ModelCluster } from './model-cluster.ts';

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
    expect(await select('tier!=one,app')).to.deep.equal(['b', 'c']);
    expect(await select('tier')).to.deep.equal(['a', 'b']);
    expect(await select('!tier')).to.deep.equal(['c']);
    expect(await select('metadata.name=b', 'fieldSelector')).to.deep.equal(['b']);
    expect(await select('metadata.name!=b,metadata.namespace=default', 'fieldSelector')).to.deep.equal([
      'a',
      'c',
    ]);
  });

  it('applies merge patches, and strategic ones to lists whose entries have names', async () => {
    const patch = async (type: string, path: string, body: unknown): Promise<unknown> => {
      const done = await cluster.ask('PATCH', path, body, { type: `application/${type}+json` });
      expect(done.status, done.text).to.equal(200);
      return done.body;
    };
    const data = { data: { name: null, c: '3' } };
    expect(at(await patch('merge-patch', `${CONFIGS}/a`, data), 'data')).to.deep.equal({ c: '3' });
    const pods = '/api/v1/namespaces/default/pods';
    await cluster.ask('POST', pods, podNamed('merged'));
    const containers = [
      { name: 'main', stdin: true },
      { name: 'side', image: 'c' },
    ];
    const change = { spec: { '$setElementOrder/containers': [], containers } };
    const merged = await patch('strategic-merge-patch', `${pods}/merged`, change);
    expect(at(merged, 'spec', 'containers')).to.deep.equal([
      { name: 'main', image: 'registry.k8s.io/pause:3.10', stdin: true },
      { name: 'side', image: 'c' },
    ]);
    expect(at(merged, 'spec')).to.have.keys(['containers', 'tolerations']);
    const replaced = await patch('merge-patch', `${pods}/merged`, { spec: { containers } });
    expect(at(replaced, 'spec', 'containers')).to.deep.equal(containers);
  });

  it('counts the generation of a workload, and keeps status and spec apart', async () => {
    const labels = { app: 'd' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'd', image: 'd' }] } };
    const created = await cluster.ask('POST', DEPLOYMENTS, {
      metadata: { name: 'd' },
      spec: { replicas: 1, selector: { matchLabels: labels }, template },
      unknown: { kept: true },
    });
    expect(created.body['unknown']).to.deep.equal({ kept: true });
    const path = `${DEPLOYMENTS}/d`;
    const merge = { type: 'application/merge-patch+json' };
    const ignored = await cluster.ask('PATCH', path, { status: { replicas: 7 } }, merge);
    expect([at(ignored.body, 'status'), at(ignored.body, 'metadata', 'generation')]).to.deep.equal([{}, 1]);
    await cluster.ask(
      'PATCH',
      path,
      { spec: { replicas: 3 }, metadata: { generation: 9, uid: null } },
      merge,
    );
    const read = await cluster.ask('GET', path);
    expect([at(read.body, 'spec', 'replicas'), at(read.body, 'metadata', 'generation')]).to.deep.equal([
      3, 2,
    ]);
    expect(at(read.body, 'metadata', 'uid')).to.equal(at(created.body, 'metadata', 'uid'));
    const same = await cluster.ask('PUT', path, read.body);
    expect(at(same.body, 'metadata', 'resourceVersion')).to.equal(
      at(read.body, 'metadata', 'resourceVersion'),
    );
  });

  it('marks a bound pod as being deleted, and removes an unbound one or without grace', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    await cluster.ask('POST', pods, podNamed('unbound'));
    await cluster.ask('POST', pods, podNamed('bound', { spec: { nodeName: 'compute-1' } }));
    expect((await cluster.ask('DELETE', `${pods}/unbound`)).status).to.equal(200);
    expect((await cluster.ask('GET', `${pods}/unbound`)).status).to.equal(404);
    const marked = await cluster.ask('DELETE', `${pods}/bound`);
    expect(at(marked.body, 'metadata', 'deletionGracePeriodSeconds')).to.equal(30);
    for (const [asked, given] of [
      [5, 5],
      [60, 5],
    ]) {
      const again = await cluster.ask('DELETE', `${pods}/bound`, { gracePeriodSeconds: asked });
      expect(at(again.body, 'metadata', 'deletionGracePeriodSeconds')).to.equal(given);
    }
    expect((await cluster.ask('GET', `${pods}/bound`)).status).to.equal(200);
    await cluster.ask('DELETE', `${pods}/bound`, { gracePeriodSeconds: 0 });
    expect((await cluster.ask('GET', `${pods}/bound`)).status).to.equal(404);
  });

  it('keeps what has finalizers until the last one is gone', async () => {
    const finalizers = ['example.com/wait'];
    await cluster.ask('POST', CONFIGS, { metadata: { name: 'held', finalizers } });
    const held = await cluster.ask('DELETE', `${CONFIGS}/held`);
    expect(at(held.body, 'metadata', 'deletionTimestamp')).to.be.a('string');
    const merge = { type: 'application/merge-patch+json' };
    await cluster.ask('PATCH', `${CONFIGS}/held`, { data: { a: '1' } }, merge);
    expect((await cluster.ask('GET', `${CONFIGS}/held`)).status).to.equal(200);
    await cluster.ask('PATCH', `${CONFIGS}/held`, { metadata: { finalizers: null } }, merge);
    expect((await cluster.ask('GET', `${CONFIGS}/held`)).status).to.equal(404);
  });

  it('lets nobody into a namespace that is being deleted', async () => {
    await cluster.ask('POST', '/api/v1/namespaces', { metadata: { name: 'leaving' } });
    const leaving = await cluster.ask('DELETE', '/api/v1/namespaces/leaving');
    expect(at(leaving.body, 'status', 'phase')).to.equal('Terminating');
    const late = await cluster.ask('POST', '/api/v1/namespaces/leaving/configmaps', {
      metadata: { name: 'z' },
    });
    expect([late.status, late.body['reason']]).to.deep.equal([403, 'Forbidden']);
  });

  it('tells kubectl what there is, and that it need not check fields itself', async () => {
    for (const root of ['/api/v1', '/apis/apps/v1']) {
      const listed = (await cluster.ask('GET', root)).body['resources'] as readonly unknown[];
      const document = await cluster.ask('GET', '/openapi/v3/all');
      const paths = Object.values(document.body['paths'] as object).map((each) => at(each, 'patch'));
      const kinds = paths.map((each) => at(each, 'x-kubernetes-group-version-kind', 'kind'));
      expect(kinds).to.include.members(
        listed.map((each) => at(each, 'kind')).filter((kind) => kind !== 'Eviction'),
      );
      expect(paths.map((each) => at(each, 'parameters', 0, 'name'))).to.include('fieldValidation');
    }
    const basic = await fetch(`${cluster.url}/api/v1/nodes`, {
      headers: { authorization: `Basic ${Buffer.from(`admin:${ADMIN}`).toString('base64')}` },
    });
    expect(basic.status).to.equal(200);
  });
});
