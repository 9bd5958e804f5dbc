import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { CaseContext } from '../../src/conformance/case-context.ts';
import { seconds } from '../../src/model/duration.ts';
import { eventually } from '../../src/conformance/eventually.ts';
import { askPod, podSpec, untilPod, untilReadyPods } from '../../src/conformance/test-pods.ts';
import type { ApiRequest } from '../../src/ports/api-client.ts';
import type { Clock } from '../../src/ports/clock.ts';

const POD = { name: 'p', path: '/api/v1/namespaces/n/pods/p' };

const pod = (name: string, ready: boolean, going = false): object => ({
  metadata: { name, ...(going ? { deletionTimestamp: 'now' } : {}) },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});

/** A clock on which a sleep takes no time but its own. */
function clockThatRuns(): Clock {
  let ns = 0;
  const sleep = (duration: { readonly ms: number }): Promise<void> => {
    ns += duration.ms * 1e6;
    return Promise.resolve();
  };
  return { now: () => ({ clock: 'test', ns }), sleep } as unknown as Clock;
}

/** A context whose API gives these answers, one after the other, and the last one for ever. */
function contextOf(answers: readonly unknown[]): { context: CaseContext; asked: ApiRequest[] } {
  const asked: ApiRequest[] = [];
  const left = [...answers];
  const next = (): Promise<unknown> => Promise.resolve(left.length > 1 ? left.shift() : left[0]);
  const clock = clockThatRuns();
  const context = {
    testImage: { name: 'image', pullPolicy: 'Never' },
    kubernetes: {
      request: (request: ApiRequest) => (asked.push(request), next()),
      get: next,
      list: next,
    },
    eventually: (says: string, look: () => Promise<unknown>, limits = {}) =>
      eventually(says, look, { within: seconds(50), ...limits }, clock, new AbortController().signal),
  };
  return { context: context as unknown as CaseContext, asked };
}

describe('conformance: pods of the test image', () => {
  it('are as small as they can be, and what a wish says wins', () => {
    const { context } = contextOf([]);
    const spec = podSpec(context, {
      args: ['version'],
      container: { name: 'other' },
      spec: { automountServiceAccountToken: true },
    });
    expect(spec).to.deep.equal({
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: true,
      containers: [{ name: 'other', image: 'image', imagePullPolicy: 'Never', args: ['version'] }],
    });
  });

  it('are asked through the API server, with the whole question', async () => {
    const { context, asked } = contextOf([{ status: 200, body: 'yes' }]);
    expect(await askPod(context, POD, '/get?url=http%3A%2F%2Fa%3Fb%3D1&ms=7')).to.equal('yes');
    expect(asked).to.deep.equal([
      { method: 'GET', path: `${POD.path}:8080/proxy/get`, query: { url: 'http://a?b=1', ms: '7' } },
    ]);
  });

  it('say with which status they refused a question', async () => {
    const { context } = contextOf([{ status: 404, body: 'no such file' }]);
    const refused = await askPod(context, POD, '/file?path=x').catch((error: unknown) => error);
    expect(refused).to.be.an('error').with.nested.property('facts.status', 404);
    expect(String(refused)).to.contain('no such file');
  });

  it('are waited for, also while they are not there', async () => {
    const { context } = contextOf([undefined, pod('p', false), pod('p', true)]);
    const found = await untilPod(
      context,
      POD,
      'it is ready',
      ({ status }) => status.conditions?.[0]?.status === 'True',
    );
    expect(found.metadata.name).to.equal('p');
  });

  it('count only when no other is there, ready or on its way out', async () => {
    const all = [
      [pod('a', true), pod('b', true, true)],
      [pod('a', true), pod('b', false)],
      [pod('a', true), pod('b', true), pod('c', true)],
      [pod('a', true), pod('c', true)],
    ];
    const { context } = contextOf(all);
    const found = await untilReadyPods(context, 'n', 'app=a', 2);
    expect(found.map(({ metadata }) => metadata.name)).to.deep.equal(['a', 'c']);
    const short = contextOf([[pod('a', true)]]);
    const given = await untilReadyPods(short.context, 'n', 'app=a', 2).catch((error: unknown) => error);
    expect(String(given)).to.contain('1 of 1 pods are ready');
  });
});
