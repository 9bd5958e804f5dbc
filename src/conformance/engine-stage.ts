import type { CaseDeclaration, CaseResult, ConformanceResults } from '../model/conformance.ts';
import { formatDuration, type Duration } from '../model/duration.ts';
import { describeError } from '../model/errors.ts';
import type { Instant } from '../model/instant.ts';
import type { Clock } from '../ports/clock.ts';
import type { Progress } from '../ports/progress.ts';
import type { RunFolder } from '../ports/run-folder.ts';
import type { EngineEvent, OpenEngine } from '../ports/suite-engine.ts';
import { CaseBook } from './case-book.ts';
import { chooseEngineTests, type ChosenTests, type EngineChoice } from './choose-engine-tests.ts';

export interface EngineStageOrder {
  readonly choice: EngineChoice;
  /** Workers at once, at least 1. */
  readonly workers: number;
  /** It is ended when nothing was heard for so long, counted from its start and from each word. */
  readonly silence: Duration;
}

export interface EngineStagePorts {
  readonly engine: OpenEngine;
  readonly folder: RunFolder;
  readonly clock: Clock;
  readonly progress: Progress;
}

type SettledEvent = Pick<
  Extract<EngineEvent, { kind: 'ended' }>,
  'outcome' | 'reason' | 'details' | 'startedMs' | 'endedMs'
>;

const STAGE = 'tempest';
const NAME = `conformance/${STAGE}`;
/** Tests of an engine are not repeated. */
const ROUND = 1;

/**
 * Runs tests of an engine as a stage of its own: one result for each test that was chosen, in the files and the form of the suites'
 * results. A test that nothing final was heard of is unknown, whatever became of the program: killed, silent, stopped, or
 * speaking nonsense.
 * @throws SQ_SUITE when nothing is chosen; SQ_ENGINE when its tests cannot be listed.
 */
export async function runEngineStage(
  order: EngineStageOrder,
  ports: EngineStagePorts,
  signal: AbortSignal,
): Promise<ConformanceResults> {
  const { engine } = ports;
  const chosen = chooseEngineTests(await engine.tests(signal), order.choice);
  return new EngineStage(order, ports, chosen).run(signal);
}

class EngineStage {
  readonly #order: EngineStageOrder;
  readonly #ports: EngineStagePorts;
  readonly #chosen: ChosenTests;
  readonly #book: CaseBook;
  readonly #suites = new Map<string, { readonly id: string; readonly suite: string }>();
  readonly #started: Instant;
  readonly #startedWallMs: number;
  #failure: { readonly error: unknown } | undefined;

  constructor(order: EngineStageOrder, ports: EngineStagePorts, chosen: ChosenTests) {
    this.#order = order;
    this.#ports = ports;
    this.#chosen = chosen;
    this.#started = ports.clock.now();
    this.#startedWallMs = Date.parse(ports.clock.wall());
    this.#book = new CaseBook({
      stage: STAGE,
      now: () => ports.clock.now(),
      settled: (result) => this.#settled(result),
    });
  }

  async run(signal: AbortSignal): Promise<ConformanceResults> {
    const { engine, folder, clock } = this.#ports;
    const { tests, missing } = this.#chosen;
    for (const { test, covers } of tests) {
      const { id, case: caseId, suite, title, tags } = test;
      this.#suites.set(id, { id: caseId, suite });
      this.#book.plan(suite, ROUND, [{ id: caseId, title, tags, needs: [], covers: [covers] }]);
    }
    for (const label of missing) this.#skipMissing(label, engine.version);
    const workers = Math.max(1, Math.min(this.#order.workers, engine.mostWorkers ?? Infinity));
    const says = tests.length === 0 ? undefined : await this.#runTests(workers, signal);
    this.#giveUp(says ?? 'Its engine ended in good order, and said nothing of it.', signal);
    if (this.#failure !== undefined) throw this.#failure.error;
    const results: ConformanceResults = {
      stage: STAGE,
      planned: this.#book.declarations(),
      results: this.#book.results(),
      started: this.#started,
      ended: clock.now(),
      lanes: workers,
      engine: { version: engine.version, notes: engine.notes },
    };
    await folder.flush();
    await folder.write(`${NAME}.json`, results);
    return results;
  }

  /** @returns why it did not come to its end; undefined when it did. */
  async #runTests(workers: number, signal: AbortSignal): Promise<string | undefined> {
    const { engine, clock } = this.#ports;
    const hung = new AbortController();
    const { silence } = this.#order;
    let cancel = (): void => undefined;
    const listen = (): void => {
      cancel();
      cancel = clock.after(silence.ms, () => hung.abort());
    };
    listen();
    try {
      const heard = (event: EngineEvent): void => {
        listen();
        this.#heard(event);
      };
      const tests = this.#chosen.tests.map(({ test }) => test);
      const { trouble } = await engine.run(tests, { workers, heard }, AbortSignal.any([signal, hung.signal]));
      if (hung.signal.aborted)
        return `${engine.version} said nothing for ${formatDuration(silence)}, and was ended.`;
      if (trouble !== undefined) this.#note(trouble, signal);
      return trouble;
    } catch (error) {
      return describeError(error);
    } finally {
      cancel();
    }
  }

  #heard(event: EngineEvent): void {
    if (event.kind === 'besides') this.#besides(event);
    else {
      const known = this.#suites.get(event.test);
      if (known === undefined) return;
      if (event.kind === 'started') this.#book.started(known.id, ROUND);
      else this.#settle(known, event, event.worker);
    }
  }

  #besides(event: Extract<EngineEvent, { kind: 'besides' }>): void {
    const { case: id, suite, title } = event;
    this.#book.plan(suite, ROUND, [declarationOf(id, title)]);
    this.#suites.set(id, { id, suite });
    this.#settle({ id, suite }, event, 0);
  }

  #settle(
    { id, suite }: { readonly id: string; readonly suite: string },
    event: SettledEvent,
    worker: number,
  ): void {
    const { outcome, reason, details, startedMs, endedMs } = event;
    const ended = this.#instantAt(endedMs);
    const started = this.#instantAt(startedMs);
    const result: CaseResult = {
      ...declarationOf(id, ''),
      suite,
      stage: STAGE,
      round: ROUND,
      outcome,
      ...(reason === undefined ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      started: started.ns > ended.ns ? ended : started,
      ended,
      lane: worker,
      troubles: [],
    };
    this.#book.settle(result, suite, ROUND, worker);
  }

  /** Its times are of the wall clock; no test began before the stage, or ends after now. */
  #instantAt(wallMs: number): Instant {
    const { clock } = this.#ports;
    const ns = this.#started.ns + Math.round((wallMs - this.#startedWallMs) * 1e6);
    return { clock: clock.id, ns: Math.min(Math.max(ns, this.#started.ns), clock.now().ns) };
  }

  #skipMissing(label: string, version: string): void {
    const dotted = label.replace(/\[.*$/, '').replace(/^tempest\./, '');
    const [, type = dotted, method = ''] = /^(.*)\.(\w+)$/.exec(dotted) ?? [];
    const suite = `tempest/${type}`;
    const title = method.replace(/^test_/, '').replaceAll('_', ' ');
    const id = `${suite}/${method}`;
    this.#book.plan(suite, ROUND, [{ ...declarationOf(id, title), covers: [label] }]);
    const reason = `${version} has no test of that name or id.`;
    const times = { startedMs: this.#startedWallMs, endedMs: this.#startedWallMs };
    this.#settle({ id, suite }, { outcome: 'skipped', reason, ...times }, 0);
  }

  #giveUp(says: string, signal: AbortSignal): void {
    const suites = new Set([...this.#suites.values()].map(({ suite }) => suite));
    for (const suite of suites) {
      this.#book.giveUp(suite, ROUND, (started) => {
        if (signal.aborted)
          return {
            outcome: 'unknown',
            reason: `The run was stopped ${started ? 'while the test ran' : 'before its turn came'}.`,
          };
        return { outcome: 'unknown', reason: started ? says : `It was not reached: ${says}` };
      });
    }
  }

  /** Trouble that cost no planned test its result must not look like a pass either. */
  #note(trouble: string, signal: AbortSignal): void {
    if (signal.aborted || this.#book.settledCount < this.#book.plannedCount) return;
    if (this.#book.results().some(({ outcome }) => outcome === 'failed' || outcome === 'unknown')) return;
    const atMs = Date.parse(this.#ports.clock.wall());
    this.#besides({
      kind: 'besides',
      case: 'tempest/program/end',
      suite: 'tempest/program',
      title: 'Tempest itself does its work',
      outcome: 'unknown',
      reason: trouble,
      startedMs: atMs,
      endedMs: atMs,
    });
  }

  #settled(result: CaseResult): void {
    const { folder, progress } = this.#ports;
    try {
      folder.append(`${NAME}-results.ndjson`, result);
    } catch (error) {
      this.#failure ??= { error };
    }
    const counts = { done: this.#book.settledCount, planned: this.#book.plannedCount };
    progress.report({ kind: 'case', result, ...counts });
  }
}

const declarationOf = (id: string, title: string): CaseDeclaration => ({
  id,
  title,
  tags: [],
  needs: [],
  covers: [],
});
