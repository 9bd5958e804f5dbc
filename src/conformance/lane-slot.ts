import { formatDuration, milliseconds, seconds, type Duration } from '../model/duration.ts';
import type { Clock } from '../ports/clock.ts';
import type { FromLane, Lane, LaneAssignment, LaneLauncher, ToLane } from '../ports/lanes.ts';

/** Something for a lane to do with one file. */
export type LaneTask = Exclude<ToLane, { kind: 'stop' }>;

export type TaskEnd =
  | { readonly kind: 'done' }
  /** The lane is well, the file is not. */
  | { readonly kind: 'file-failed'; readonly says: string }
  /** The lane is gone. */
  | { readonly kind: 'lost'; readonly says: string };

export interface SlotTools {
  readonly launcher: LaneLauncher;
  readonly assignment: LaneAssignment;
  readonly clock: Clock;
  /** From the moment a file is sent until it must be done. */
  readonly fileTimeout: Duration;
  /** Hears everything that the lane says about the task, in order. */
  readonly heard: (message: FromLane, task: LaneTask) => void;
}

/** From the launch until a lane must be ready: Node, mocha and the clients are loaded meanwhile, on a machine that may be busy. */
const READY_WITHIN = seconds(60);
/**
 * A case that is over its time ends by itself and takes away what it made; only one that does not listen is ended with its lane.
 * It grows with the time of a case, where that was given for a slow system.
 */
const caseGrace = ({ ms }: Duration): Duration => milliseconds(Math.max(45_000, ms * 0.75));
/** From the stop message until a lane that still runs is ended. */
const STOP_GRACE = seconds(15);
/** Launches in a row that came to nothing; the next would not either. */
const MAX_FALSE_STARTS = 3;

interface LaunchedLane {
  readonly lane: Lane;
  /** Resolves with nothing, or with why it will never be ready. */
  readonly ready: Promise<string | undefined>;
  hear: ((message: FromLane) => void) | undefined;
}

/** One place for a lane: launches it when there is work, watches it, and replaces it when it dies or hangs. */
export class LaneSlot {
  readonly #tools: SlotTools;
  #lane: LaunchedLane | undefined;
  #task: LaneTask | undefined;
  #falseStarts = 0;
  #stopped = false;
  /** Of lanes that were given up: nothing of them may be left when the slot is closed. */
  readonly #gone: Promise<unknown>[] = [];

  constructor(tools: SlotTools) {
    this.#tools = tools;
  }

  /** Never rejects: whatever becomes of the lane is how the task ended. */
  async run(task: LaneTask): Promise<TaskEnd> {
    if (this.#falseStarts >= MAX_FALSE_STARTS) {
      return { kind: 'lost', says: `No lane could be started, ${MAX_FALSE_STARTS} times in a row.` };
    }
    const current = this.#current();
    const trouble = await current.ready;
    if (trouble !== undefined) {
      this.#falseStarts += 1;
      this.#drop(current);
      return { kind: 'lost', says: trouble };
    }
    this.#falseStarts = 0;
    this.#task = task;
    const end = await this.#perform(current, task);
    this.#task = undefined;
    if (end.kind === 'lost') this.#drop(current);
    return end;
  }

  /** Lets the case that runs end, and no other begin; a lane that lists files goes on. */
  stopAfterCase(): void {
    if (this.#task?.kind !== 'run') return;
    this.#stopped = true;
    // The case may take its time: the watch over it is still there.
    this.#lane?.lane.send({ kind: 'stop' });
  }

  /** Ends the case that runs, and the lane when it has not left in time. */
  async stopNow(): Promise<void> {
    this.#stopped = true;
    if (this.#lane === undefined) return;
    this.#lane.lane.send({ kind: 'stop', now: true });
    await this.#exitWithin(this.#lane.lane, STOP_GRACE);
  }

  async close(): Promise<void> {
    const current = this.#lane;
    this.#lane = undefined;
    if (current !== undefined) {
      if (!this.#stopped) current.lane.send({ kind: 'stop' });
      await this.#exitWithin(current.lane, STOP_GRACE);
    }
    await Promise.all(this.#gone);
  }

  async #exitWithin(lane: Lane, grace: Duration): Promise<void> {
    const cancel = this.#tools.clock.after(grace.ms, () => lane.kill());
    await lane.exited;
    cancel();
  }

  #current(): LaunchedLane {
    return (this.#lane ??= this.#launch());
  }

  #launch(): LaunchedLane {
    const { launcher, assignment, clock } = this.#tools;
    const lane = launcher.launch(assignment);
    let isReady: (trouble: string | undefined) => void = () => undefined;
    const ready = new Promise<string | undefined>((resolve) => {
      isReady = resolve;
    });
    const cancel = clock.after(READY_WITHIN.ms, () => {
      lane.kill();
      isReady(`The lane was not ready within ${formatDuration(READY_WITHIN)}.`);
    });
    const current: LaunchedLane = { lane, ready, hear: undefined };
    lane.onMessage((message) => {
      if (isKind(message, 'ready')) {
        cancel();
        isReady(undefined);
      } else current.hear?.(message);
    });
    lane.exited.then(
      (exit) => {
        cancel();
        isReady(describeExit(exit));
      },
      (error: unknown) => isReady(String(error)),
    );
    return current;
  }

  #perform(current: LaunchedLane, task: LaneTask): Promise<TaskEnd> {
    const { clock, fileTimeout, assignment, heard } = this.#tools;
    return new Promise((resolve) => {
      let cancelCase = (): void => undefined;
      const finish = (end: TaskEnd): void => {
        cancelFile();
        cancelCase();
        current.hear = undefined;
        resolve(end);
      };
      const hang = (says: string): void => {
        current.lane.kill();
        finish({ kind: 'lost', says });
      };
      const cancelFile = clock.after(fileTimeout.ms, () =>
        hang(`The file took longer than ${formatDuration(fileTimeout)}, so its lane was ended.`),
      );
      current.hear = (message) => {
        heard(message, task);
        if (isKind(message, 'started')) {
          cancelCase();
          const limit = milliseconds(assignment.caseTimeout.ms + caseGrace(assignment.caseTimeout).ms);
          cancelCase = clock.after(limit.ms, () =>
            hang(
              `The case ${message.id} was still running after ${formatDuration(limit)}, so its lane was ended.`,
            ),
          );
        } else if (isKind(message, 'result')) cancelCase();
        else if (isKind(message, 'file-done') && message.suite === task.file.name) finish({ kind: 'done' });
        else if (isKind(message, 'file-failed') && message.suite === task.file.name) {
          finish({ kind: 'file-failed', says: message.says });
        }
      };
      current.lane.exited.then(
        (exit) => finish({ kind: 'lost', says: describeExit(exit) }),
        (error: unknown) => finish({ kind: 'lost', says: String(error) }),
      );
      current.lane.send(task);
    });
  }

  /** What the lane still says is about a task that is over. */
  #drop(current: LaunchedLane): void {
    current.hear = undefined;
    current.lane.kill();
    this.#gone.push(current.lane.exited.catch(() => undefined));
    if (this.#lane === current) this.#lane = undefined;
  }
}

/** A lane is another process, and the case in it may have sent anything. */
function isKind<Kind extends FromLane['kind']>(
  message: unknown,
  kind: Kind,
): message is Extract<FromLane, { kind: Kind }> {
  return typeof message === 'object' && message !== null && (message as { kind?: unknown }).kind === kind;
}

function describeExit({ code, signal, says }: Awaited<Lane['exited']>): string {
  const how = signal === null ? `ended with code ${code ?? 'unknown'}` : `was ended by ${signal}`;
  const lastLine = says.split('\n').findLast((line) => line.trim() !== '');
  return `The lane ${how}${lastLine === undefined ? '' : `; it said last: ${lastLine.trim()}`}.`;
}
