import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { openLane } from '../../src/conformance/lane.ts';
import type { CaseResult, SuiteFile } from '../../src/model/conformance.ts';
import { milliseconds } from '../../src/model/duration.ts';
import { HarnessError } from '../../src/model/errors.ts';
import type { ApiRequest, ApiResponse } from '../../src/ports/api-client.ts';
import type { KubernetesApi } from '../../src/ports/kubernetes.ts';
import type { FromLane, LaneAssignment } from '../../src/ports/lanes.ts';
import { isNotForLab } from '../../src/report/case-outcomes.ts';
import { WrittenSuites } from './written-suites.ts';

type Answer = (request: ApiRequest) => { readonly status: number; readonly body?: unknown };

/** A Kubernetes API that answers by a function, and remembers what it was asked. */
function fakeKubernetes(answer: Answer, asked: ApiRequest[] = []): KubernetesApi {
  const clock = createSystemClock();
  const never = (): never => {
    throw new Error('This fake has no such verb.');
  };
  return {
    name: 'kubernetes',
    request: async <Body>(request: ApiRequest): Promise<ApiResponse<Body>> => {
      request.signal?.throwIfAborted();
      asked.push(request);
      const { status, body } = answer(request);
      const now = clock.now();
      return {
        status,
        body: body as Body,
        headers: {},
        sent: now,
        received: now,
        url: `http://api${request.path}`,
      };
    },
    get: async (path) => {
      asked.push({ method: 'GET', path });
      const { status, body } = answer({ method: 'GET', path });
      if (status !== 200)
        throw new HarnessError('SQ_BAD_ANSWER', `answered ${status}`, { facts: { status } });
      return body as Awaited<ReturnType<KubernetesApi['get']>>;
    },
    list: never,
    create: never,
    patch: never,
    delete: never,
    watch: never,
    access: never,
  };
}

interface Told {
  readonly messages: readonly FromLane[];
  readonly results: ReadonlyMap<string, CaseResult>;
}

async function runFile(
  file: SuiteFile,
  kubernetes: KubernetesApi,
  more: Partial<LaneAssignment> = {},
  rounds = 1,
): Promise<Told> {
  const messages: FromLane[] = [];
  const lane = openLane(
    {
      run: 'r1',
      lane: 1,
      stage: 'alone',
      client: 'strict',
      connection: {},
      abilities: ['kubernetes'],
      selection: { suites: [], tags: [] },
      caseTimeout: milliseconds(400),
      ...more,
    },
    { clock: createSystemClock(), kubernetes, send: (message) => messages.push(message) },
  );
  for (let round = 1; round <= rounds; round++) lane.receive({ kind: 'run', file, round });
  const ends = (): number =>
    messages.filter(({ kind }) => kind === 'file-done' || kind === 'file-failed').length;
  while (ends() < rounds) await new Promise((resolve) => setImmediate(resolve));
  lane.receive({ kind: 'stop' });
  await lane.closed;
  const results = messages.flatMap((message) => (message.kind === 'result' ? [message.result] : []));
  return { messages, results: new Map(results.map((result) => [result.id, result])) };
}

const ok: Answer = (request) =>
  request.method === 'POST'
    ? {
        status: 201,
        body: {
          ...(request.body as object),
          metadata: { ...(request.body as { metadata: object }).metadata, uid: 'u1' },
        },
      }
    : { status: 200, body: { metadata: { name: 'x' } } };

describe('openLane', () => {
  let suites: WrittenSuites;
  before(() => (suites = new WrittenSuites()));
  after(() => suites.remove());

  it('tells how each case ended: passed, failed with its difference, skipped with its reason, unknown when it takes too long', async () => {
    const file = suites.write(
      'lane/outcomes',
      `it('good', { title: 'passes', tags: ['read'] }, async () => {});
       it('bad', { title: 'fails', tags: ['read'] }, () => { expect({ a: 1 }).to.deep.equal({ a: 2 }); });
       it('lacking', { title: 'needs power', tags: ['read'], needs: ['power'] }, () => { throw new Error('never'); });
       it('skips', { title: 'skips', tags: ['read'] }, ({ skip }) => skip('there is nothing to look at'));
       it('endless', { title: 'never ends', tags: ['read'] }, () => new Promise(() => {}));`,
    );
    const { results, messages } = await runFile(file, fakeKubernetes(ok));
    expect([...results.values()].map(({ id, outcome }) => `${id} ${outcome}`)).to.deep.equal([
      'lane/outcomes/good passed',
      'lane/outcomes/bad failed',
      'lane/outcomes/lacking skipped',
      'lane/outcomes/skips skipped',
      'lane/outcomes/endless unknown',
    ]);
    expect(results.get('lane/outcomes/bad')?.details).to.contain('"a": 2');
    expect(results.get('lane/outcomes/lacking')?.reason).to.equal('The lab lacks the ability power.');
    const notForLab = [...results.values()].filter(isNotForLab).map(({ id }) => id);
    expect(notForLab, 'as reports tell them from other skips').to.deep.equal(['lane/outcomes/lacking']);
    expect(results.get('lane/outcomes/skips')?.reason).to.equal('there is nothing to look at');
    expect(results.get('lane/outcomes/endless')?.reason).to.contain('took longer than 400ms');
    expect(messages[0]).to.deep.equal({ kind: 'ready' });
    expect(messages[1]).to.deep.include({ kind: 'planned', suite: 'lane/outcomes' });
  });

  it('writes down what a case makes before it asks for it, and takes it away in reverse order', async () => {
    const file = suites.write(
      'lane/making',
      `it('two', { title: 'makes two', tags: ['write'] }, async ({ make, names }) => {
         for (const what of ['one', 'two']) await make.object('/api/v1/things', { apiVersion: 'v1', kind: 'Thing', metadata: { name: names.fresh(what) } });
       });`,
    );
    const asked: ApiRequest[] = [];
    const order: string[] = [];
    const kubernetes = fakeKubernetes(
      (request) => (order.push(`${request.method} ${request.path}`), ok(request)),
      asked,
    );
    const { messages, results } = await runFile(file, kubernetes);
    expect(results.get('lane/making/two')?.outcome).to.equal('passed');
    expect(order).to.deep.equal([
      'POST /api/v1/things',
      'POST /api/v1/things',
      'DELETE /api/v1/things/sq-r1-two-1-2',
      'DELETE /api/v1/things/sq-r1-one-1-1',
    ]);
    const words = messages.flatMap((message) =>
      'entry' in message ? [`${message.kind} ${message.entry.name}`] : [],
    );
    expect(words.slice(0, 2)).to.deep.equal(['creating sq-r1-one-1-1', 'created sq-r1-one-1-1']);
    expect(words.slice(-2)).to.deep.equal(['deleted sq-r1-two-1-2', 'deleted sq-r1-one-1-1']);
    expect((asked[0]?.body as { metadata: { labels: object } }).metadata.labels).to.deep.equal({
      'squall.dev/run': 'r1',
    });
  });

  it('takes away what a case made also when the case failed or ran out of time', async () => {
    const file = suites.write(
      'lane/leaving',
      `const make1 = ({ make, names }) => make.object('/t', { apiVersion: 'v1', kind: 'T', metadata: { name: names.fresh('t') } });
       it('fails', { title: 'fails', tags: ['write'] }, async (context) => { await make1(context); expect(1).to.equal(2); });
       it('endless', { title: 'endless', tags: ['write'] }, async (context) => { await make1(context); await new Promise(() => {}); });`,
    );
    const { messages, results } = await runFile(file, fakeKubernetes(ok));
    expect([...results.values()].map(({ outcome }) => outcome)).to.deep.equal(['failed', 'unknown']);
    const words = messages.flatMap((message) => ('entry' in message ? [message.kind] : []));
    expect(words).to.deep.equal(['creating', 'created', 'deleted', 'creating', 'created', 'deleted']);
  });

  it('fails a case whose things cannot be taken away, and the last case for those of a hook', async () => {
    const file = suites.write(
      'lane/stuck',
      `shared(({ make, names }) => make.object('/t', { apiVersion: 'v1', kind: 'T', metadata: { name: names.fresh('t') } }));
       it('first', { title: 'first', tags: ['write'] }, () => {});
       it('last', { title: 'last', tags: ['write'] }, () => {});
       after(() => { throw new Error('the hook went wrong'); });`,
    );
    const { results } = await runFile(file, fakeKubernetes(ok));
    expect(results.get('lane/stuck/first')?.outcome).to.equal('passed');
    expect(results.get('lane/stuck/last')).to.include({
      outcome: 'failed',
      reason: 'The hook "after" of its suite failed: the hook went wrong',
    });
  });

  it('fails every case of a suite whose shared thing cannot be made', async () => {
    const file = suites.write(
      'lane/spoiled',
      `const thing = shared(async () => { throw new Error('not today'); });
       it('a', { title: 'a', tags: ['read'] }, () => { thing(); });
       it('b', { title: 'b', tags: ['read'] }, () => {});`,
    );
    const { results } = await runFile(file, fakeKubernetes(ok));
    expect([...results.values()].map(({ outcome }) => outcome)).to.deep.equal(['failed', 'failed']);
    expect(results.get('lane/spoiled/b')?.reason).to.contain('not today');
  });

  it('fails on the first wrong answer with the strict client; the recording one notes it and goes on', async () => {
    const file = suites.write(
      'lane/flaky',
      `it('reads', { title: 'reads', tags: ['read'], needs: ['kubernetes'] }, async ({ kubernetes }) => {
         const answer = await kubernetes.request({ method: 'GET', path: '/things?token=abc' });
         expect(answer.status).to.equal(200);
       });
       it('writes', { title: 'writes', tags: ['write'] }, async ({ kubernetes }) => {
         expect((await kubernetes.request({ method: 'POST', path: '/things', body: { metadata: {} } })).status).to.equal(201);
       });`,
    );
    const flaky = (): KubernetesApi => {
      let reads = 0;
      return fakeKubernetes((request) => {
        if (request.method === 'POST') return { status: 500 };
        return { status: (reads += 1) === 1 ? 503 : 200 };
      });
    };
    const strict = await runFile(file, flaky());
    expect(
      [...strict.results.values()].map(({ outcome, troubles }) => [outcome, troubles.length]),
    ).to.deep.equal([
      ['failed', 0],
      ['failed', 0],
    ]);
    const caseTimeout = milliseconds(3000);
    const recording = await runFile(file, flaky(), { client: 'recording', caseTimeout });
    const read = recording.results.get('lane/flaky/reads');
    expect(read?.outcome).to.equal('passed');
    expect(
      read?.troubles.map(({ status, method, url, phase }) => ({ status, method, url, phase })),
    ).to.deep.equal([{ status: 503, method: 'GET', url: 'http://api/things?token=***', phase: 'answer' }]);
    const write = recording.results.get('lane/flaky/writes');
    expect(write?.outcome).to.equal('failed');
    expect(write?.troubles.map(({ status }) => status)).to.deep.equal([500]);
  });

  it('runs a file again in another round with fresh variables, from one load', async () => {
    const file = suites.write(
      'lane/rounds',
      `let count = 0;
       it('fresh', { title: 'starts anew', tags: ['read'] }, () => { count += 1; expect(count).to.equal(1); });`,
      `globalThis.squallLoads = (globalThis.squallLoads ?? 0) + 1;`,
    );
    const { messages } = await runFile(file, fakeKubernetes(ok), {}, 3);
    const results = messages.flatMap((message) => (message.kind === 'result' ? [message.result] : []));
    expect(results.map(({ round, outcome }) => [round, outcome])).to.deep.equal([
      [1, 'passed'],
      [2, 'passed'],
      [3, 'passed'],
    ]);
    expect((globalThis as { squallLoads?: number }).squallLoads).to.equal(1);
  });

  it('says why a file cannot be run: it does not load, is called otherwise, or names a case twice', async () => {
    const rows: readonly (readonly [string, SuiteFile, RegExp])[] = [
      [
        'throws',
        suites.write('lane/throws', '', `throw new Error('no such thing');`),
        /could not be loaded: no such thing/,
      ],
      [
        'name',
        {
          ...suites.write('lane/other', `it('a', { title: 'a', tags: ['read'] }, () => {});`),
          name: 'lane/name',
        },
        /two names should be the same/,
      ],
      [
        'twice',
        suites.write(
          'lane/twice',
          `for (const i of [1, 2]) it('a', { title: 'a', tags: ['read'] }, () => {});`,
        ),
        /is there twice/,
      ],
      [
        'tag',
        suites.write('lane/tag', `it('a', { title: 'a', tags: ['quick'] }, () => {});`),
        /unknown tag "quick"/,
      ],
    ];
    for (const [title, file, says] of rows) {
      const { messages } = await runFile(file, fakeKubernetes(ok));
      const failed = messages.find(({ kind }) => kind === 'file-failed');
      expect(failed, title).to.have.property('says').that.matches(says);
    }
  });

  it('ends the case that runs when it is stopped at once, and runs no other', async () => {
    const file = suites.write(
      'lane/stopped',
      `it('waits', { title: 'waits', tags: ['read'] }, ({ sleep }) => sleep({ ms: 60000 }));
       it('never', { title: 'never runs', tags: ['read'] }, () => {});`,
    );
    const messages: FromLane[] = [];
    const lane = openLane(
      {
        run: 'r1',
        lane: 1,
        stage: 'alone',
        client: 'strict',
        connection: {},
        abilities: [],
        selection: { suites: [], tags: [] },
        caseTimeout: milliseconds(90_000),
      },
      {
        clock: createSystemClock(),
        send: (message) => {
          messages.push(message);
          if (message.kind === 'started') lane.receive({ kind: 'stop', now: true });
        },
      },
    );
    lane.receive({ kind: 'run', file, round: 1 });
    await lane.closed;
    const results = messages.flatMap((message) => (message.kind === 'result' ? [message.result] : []));
    expect(results.map(({ id, outcome, reason }) => ({ id, outcome, reason }))).to.deep.equal([
      { id: 'lane/stopped/waits', outcome: 'unknown', reason: 'The run was stopped.' },
    ]);
  });

  it('writes Allure results beside its own, with the tags as labels', async () => {
    const file = suites.write(
      'lane/allure',
      `it('one', { title: 'is shown', tags: ['read', 'smoke'] }, () => {});`,
    );
    const allureFolder = join(suites.folder, 'allure');
    const { results } = await runFile(file, fakeKubernetes(ok), { allureFolder });
    expect(results.get('lane/allure/one')?.outcome).to.equal('passed');
    const names = readdirSync(allureFolder).filter((name) => name.endsWith('-result.json'));
    expect(names).to.have.length(1);
    const written = JSON.parse(readFileSync(join(allureFolder, names[0] ?? ''), 'utf8')) as {
      name: string;
      status: string;
      labels: { name: string; value: string }[];
    };
    expect(written).to.include({ name: 'is shown', status: 'passed' });
    expect(written.labels.filter(({ name }) => name === 'tag').map(({ value }) => value)).to.have.members([
      'read',
      'smoke',
    ]);
  });
});
