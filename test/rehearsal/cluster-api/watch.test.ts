import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { ADMIN, at, startModelCluster, type ModelCluster } from './model-cluster.ts';

const CONFIGS = '/api/v1/namespaces/default/configmaps';

interface Line {
  readonly type: string;
  readonly object: Readonly<Record<string, unknown>>;
}

describe('API of the model cluster: watches', () => {
  let cluster: ModelCluster;

  before(async () => {
    cluster = await startModelCluster();
    await cluster.ask('POST', '/api/v1/namespaces', { metadata: { name: 'default' } });
  });
  after(() => cluster.close());

  /** All lines of a watch until the server ends it. */
  const watched = async (query: string): Promise<readonly Line[]> => {
    const response = await fetch(`${cluster.url}${CONFIGS}?watch=true&${query}`, {
      headers: { authorization: `Bearer ${ADMIN}` },
    });
    expect(response.status).to.equal(200);
    const text = await response.text();
    return text.trim() === ''
      ? []
      : text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Line);
  };
  const told = (lines: readonly Line[]): readonly string[] =>
    lines.map(
      ({ type, object }) =>
        `${type} ${String(at(object, 'metadata', 'name'))} ${String(at(object, 'data', 'n'))}`,
    );

  it('tells every change once and in order, and ends in time with a bookmark of the last one', async () => {
    const watching = watched(
      `timeoutSeconds=0.4&allowWatchBookmarks=true&resourceVersion=${cluster.store.revision()}`,
    );
    await cluster.ask('POST', CONFIGS, { metadata: { name: 'w' }, data: { n: '1' } });
    await cluster.ask('PUT', `${CONFIGS}/w`, { metadata: { name: 'w' }, data: { n: '2' } });
    await cluster.ask('DELETE', `${CONFIGS}/w`);
    await cluster.ask('POST', '/api/v1/namespaces', { metadata: { name: 'elsewhere' } });
    const lines = await watching;
    expect(told(lines.slice(0, 3))).to.deep.equal(['ADDED w 1', 'MODIFIED w 2', 'DELETED w 2']);
    expect(lines.map(({ type }) => type).slice(3)).to.deep.equal(['BOOKMARK']);
    const versions = lines.map(({ object }) => Number(at(object, 'metadata', 'resourceVersion')));
    expect([...versions].sort((a, b) => a - b)).to.deep.equal(versions);
    expect(new Set(versions.slice(0, 3)).size).to.equal(3);
    expect(versions.at(-1)).to.equal(cluster.store.revision());
  });

  it('goes on where another watch ended, and starts with what is there when it is told no place', async () => {
    const place = cluster.store.revision();
    await cluster.ask('POST', CONFIGS, { metadata: { name: 'late' }, data: { n: '1' } });
    expect(told(await watched(`timeoutSeconds=0.1&resourceVersion=${place}`))).to.deep.equal([
      'ADDED late 1',
    ]);
    expect(
      told(await watched(`timeoutSeconds=0.1&resourceVersion=${cluster.store.revision()}`)),
    ).to.deep.equal([]);
    expect(told(await watched('timeoutSeconds=0.1'))).to.deep.equal(['ADDED late 1']);
  });

  it('tells what begins to match as added, and what no longer matches as deleted', async () => {
    const merge = { type: 'application/merge-patch+json' };
    const watching = watched(
      `timeoutSeconds=0.4&labelSelector=shown%3Dyes&resourceVersion=${cluster.store.revision()}`,
    );
    await cluster.ask('POST', CONFIGS, { metadata: { name: 's' }, data: { n: '1' } });
    for (const [shown, n] of [
      ['yes', '2'],
      ['yes', '3'],
      ['no', '4'],
      ['no', '5'],
    ])
      await cluster.ask('PATCH', `${CONFIGS}/s`, { metadata: { labels: { shown } }, data: { n } }, merge);
    expect(told(await watching)).to.deep.equal(['ADDED s 2', 'MODIFIED s 3', 'DELETED s 3']);
  });

  it('says 410 in an event when it has forgotten the place', async () => {
    const place = cluster.store.revision();
    await cluster.ask('POST', CONFIGS, { metadata: { name: 'forgotten' } });
    cluster.store.compact();
    const lines = await watched(`timeoutSeconds=5&resourceVersion=${place}`);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.deep.include({ type: 'ERROR' });
    expect(lines[0]?.object).to.include({ kind: 'Status', code: 410, reason: 'Expired' });
  });
});
