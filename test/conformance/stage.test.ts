import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { runConformance, type ConformanceOrder } from '../../src/conformance/stage.ts';
import type { CaseResult, ConformanceResults } from '../../src/model/conformance.ts';
import { seconds } from '../../src/model/duration.ts';
import { HarnessError } from '../../src/model/errors.ts';
import type { ProgressEvent } from '../../src/ports/progress.ts';
import type { RunFolder } from '../../src/ports/run-folder.ts';
import { NO_FOLDER, NO_LEDGER } from '../suites/run-in-process.ts';
import { DEEDS, declarationsOf, ScriptedLanes, type Deed, type ScriptedFile } from './scripted-lanes.ts';
import { VirtualClock } from './virtual-clock.ts';

interface Setting {
  readonly files: readonly ScriptedFile[];
  readonly lanes: number;
  readonly stopAtMs?: number;
  readonly overAtMs?: number;
  readonly appendFails?: boolean;
}

interface Outcome {
  readonly results?: ConformanceResults;
  readonly error?: unknown;
  readonly streamed: readonly CaseResult[];
  readonly written: Readonly<Record<string, unknown>>;
  readonly lanes: ScriptedLanes;
  readonly notes: readonly string[];
}

function folderInMemory(
  streamed: CaseResult[],
  written: Record<string, unknown>,
  appendFails: boolean,
): RunFolder {
  return {
    ...NO_FOLDER,
    path: '/nowhere',
    write: async (name: string, content: unknown) => void (written[name] = content),
    append: (_name: string, line: object) => {
      if (appendFails) throw new HarnessError('SQ_RUN_FOLDER', 'The disk is full.');
      streamed.push(line as CaseResult);
    },
  };
}

async function runStage(setting: Setting): Promise<Outcome> {
  const clock = new VirtualClock();
  const lanes = new ScriptedLanes(setting.files, clock);
  const streamed: CaseResult[] = [];
  const written: Record<string, unknown> = {};
  const notes: string[] = [];
  const stop = new AbortController();
  const over = new AbortController();
  if (setting.stopAtMs !== undefined) clock.after(setting.stopAtMs, () => stop.abort(new Error('stopped')));
  if (setting.overAtMs !== undefined) clock.after(setting.overAtMs, () => over.abort(new Error('over')));
  const order: ConformanceOrder = {
    stage: setting.overAtMs === undefined ? 'before' : 'during',
    run: 'r1',
    selection: { suites: [], tags: [] },
    files: setting.files.map(({ name }) => ({ name, path: `/${name}` })),
    connection: {},
    abilities: [],
    lanes: setting.lanes,
    client: 'strict',
    caseTimeout: seconds(5),
    fileTimeout: seconds(120),
    ...(setting.overAtMs === undefined ? {} : { repeatUntil: over.signal }),
  };
  const ports = {
    lanes,
    folder: folderInMemory(streamed, written, setting.appendFails === true),
    clock,
    progress: { report: (event: ProgressEvent) => void (event.kind === 'note' && notes.push(event.says)) },
    ledger: NO_LEDGER,
  };
  let isOver = false;
  let end: { results?: ConformanceResults; error?: unknown } = {};
  const run = runConformance(order, ports, stop.signal)
    .then(
      (results) => (end = { results }),
      (error: unknown) => (end = { error }),
    )
    .finally(() => (isOver = true));
  // Time moves only when everything that could happen now has happened.
  for (let turns = 0; !isOver; turns++) {
    for (let i = 0; i < 4 && !isOver; i++) await new Promise((resolve) => setImmediate(resolve));
    if (!isOver && !clock.step() && turns > 5000) throw new Error('The stage waits for nothing.');
  }
  await run;
  return { ...end, streamed, written, lanes, notes };
}

const file = (
  name: string,
  deeds: readonly Deed[],
  load: ScriptedFile['load'] = 'ok',
  pace = 10,
): ScriptedFile => ({
  name: `s/${name}`,
  deeds,
  load,
  pace,
});

const keyOf = (result: CaseResult): string => `${result.round} ${result.id}`;

function expectAccount({ results, streamed, lanes }: Outcome, files: readonly ScriptedFile[]): void {
  expect(results, 'the stage returned no results').to.not.equal(undefined);
  const all = results?.results ?? [];
  const keys = all.map(keyOf);
  expect(new Set(keys).size, 'a case has two results in one round').to.equal(keys.length);
  const firstRound = all.filter(({ round }) => round === 1).map(({ id }) => id);
  expect(firstRound).to.have.members((results?.planned ?? []).map(({ id }) => id));
  for (const one of files) {
    const ids = declarationsOf(one).map(({ id }) => id);
    const hasPseudo = firstRound.includes(`${one.name}/file`);
    expect(
      hasPseudo || ids.every((id) => firstRound.includes(id)),
      `${one.name} is not accounted for`,
    ).to.equal(true);
  }
  for (const result of all) {
    if (result.outcome !== 'passed' && result.outcome !== 'failed')
      expect(result.reason, keyOf(result)).to.be.a('string').and.not.empty;
  }
  expect(streamed.map(keyOf)).to.have.members(keys);
  expect(lanes.alive, 'lanes were left').to.equal(0);
}

describe('runConformance', () => {
  it('gives each case that was planned exactly one result, whatever lanes do', async () => {
    const files = fc.array(
      fc.record({
        load: fc.oneof(
          { weight: 8, arbitrary: fc.constant('ok' as const) },
          fc.constantFrom('fails' as const, 'dies' as const, 'hangs' as const),
        ),
        deeds: fc.array(
          fc.oneof({ weight: 4, arbitrary: fc.constant('pass' as const) }, fc.constantFrom(...DEEDS)),
          { minLength: 1, maxLength: 5 },
        ),
        pace: fc.integer({ min: 1, max: 300 }),
      }),
      { minLength: 1, maxLength: 6 },
    );
    const moment = fc.option(fc.integer({ min: 0, max: 4000 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(
        files,
        fc.integer({ min: 1, max: 4 }),
        moment,
        moment,
        async (scripts, lanes, stopAtMs, overAtMs) => {
          const named = scripts.map((script, index) => ({ ...script, name: `s/f${index}` }));
          const outcome = await runStage({
            files: named,
            lanes,
            ...(stopAtMs === undefined ? {} : { stopAtMs }),
            ...(overAtMs === undefined ? {} : { overAtMs }),
          });
          expectAccount(outcome, named);
          for (const result of outcome.results?.results ?? []) {
            const isGood = ['pass', 'garbage', 'twice', 'foreign', 'quiet-pass'].includes(result.title);
            if (result.outcome === 'passed') expect(isGood, `${result.title} passed`).to.equal(true);
            if (result.outcome === 'failed') expect(result.title).to.equal('fail');
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('replaces a lane that dies, and says of its open cases what happened', async () => {
    const files = [file('a', ['pass', 'die', 'pass']), file('b', ['pass'])];
    const outcome = await runStage({ files, lanes: 1 });
    expectAccount(outcome, files);
    const byId = new Map(outcome.results?.results.map((result) => [result.id, result]));
    expect(byId.get('s/a/case-0')?.outcome).to.equal('passed');
    expect(byId.get('s/a/case-1')).to.include({ outcome: 'unknown', reason: 'The lane ended with code 7.' });
    expect(byId.get('s/a/case-2')).to.include({
      outcome: 'unknown',
      reason: 'It was not reached: The lane ended with code 7.',
    });
    expect(byId.get('s/b/case-0')?.outcome).to.equal('passed');
    expect(outcome.lanes.launched).to.equal(2);
  });

  it('ends a lane that hangs, after the time of the case', async () => {
    const files = [file('a', ['hang', 'pass'])];
    const outcome = await runStage({ files, lanes: 1 });
    expectAccount(outcome, files);
    expect(outcome.results?.results[0]).to.include({
      outcome: 'unknown',
      reason: 'The case s/a/case-0 was still running after 50s, so its lane was ended.',
    });
  });

  it('takes one result for a case, of those that are planned, and says what it did not take', async () => {
    const files = [file('a', ['twice', 'foreign', 'garbage'])];
    const outcome = await runStage({ files, lanes: 1 });
    expectAccount(outcome, files);
    expect(outcome.results?.results.map((result) => result.outcome)).to.deep.equal([
      'passed',
      'passed',
      'passed',
    ]);
    expect(outcome.notes.slice(0, 2)).to.deep.equal([
      'A result for the case s/a/case-0 was not taken: it is there already.',
      'A result for the case other/suite/case was not taken: it is not planned.',
    ]);
    expect(outcome.notes.length).to.be.greaterThan(2);
  });

  it('keeps a file that cannot be loaded in the results', async () => {
    const files = [file('a', ['pass'], 'fails'), file('b', ['pass'], 'dies')];
    const outcome = await runStage({ files, lanes: 2 });
    expectAccount(outcome, files);
    expect(
      outcome.results?.results.map(({ id, outcome: how, reason }) => ({ id, how, reason })),
    ).to.deep.equal([
      { id: 's/a/file', how: 'unknown', reason: 'it does not parse' },
      { id: 's/b/file', how: 'unknown', reason: 'The lane ended with code 1; it said last: out of memory.' },
    ]);
  });

  it('repeats files until the faults are over, and plans only the first round in full', async () => {
    const files = [file('a', ['pass', 'fail'], 'ok', 100), file('b', ['pass'], 'ok', 400)];
    const outcome = await runStage({ files, lanes: 1, overAtMs: 6000 });
    expectAccount(outcome, files);
    const rounds =
      outcome.results?.results.filter(({ id }) => id === 's/a/case-0').map(({ round }) => round) ?? [];
    expect(rounds.length).to.be.greaterThan(2);
    expect(rounds).to.deep.equal(rounds.map((_, index) => index + 1));
    expect(outcome.results?.planned).to.have.length(3);
  });

  it('skips what is left of the first round when the faults are over, and calls it unknown when the run is stopped', async () => {
    const files = [file('a', ['pass', 'pass'], 'ok', 1000)];
    const over = await runStage({ files, lanes: 1, overAtMs: 2600 });
    expect(over.results?.results.map(({ outcome }) => outcome)).to.deep.equal(['passed', 'skipped']);
    const stopped = await runStage({ files, lanes: 1, stopAtMs: 2600 });
    expect(stopped.results?.results[1]).to.include({
      outcome: 'unknown',
      reason: 'The run was stopped before its turn came.',
    });
  });

  it('sends the longest file first, by the times of earlier runs', async () => {
    const files = [file('a', ['pass']), file('b', ['pass']), file('c', ['pass'])];
    const clock = new VirtualClock();
    const order: string[] = [];
    const lanes = new ScriptedLanes(files, clock);
    const ports = {
      lanes,
      folder: folderInMemory([], {}, false),
      clock,
      progress: {
        report: (event: ProgressEvent) => void (event.kind === 'case' && order.push(event.result.suite)),
      },
      ledger: NO_LEDGER,
      durations: { 's/a': 100, 's/b': 900, 's/c': 500 },
    };
    let done = false;
    const selection = { suites: [], tags: [] };
    const named = files.map(({ name }) => ({ name, path: `/${name}` }));
    const run = runConformance(
      {
        stage: 'alone',
        run: 'r',
        selection,
        files: named,
        connection: {},
        abilities: [],
        lanes: 1,
        client: 'strict',
        caseTimeout: seconds(5),
      },
      ports,
      new AbortController().signal,
    ).finally(() => (done = true));
    while (!done) {
      for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
      clock.step();
    }
    await run;
    expect(order).to.deep.equal(['s/b', 's/c', 's/a']);
  });

  it('ends with the error of the run folder when results cannot be kept', async () => {
    const outcome = await runStage({ files: [file('a', ['pass'])], lanes: 1, appendFails: true });
    expect(outcome.error).to.be.instanceOf(HarnessError).with.property('code', 'SQ_RUN_FOLDER');
    expect(outcome.lanes.alive).to.equal(0);
  });
});
