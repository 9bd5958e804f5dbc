import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { ApiAnswer } from '../../../src/labs/reference/cluster-reader.ts';
import { freeLeaders } from '../../../src/labs/reference/free-leaders.ts';

const SINCE = '2026-11-21T12:00:00.000Z';

function clusterWith(renewTime: string | undefined, deletes = 200) {
  const asked: string[] = [];
  return {
    asked,
    async ask(method: string, path: string, body?: object): Promise<ApiAnswer | undefined> {
      asked.push(
        `${method} ${path.split('/').at(-1)}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`,
      );
      if (method === 'DELETE') return { status: deletes, body: {} };
      if (renewTime === undefined) return undefined;
      return { status: 200, body: { metadata: { resourceVersion: '7' }, spec: { renewTime } } };
    },
  };
}

describe('freeLeaders', () => {
  it('takes leases that are older than the start, each only as it was read', async () => {
    const cluster = clusterWith('2026-11-21T11:59:59.000000Z');
    expect(await freeLeaders(cluster, SINCE)).to.equal(undefined);
    expect(cluster.asked).to.deep.equal([
      'GET kube-controller-manager',
      'DELETE kube-controller-manager {"preconditions":{"resourceVersion":"7"}}',
      'GET kube-scheduler',
      'DELETE kube-scheduler {"preconditions":{"resourceVersion":"7"}}',
    ]);
  });

  it('leaves a leader alone that was elected since, and one that was faster than we', async () => {
    const elected = clusterWith('2026-11-21T12:00:01.000000Z');
    expect(await freeLeaders(elected, SINCE)).to.equal(undefined);
    expect(elected.asked).to.deep.equal(['GET kube-controller-manager', 'GET kube-scheduler']);
    expect(await freeLeaders(clusterWith('2026-11-21T11:00:00.000000Z', 409), SINCE)).to.equal(undefined);
  });

  it('says what is in the way', async () => {
    expect(await freeLeaders(clusterWith(undefined), SINCE)).to.match(/does not answer/);
    expect(await freeLeaders(clusterWith('2026-11-21T11:00:00.000000Z', 500), SINCE)).to.match(
      /cannot be freed/,
    );
  });
});
