import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { withCondition } from '../../../src/rehearsal/cluster-api/conditions.ts';
import { ObjectClient } from '../../../src/rehearsal/cluster-api/object-client.ts';
import { at, podNamed, READER, startModelCluster, token, type ModelCluster } from './model-cluster.ts';

const CONFIGS = '/api/v1/namespaces/default/configmaps';

describe('API of the model cluster: what it refuses', () => {
  let cluster: ModelCluster;

  before(async () => {
    cluster = await startModelCluster();
    await cluster.ask('POST', '/api/v1/namespaces', { metadata: { name: 'default' } });
  });
  after(() => cluster.close());

  const refused = async (
    expected: readonly [number, string],
    ...asked: Parameters<ModelCluster['ask']>
  ): Promise<Readonly<Record<string, unknown>>> => {
    const { status, body } = await cluster.ask(...asked);
    expect([status, body['reason']], JSON.stringify(body)).to.deep.equal([...expected]);
    expect(body).to.include({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: expected[0] });
    expect(body['message']).to.be.a('string').and.not.equal('');
    return body;
  };

  it('401 without a token, and with one that it never gave out, even where no token is needed', async () => {
    await refused([401, 'Unauthorized'], 'GET', CONFIGS, undefined, { token: null });
    await refused([401, 'Unauthorized'], 'GET', CONFIGS, undefined, { token: 'wrong' });
    await refused([401, 'Unauthorized'], 'GET', '/version', undefined, { token: 'wrong' });
    expect((await cluster.ask('GET', '/version', undefined, { token: null })).status).to.equal(200);
  });

  it('403 for every write of the reader, and never for a read', async () => {
    for (const method of ['POST', 'DELETE'])
      await refused([403, 'Forbidden'], method, CONFIGS, {}, { token: READER });
    for (const method of ['PUT', 'PATCH', 'DELETE'])
      await refused([403, 'Forbidden'], method, `${CONFIGS}/one`, {}, { token: READER });
    expect((await cluster.ask('GET', CONFIGS, undefined, { token: READER })).status).to.equal(200);
  });

  it('404 for paths and for objects, each in its own way', async () => {
    for (const path of [
      '/nothing',
      '/api/v1/things',
      '/apis/none/v1/pods',
      '/api/v1/namespaces/default/nodes',
      '/apis/apps/v1beta1/deployments',
    ]) {
      const { status, text } = await cluster.ask('GET', path);
      expect([status, text], path).to.deep.equal([404, '404 page not found\n']);
    }
    const pod = await refused([404, 'NotFound'], 'GET', '/api/v1/namespaces/default/pods/gone');
    expect(pod['message']).to.equal('pods "gone" not found');
    expect(pod['details']).to.include({ name: 'gone', kind: 'pods' });
    const app = await refused([404, 'NotFound'], 'GET', '/apis/apps/v1/namespaces/default/deployments/gone');
    expect(app['message']).to.equal('deployments.apps "gone" not found');
    const home = await refused([404, 'NotFound'], 'POST', '/api/v1/namespaces/nowhere/configmaps', {
      metadata: { name: 'a' },
    });
    expect(home['message']).to.equal('namespaces "nowhere" not found');
    for (const method of ['PUT', 'DELETE'])
      await refused([404, 'NotFound'], method, `${CONFIGS}/gone`, {
        ...(method === 'PUT' ? { metadata: { name: 'gone' } } : {}),
      });
    await refused(
      [404, 'NotFound'],
      'PATCH',
      `${CONFIGS}/gone`,
      {},
      { type: 'application/merge-patch+json' },
    );
  });

  it('405 where a method makes no sense', async () => {
    await refused([405, 'MethodNotAllowed'], 'PUT', CONFIGS, {});
    await refused([405, 'MethodNotAllowed'], 'POST', `${CONFIGS}/one`, {});
    await refused([405, 'MethodNotAllowed'], 'DELETE', '/api/v1/namespaces');
    await refused([405, 'MethodNotAllowed'], 'POST', '/api/v1/configmaps', { metadata: { name: 'a' } });
  });

  it('409 for a name that is taken, an old version and another uid', async () => {
    const created = await cluster.ask('POST', CONFIGS, { metadata: { name: 'taken' }, data: { a: '1' } });
    expect(created.status).to.equal(201);
    const again = await refused([409, 'AlreadyExists'], 'POST', CONFIGS, { metadata: { name: 'taken' } });
    expect(again['message']).to.equal('configmaps "taken" already exists');
    await cluster.ask('PUT', `${CONFIGS}/taken`, { metadata: { name: 'taken' }, data: { a: '2' } });
    await refused([409, 'Conflict'], 'PUT', `${CONFIGS}/taken`, created.body);
    const resourceVersion = at(created.body, 'metadata', 'resourceVersion');
    const merge = { type: 'application/merge-patch+json' };
    await refused([409, 'Conflict'], 'PATCH', `${CONFIGS}/taken`, { metadata: { resourceVersion } }, merge);
    await refused([409, 'Conflict'], 'DELETE', `${CONFIGS}/taken`, { preconditions: { uid: 'another' } });
    const uid = at(created.body, 'metadata', 'uid');
    expect((await cluster.ask('DELETE', `${CONFIGS}/taken`, { preconditions: { uid } })).status).to.equal(
      200,
    );
  });

  it('422 that names every field', async () => {
    const causes = async (path: string, object: unknown): Promise<readonly unknown[]> => {
      const body = await refused([422, 'Invalid'], 'POST', path, object);
      return (at(body, 'details', 'causes') as readonly unknown[]).map((cause) => at(cause, 'field'));
    };
    expect(await causes(CONFIGS, { metadata: { name: 'Not_Valid' } })).to.deep.equal(['metadata.name']);
    expect(await causes(CONFIGS, { metadata: {} })).to.deep.equal(['metadata.name']);
    expect(
      await causes(CONFIGS, { metadata: { name: 'A' }, data: { 'no key!': '1', key: '1' } }),
    ).to.deep.equal(['metadata.name', 'data[no key!]']);
    const spec = {
      selector: { matchLabels: { app: 'a' } },
      template: { metadata: { labels: { app: 'b' } } },
    };
    const mismatch = { metadata: { name: 'a' }, spec };
    expect(await causes('/apis/apps/v1/namespaces/default/deployments', mismatch)).to.deep.equal([
      'spec.template.metadata.labels',
    ]);
    const ports = { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }, { port: 70_000 }] } };
    expect(await causes('/api/v1/namespaces/default/services', ports)).to.deep.equal(['spec.ports[1].port']);
    expect(await causes('/api/v1/namespaces', { metadata: { name: 'with.dot' } })).to.deep.equal([
      'metadata.name',
    ]);
  });

  it('415 and 400 for what it cannot read', async () => {
    await refused([415, 'UnsupportedMediaType'], 'POST', CONFIGS, 'a', { type: 'text/plain' });
    await refused([415, 'UnsupportedMediaType'], 'PATCH', `${CONFIGS}/a`, {}, { type: 'application/json' });
    await refused([400, 'BadRequest'], 'POST', CONFIGS, '{"metadata":');
    await refused([400, 'BadRequest'], 'POST', CONFIGS, '[]');
    await refused([400, 'BadRequest'], 'POST', CONFIGS, {
      kind: 'Secret',
      apiVersion: 'v1',
      metadata: { name: 'a' },
    });
    await refused([400, 'BadRequest'], 'POST', CONFIGS, { metadata: { name: 'a', namespace: 'other' } });
    await refused([400, 'BadRequest'], 'PUT', `${CONFIGS}/a`, { metadata: { name: 'b' } });
    await refused([400, 'BadRequest'], 'GET', `${CONFIGS}?labelSelector=${encodeURIComponent('a in (b')}`);
    await refused([400, 'BadRequest'], 'GET', `${CONFIGS}?fieldSelector=data.a=1`);
    await refused([400, 'BadRequest'], 'POST', `${CONFIGS}?dryRun=All`, { metadata: { name: 'a' } });
  });

  it('500 while the store has no majority, at /readyz as well, and not at /livez', async () => {
    cluster.store.cutOff(true);
    try {
      await refused([500, 'InternalError'], 'GET', CONFIGS);
      await refused([500, 'InternalError'], 'POST', CONFIGS, { metadata: { name: 'a' } });
      expect((await cluster.ask('GET', '/readyz', undefined, { token: null })).status).to.equal(500);
      expect((await cluster.ask('GET', '/livez', undefined, { token: null })).status).to.equal(200);
    } finally {
      cluster.store.cutOff(false);
    }
    expect((await cluster.ask('GET', '/readyz')).text).to.equal('ok');
  });

  it('429 for an eviction that a budget does not allow, also when the owner lacks a pod already', async () => {
    const objects = new ObjectClient({ store: cluster.store, nowMs: () => Date.now(), token });
    const labels = { app: 'guarded' };
    const template = { metadata: { labels } };
    const set = {
      spec: { replicas: 3, selector: { matchLabels: labels }, template },
      metadata: { name: 'set' },
    };
    await cluster.ask('POST', '/apis/apps/v1/namespaces/default/statefulsets', set);
    const pods = '/api/v1/namespaces/default/pods';
    for (const name of ['guarded-1', 'guarded-2', 'guarded-3']) {
      await cluster.ask('POST', pods, podNamed(name, { metadata: { name, labels } }));
      await objects.change({ plural: 'pods', namespace: 'default', name }, (pod) =>
        withCondition(pod, { type: 'Ready', status: 'True' }, 0),
      );
    }
    const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
    const budget = {
      metadata: { name: 'guard' },
      spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    };
    await cluster.ask('POST', budgets, budget);
    const evict = (name: string): Parameters<ModelCluster['ask']> => [
      'POST',
      `${pods}/${name}/eviction`,
      { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } },
    ];
    expect((await cluster.ask(...evict('guarded-1'))).status).to.equal(201);
    await refused([429, 'TooManyRequests'], ...evict('guarded-2'));
    const none = { spec: { maxUnavailable: null, minAvailable: 1 } };
    await cluster.ask('PATCH', `${budgets}/guard`, none, { type: 'application/merge-patch+json' });
    expect((await cluster.ask(...evict('guarded-2'))).status).to.equal(201);
    await refused([429, 'TooManyRequests'], ...evict('guarded-3'));
  });
});
