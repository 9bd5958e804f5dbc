import PQueue from 'p-queue';
import type { Ability } from '../model/abilities.ts';
import type {
  CaseDeclaration,
  CaseResult,
  ConformanceResults,
  ConformanceStage,
  LedgerEntry,
  SuiteFile,
} from '../model/conformance.ts';
import { milliseconds, nanosecondsOf, seconds, type Duration } from '../model/duration.ts';
import type { SuiteSelection } from '../model/plan.ts';
import type { Clock } from '../ports/clock.ts';
import type { LabConnection, TestImage } from '../ports/lab.ts';
import type { FromLane, LaneAssignment, LaneLauncher } from '../ports/lanes.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Progress } from '../ports/progress.ts';
import type { RunFolder } from '../ports/run-folder.ts';
import { CaseBook, caseOfFile, type GivenUp } from './case-book.ts';
import { LaneSlot, type LaneTask, type TaskEnd } from './lane-slot.ts';
import { nothingMatches } from './list-cases.ts';
import { selectFiles } from './selection.ts';

export interface ConformanceOrder {
  readonly stage: ConformanceStage;
  readonly run: string;
  readonly selection: SuiteSelection;
  readonly files: readonly SuiteFile[];
  readonly connection: LabConnection;
  readonly abilities: readonly Ability[];
  /** Present where the ability `test-image` is. */
  readonly testImage?: TestImage;
  /** Lanes at once, at least 1. */
  readonly lanes: number;
  readonly client: 'strict' | 'recording';
  /** When given, the files go round until it aborts. Only the first round is planned in full. */
  readonly repeatUntil?: AbortSignal;
  /** From the start of a case. */
  readonly caseTimeout: Duration;
  /** From the moment a lane gets a file, its hooks included. Default 10 min. */
  readonly fileTimeout?: Duration;
  /** Where Allure results go; absent: none. */
  readonly allureFolder?: string;
  /** What its files in the run folder are called. Default the stage; needed where a stage runs more than once. */
  readonly label?: string;
}

export interface ConformancePorts {
  readonly lanes: LaneLauncher;
  readonly folder: RunFolder;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly ledger: Ledger;
  /** How long each suite took last time, in milliseconds. Suites that are not in it go first. */
  readonly durations?: Readonly<Record<string, number>>;
}

const FILE_TIMEOUT = seconds(600);
/** Between two starts of one file, so that rounds of cases that end at once do not become a flood. */
const ROUND_AT_LEAST = milliseconds(1000);

/**
 * Runs the selected cases and returns one result for each, for each round: lists the files, plans their cases, then runs the
 * files on lanes, longest first. Results are in `conformance/<stage>-results.ndjson` as they come, and all of it in
 * `conformance/<stage>.json` at the end.
 *
 * When `signal` aborts, what has not ended is `unknown`, and the results are returned all the same.
 * @throws SQ_SUITE when nothing is selected or a suite that is named does not exist.
 */
export async function runConformance(
  order: ConformanceOrder,
  ports: ConformancePorts,
  signal: AbortSignal,
): Promise<ConformanceResults> {
  return new Stage(order, ports, signal).run();
}

interface Planned {
  readonly file: SuiteFile;
  readonly cases: readonly CaseDeclaration[];
}

class Stage {
  readonly #order: ConformanceOrder;
  readonly #ports: ConformancePorts;
  readonly #signal: AbortSignal;
  readonly #name: string;
  readonly #book: CaseBook;
  readonly #queue: PQueue;
  readonly #slots: LaneSlot[];
  /** Slots that have nothing to do. */
  readonly #idle: LaneSlot[];
  readonly #listed = new Map<string, readonly CaseDeclaration[]>();
  /** What no result can tell, such as a disk that is full: the stage ends with it. */
  #failure: { readonly error: unknown } | undefined;

  constructor(order: ConformanceOrder, ports: ConformancePorts, signal: AbortSignal) {
    this.#order = order;
    this.#ports = ports;
    this.#signal = signal;
    this.#name = `conformance/${order.label ?? order.stage}`;
    this.#book = new CaseBook({
      stage: order.stage,
      now: () => ports.clock.now(),
      settled: (result) => this.#settled(result),
    });
    const lanes = Math.max(1, order.lanes);
    this.#queue = new PQueue({ concurrency: lanes });
    this.#slots = Array.from({ length: lanes }, (_, index) => this.#slot(index + 1));
    this.#idle = [...this.#slots];
  }

  async run(): Promise<ConformanceResults> {
    const { clock, folder } = this.#ports;
    const started = clock.now();
    const files = selectFiles(this.#order.files, this.#order.selection);
    const unlisten = this.#listenForEnd();
    try {
      const planned = await this.#planAll(files);
      await this.#runAll(planned);
    } finally {
      unlisten();
      await Promise.all(this.#slots.map((slot) => slot.close()));
    }
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#book.plannedCount === 0) throw nothingMatches(this.#order.selection);
    const results: ConformanceResults = {
      stage: this.#order.stage,
      planned: this.#book.declarations(),
      results: this.#book.results(),
      started,
      ended: clock.now(),
      lanes: this.#slots.length,
    };
    await folder.flush();
    await folder.write(`${this.#name}.json`, results);
    return results;
  }

  /** Lists all files first, so that what must be in the results is known before the first case runs. */
  async #planAll(files: readonly SuiteFile[]): Promise<readonly Planned[]> {
    const lists = await Promise.all(files.map((file) => this.#queue.add(() => this.#list(file))));
    const planned = lists.filter((one) => one !== undefined && one.cases.length > 0) as Planned[];
    for (const { file, cases } of planned) this.#book.plan(file.name, 1, cases);
    return planned;
  }

  async #list(file: SuiteFile): Promise<Planned | undefined> {
    const end: TaskEnd = this.#signal.aborted
      ? { kind: 'lost', says: 'The run was stopped before the file was loaded.' }
      : await this.#onLane({ kind: 'list', file });
    if (end.kind === 'done') return { file, cases: this.#listed.get(file.name) ?? [] };
    this.#book.plan(file.name, 1, [caseOfFile(file.name)]);
    this.#book.giveUp(file.name, 1, () => ({ outcome: 'unknown', reason: end.says }));
    return undefined;
  }

  async #runAll(planned: readonly Planned[]): Promise<void> {
    this.#queue.pause();
    for (const one of planned) this.#enqueue(one, 1);
    this.#queue.start();
    await this.#queue.onIdle();
  }

  /** Longest first, and no second round of a file before the first of all others. */
  #enqueue(planned: Planned, round: number): void {
    const longest = 1e9;
    const expected = this.#ports.durations?.[planned.file.name] ?? longest - 1;
    const priority = Math.min(expected, longest - 1) - round * longest;
    this.#queue
      .add(() => this.#runFile(planned, round), { priority })
      .catch((error: unknown) => this.#fail(error));
  }

  async #runFile(planned: Planned, round: number): Promise<void> {
    const { file } = planned;
    const { clock } = this.#ports;
    const begun = clock.now();
    const end: TaskEnd = this.#isOver() ? { kind: 'done' } : await this.#onLane({ kind: 'run', file, round });
    this.#closeRound(file.name, round, end);
    const canRepeat = planned.cases.some(({ needs }) =>
      needs.every((one) => this.#order.abilities.includes(one)),
    );
    if (this.#order.repeatUntil === undefined || this.#isOver() || end.kind !== 'done' || !canRepeat) return;
    const restNs = begun.ns + nanosecondsOf(ROUND_AT_LEAST) - clock.now().ns;
    if (restNs > 0) {
      const over = AbortSignal.any([this.#signal, this.#order.repeatUntil]);
      await clock.sleep(milliseconds(restNs / 1e6), over).catch(() => undefined);
    }
    if (!this.#isOver()) this.#enqueue(planned, round + 1);
  }

  /** Gives what has no result the one that is left to it. */
  #closeRound(suite: string, round: number, end: TaskEnd): void {
    const unknown = (reason: string): GivenUp => ({ outcome: 'unknown', reason });
    this.#book.giveUp(suite, round, (started) => {
      if (this.#signal.aborted)
        return unknown(`The run was stopped ${started ? 'while the case ran' : 'before its turn came'}.`);
      if (end.kind !== 'done') return unknown(started ? end.says : `It was not reached: ${end.says}`);
      if (!this.#isOver() || started)
        return unknown('Its lane said that the file was done, and nothing about this case.');
      return { outcome: 'skipped', reason: 'The faults were over before its turn came.' };
    });
  }

  #isOver(): boolean {
    return this.#signal.aborted || this.#order.repeatUntil?.aborted === true || this.#failure !== undefined;
  }

  async #onLane(task: LaneTask): Promise<TaskEnd> {
    const slot = this.#idle.pop();
    if (slot === undefined) throw new Error('There are more tasks at once than lanes.');
    try {
      return await slot.run(task);
    } finally {
      this.#idle.push(slot);
    }
  }

  #listenForEnd(): () => void {
    const { repeatUntil } = this.#order;
    const stopNow = (): void => void Promise.all(this.#slots.map((slot) => slot.stopNow()));
    const stopSoon = (): void => this.#slots.forEach((slot) => slot.stopAfterCase());
    this.#signal.addEventListener('abort', stopNow, { once: true });
    repeatUntil?.addEventListener('abort', stopSoon, { once: true });
    return () => {
      this.#signal.removeEventListener('abort', stopNow);
      repeatUntil?.removeEventListener('abort', stopSoon);
    };
  }

  #slot(lane: number): LaneSlot {
    const { stage, run, selection, connection, abilities, client, caseTimeout } = this.#order;
    const { allureFolder, fileTimeout, testImage } = this.#order;
    const assignment: LaneAssignment = {
      run,
      lane,
      stage,
      client,
      connection,
      abilities,
      selection,
      caseTimeout,
      ...(testImage === undefined ? {} : { testImage }),
      ...(allureFolder === undefined ? {} : { allureFolder }),
    };
    return new LaneSlot({
      launcher: this.#ports.lanes,
      assignment,
      clock: this.#ports.clock,
      fileTimeout: fileTimeout ?? FILE_TIMEOUT,
      heard: (message, task) => this.#heard(message, task, lane),
    });
  }

  #heard(message: FromLane, task: LaneTask, lane: number): void {
    const { ledger } = this.#ports;
    try {
      if (isLedgerWord(message)) ledger[message.kind](message.entry);
      else if (message.kind === 'planned') this.#isPlanned(message.cases, task);
      else if (task.kind === 'run' && message.kind === 'started') this.#isStarted(message.id, task);
      else if (task.kind === 'run' && message.kind === 'result') this.#hasResult(message.result, task, lane);
    } catch (error) {
      // A lane's word may be anything; what it says about one case must not spoil the account of the others.
      this.#warn(`Lane ${lane} sent something that is not a message: ${String(error)}`);
    }
  }

  #isPlanned(cases: readonly CaseDeclaration[], task: LaneTask): void {
    if (task.kind === 'list') this.#listed.set(task.file.name, cases);
  }

  /** A later round is planned case by case, as it is reached. */
  #isStarted(id: string, { file, round }: Extract<LaneTask, { kind: 'run' }>): void {
    if (round > 1) this.#planReached(id, file.name, round);
    if (!this.#book.started(id, round)) this.#warn(`A lane started the case ${id}, which is not planned.`);
  }

  #hasResult(result: CaseResult, { file, round }: Extract<LaneTask, { kind: 'run' }>, lane: number): void {
    if (round > 1) this.#planReached(result.id, file.name, round);
    const refused = this.#book.settle(result, file.name, round, lane);
    if (refused !== undefined)
      this.#warn(`A result for the case ${result.id} was not taken: it is ${refused}.`);
  }

  #planReached(id: string, suite: string, round: number): void {
    const declaration = this.#listed.get(suite)?.find((one) => one.id === id);
    if (declaration !== undefined) this.#book.plan(suite, round, [declaration]);
  }

  #warn(says: string): void {
    this.#ports.progress.report({ kind: 'note', level: 'warning', says });
  }

  #settled(result: CaseResult): void {
    try {
      this.#ports.folder.append(`${this.#name}-results.ndjson`, result);
    } catch (error) {
      this.#fail(error);
    }
    const counts = { done: this.#book.settledCount, planned: this.#book.plannedCount };
    this.#ports.progress.report({ kind: 'case', result, ...counts });
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
  }
}

function isLedgerWord(message: FromLane): message is Extract<FromLane, { readonly entry: LedgerEntry }> {
  return message.kind === 'creating' || message.kind === 'created' || message.kind === 'deleted';
}
