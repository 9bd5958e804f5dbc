import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { chooseEngineTests, labelsOf } from '../../src/conformance/choose-engine-tests.ts';
import { runEngineStage } from '../../src/conformance/engine-stage.ts';
import type { CaseDeclaration, CaseResult, ConformanceResults } from '../../src/model/conformance.ts';
import { seconds } from '../../src/model/duration.ts';
import { HarnessError } from '../../src/model/errors.ts';
import type { RunFolder } from '../../src/ports/run-folder.ts';
import type { EngineEnd, EngineEvent, EngineTest, OpenEngine } from '../../src/ports/suite-engine.ts';
import { VirtualClock } from './virtual-clock.ts';

const START = Date.parse('2026-01-01T00:00:00.000Z');

const testOf = (n: number, type = 'ClassY'): EngineTest => ({
  id: `tempest.api.x.${type}.test_${n}[id-0000000${n},smoke]`,
  name: `tempest.api.x.${type}.test_${n}[id-0000000${n}]`,
  case: `tempest/api.x.${type}/test_${n}`,
  suite: `tempest/api.x.${type}`,
  title: String(n),
  tags: ['smoke'],
});
const TESTS = [1, 2, 3, 4].map((n) => testOf(n));

const caseOf = (id: string, ...covers: readonly string[]): CaseDeclaration => ({
  id,
  title: id,
  tags: [],
  needs: [],
  covers,
});

const ended = (
  test: EngineTest,
  outcome: 'passed' | 'failed' | 'skipped' = 'passed',
  atMs = START + 500,
): EngineEvent => ({
  kind: 'ended',
  test: test.id,
  outcome,
  ...(outcome === 'passed' ? {} : { reason: 'why' }),
  startedMs: atMs - 200,
  endedMs: atMs,
  worker: 1,
});

type Script = (
  heard: (event: EngineEvent) => void,
  signal: AbortSignal,
  tests: readonly EngineTest[],
) => Promise<EngineEnd>;

interface Ran {
  readonly results: ConformanceResults;
  readonly streamed: readonly CaseResult[];
  readonly workers: number;
}

async function run(
  script: Script,
  {
    clock = new VirtualClock(),
    stop = new AbortController(),
    match = '.',
    cases = [] as CaseDeclaration[],
    labels = false,
    mostWorkers = undefined as number | undefined,
  } = {},
): Promise<Ran> {
  const streamed: CaseResult[] = [];
  const written: Record<string, unknown> = {};
  let workers = 0;
  const engine: OpenEngine = {
    version: 'Tempest 47.0.0',
    notes: ['A note.'],
    ...(mostWorkers === undefined ? {} : { mostWorkers }),
    tests: async () => TESTS,
    run: (tests, order, signal) => {
      workers = order.workers;
      return script(order.heard, signal, tests);
    },
    close: async () => undefined,
  };
  const folder = {
    append: (_name: string, line: object) => void streamed.push(line as CaseResult),
    flush: async () => undefined,
    write: async (name: string, content: unknown) => void (written[name] = content),
  } as unknown as RunFolder;
  const results = await runEngineStage(
    { choice: { cases, ...(labels ? {} : { match }) }, workers: 4, silence: seconds(60) },
    { engine, folder, clock, progress: { report: () => undefined } },
    stop.signal,
  );
  expect(written['conformance/tempest.json']).to.equal(results);
  return { results, streamed, workers };
}

const outcomes = ({ results }: Ran): readonly string[] => results.results.map(({ outcome }) => outcome);
const reasons = ({ results }: Ran): readonly (string | undefined)[] =>
  results.results.map(({ reason }) => reason);

/** Speaks until the signal aborts, as a program that is told to end. */
const untilEnded = (signal: AbortSignal): Promise<EngineEnd> =>
  new Promise((resolve) => {
    const end = (): void => resolve({ trouble: 'Tempest was ended by SIGTERM.' });
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

describe('a stage of the tests of an engine', () => {
  it('gives each test the result that was heard, in the form of our own cases', async () => {
    const ran = await run(async (heard, _signal, tests) => {
      for (const test of tests) heard({ kind: 'started', test: test.id, atMs: START });
      heard(ended(TESTS[0]!));
      heard(ended(TESTS[1]!, 'failed'));
      heard(ended(TESTS[2]!, 'skipped'));
      heard(ended(TESTS[3]!));
      return {};
    });
    expect(outcomes(ran)).to.deep.equal(['passed', 'failed', 'skipped', 'passed']);
    expect(ran.streamed).to.deep.equal(ran.results.results);
    expect(ran.results.engine).to.deep.equal({ version: 'Tempest 47.0.0', notes: ['A note.'] });
    expect(ran.results.planned.map(({ id }) => id)).to.deep.equal(TESTS.map((test) => test.case));
    const [first] = ran.results.results;
    expect(first).to.include({
      id: TESTS[0]?.case,
      suite: TESTS[0]?.suite,
      stage: 'tempest',
      round: 1,
      lane: 1,
    });
    expect(first?.covers).to.deep.equal([TESTS[0]?.name]);
    // Nothing began before the stage or ended after now, whatever the wall clock says.
    expect((first?.started.ns ?? 0) >= ran.results.started.ns).to.equal(true);
    expect((first?.ended.ns ?? Infinity) <= ran.results.ended.ns).to.equal(true);
  });

  it('makes unknown of all that a killed program had not ended', async () => {
    const ran = await run(async (heard) => {
      heard(ended(TESTS[0]!));
      heard({ kind: 'started', test: TESTS[1]!.id, atMs: START });
      return { trouble: 'Tempest was ended by SIGKILL.' };
    });
    expect(outcomes(ran)).to.deep.equal(['passed', 'unknown', 'unknown', 'unknown']);
    expect(reasons(ran).slice(1)).to.deep.equal([
      'Tempest was ended by SIGKILL.',
      'It was not reached: Tempest was ended by SIGKILL.',
      'It was not reached: Tempest was ended by SIGKILL.',
    ]);
  });

  it('ends a program that hangs, and counts from its last word', async () => {
    const clock = new VirtualClock();
    const running = run(
      async (heard, signal) => {
        clock.after(50_000, () => heard(ended(TESTS[0]!)));
        return untilEnded(signal);
      },
      { clock },
    );
    await new Promise(setImmediate);
    while (clock.hasTimers) clock.step();
    const ran = await running;
    expect((ran.results.ended.ns - ran.results.started.ns) / 1e9).to.equal(110);
    expect(outcomes(ran)).to.deep.equal(['passed', 'unknown', 'unknown', 'unknown']);
    expect(reasons(ran)[1]).to.match(/said nothing for 1m, and was ended/);
  });

  it('makes unknown of all that was not reached when the run is stopped', async () => {
    const stop = new AbortController();
    const ran = await run(
      async (heard, signal) => {
        heard({ kind: 'started', test: TESTS[0]!.id, atMs: START });
        stop.abort(new Error('stopped'));
        return untilEnded(signal);
      },
      { stop },
    );
    expect(new Set(outcomes(ran))).to.deep.equal(new Set(['unknown']));
    expect(reasons(ran)[0]).to.match(/stopped while the test ran/);
    expect(reasons(ran)[1]).to.match(/stopped before its turn/);
  });

  it('takes an engine that throws for one that said nothing more', async () => {
    const ran = await run(() => Promise.reject(new Error('no such program')));
    expect(new Set(outcomes(ran))).to.deep.equal(new Set(['unknown']));
    expect(reasons(ran)[0]).to.include('no such program');
  });

  it('is no pass when all passed and the program itself had trouble', async () => {
    const ran = await run(async (heard) => {
      for (const test of TESTS) heard(ended(test));
      return { trouble: 'Tempest ended with exit code 70.' };
    });
    expect(outcomes(ran)).to.deep.equal(['passed', 'passed', 'passed', 'passed', 'unknown']);
    expect(ran.results.results.at(-1)).to.include({
      id: 'tempest/program/end',
      reason: 'Tempest ended with exit code 70.',
    });
    expect(ran.results.planned.length).to.equal(5);
  });

  it('has a case of its own for what no test stands for', async () => {
    const ran = await run(async (heard) => {
      for (const test of TESTS) heard(ended(test));
      heard({
        kind: 'besides',
        case: 'tempest/api.x.ClassY/tear-down',
        suite: 'tempest/api.x.ClassY',
        title: 'tear-down',
        outcome: 'failed',
        reason: 'left',
        startedMs: START,
        endedMs: START,
      });
      return {};
    });
    expect(ran.results.results.at(-1)).to.include({
      id: 'tempest/api.x.ClassY/tear-down',
      outcome: 'failed',
      reason: 'left',
    });
  });

  it('has no more workers than can be used', async () => {
    expect((await run(async () => ({}))).workers).to.equal(4);
    expect((await run(async () => ({}), { mostWorkers: 1 })).workers).to.equal(1);
  });

  it('whatever is heard, plans what was chosen, and passes only what was said to have passed', async () => {
    const event = fc.record({
      test: fc.integer({ min: 0, max: 5 }),
      kind: fc.constantFrom('started', 'passed', 'failed', 'skipped'),
      atMs: fc.integer({ min: START - 1e6, max: START + 1e6 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 12 }), fc.boolean(), async (events, killed) => {
        const ran = await run(async (heard) => {
          for (const { test, kind, atMs } of events) {
            const of = TESTS[test] ?? testOf(9);
            heard(kind === 'started' ? { kind, test: of.id, atMs } : ended(of, kind, atMs));
          }
          return killed ? { trouble: 'killed' } : {};
        });
        const own = ran.results.results.filter(({ id }) => id !== 'tempest/program/end');
        expect(own.map(({ id }) => id).sort()).to.deep.equal(TESTS.map((test) => test.case).sort());
        for (const { id, outcome, started, ended: end } of own) {
          const index = TESTS.findIndex((test) => test.case === id);
          const first = events.find(({ test, kind }) => test === index && kind !== 'started')?.kind;
          expect(outcome).to.equal(first ?? 'unknown');
          expect(started.ns).to.be.at.most(end.ns);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the tests that are chosen', () => {
  const [one, two] = TESTS as [EngineTest, EngineTest];

  it('are those that the cases are labelled with, each once', () => {
    const cases = [caseOf('a', one.name), caseOf('b', one.name, two.name), caseOf('c', 'sig-node pods')];
    const { tests, missing } = chooseEngineTests(TESTS, { cases });
    expect(tests.map(({ test }) => test)).to.deep.equal([one, two]);
    expect(missing).to.deep.equal([]);
    expect(labelsOf(cases)).to.deep.equal([one.name, two.name]);
  });

  it('are found by their id where upstream moved them, as long as one alone has it', () => {
    const moved = one.name.replace('ClassY', 'ClassWas');
    expect(chooseEngineTests(TESTS, { cases: [caseOf('a', moved)] }).tests).to.deep.equal([
      { test: one, covers: moved },
    ]);
    const twin = testOf(1, 'ClassTwin');
    expect(chooseEngineTests([...TESTS, twin], { cases: [caseOf('a', moved)] }).missing).to.deep.equal([
      moved,
    ]);
    expect(chooseEngineTests([...TESTS, twin], { cases: [caseOf('a', twin.name)] }).tests).to.deep.equal([
      { test: twin, covers: twin.name },
    ]);
  });

  it('stay in the results where this version has none of that name, beside others of their class', async () => {
    const gone = 'tempest.api.x.ClassY.test_gone';
    const ran = await run(async (heard) => (heard(ended(one)), {}), {
      cases: [caseOf('a', one.name, gone)],
      labels: true,
    });
    expect(ran.results.results.map(({ id, outcome }) => [id, outcome])).to.deep.equal([
      [one.case, 'passed'],
      ['tempest/api.x.ClassY/test_gone', 'skipped'],
    ]);
    expect(reasons(ran)[1]).to.equal('Tempest 47.0.0 has no test of that name or id.');
    expect(ran.results.results[1]?.covers).to.deep.equal([gone]);
  });

  it('are those that match, and it is refused when nothing does', () => {
    const byMatch = (match: string): readonly EngineTest[] =>
      chooseEngineTests(TESTS, { cases: [], match }).tests.map(({ test }) => test);
    expect(byMatch('test_[12]')).to.deep.equal([one, two]);
    expect(byMatch('smoke')).to.have.length(4);
    for (const choice of [
      { cases: [], match: 'nothing' },
      { cases: [], match: '(' },
      { cases: [caseOf('a')] },
    ])
      expect(() => chooseEngineTests(TESTS, choice))
        .to.throw(HarnessError)
        .with.property('code', 'SQ_SUITE');
  });
});
