import type { CaseDeclaration, CaseResult } from '../../src/model/conformance.ts';
import type { FromLane, Lane, LaneAssignment, LaneLauncher, ToLane } from '../../src/ports/lanes.ts';
import type { VirtualClock } from './virtual-clock.ts';

export const DEEDS = [
  'pass',
  'fail',
  'die',
  'hang',
  'garbage',
  'twice',
  'forget',
  'foreign',
  'quiet-pass',
] as const;
export type Deed = (typeof DEEDS)[number];

export interface ScriptedFile {
  readonly name: string;
  readonly load: 'ok' | 'fails' | 'dies' | 'hangs';
  readonly deeds: readonly Deed[];
  /** How long each message takes, in milliseconds. */
  readonly pace: number;
}

export const declarationsOf = (file: ScriptedFile): readonly CaseDeclaration[] =>
  file.deeds.map((deed, index) => ({
    id: `${file.name}/case-${index}`,
    title: deed,
    tags: ['read'],
    needs: [],
    covers: [],
  }));

/** Lanes that follow a script, in this process: they misbehave in every way that a real one can. */
export class ScriptedLanes implements LaneLauncher {
  launched = 0;
  alive = 0;
  readonly #files: ReadonlyMap<string, ScriptedFile>;
  readonly #clock: VirtualClock;

  constructor(files: readonly ScriptedFile[], clock: VirtualClock) {
    this.#files = new Map(files.map((file) => [file.name, file]));
    this.#clock = clock;
  }

  launch(assignment: LaneAssignment): Lane {
    this.launched += 1;
    this.alive += 1;
    return new ScriptedLane(assignment, this.#files, this.#clock, () => (this.alive -= 1));
  }
}

class ScriptedLane implements Lane {
  readonly exited: Lane['exited'];
  readonly #assignment: LaneAssignment;
  readonly #files: ReadonlyMap<string, ScriptedFile>;
  readonly #clock: VirtualClock;
  #listener: (message: FromLane) => void = () => undefined;
  #exit: (exit: Awaited<Lane['exited']>) => void = () => undefined;
  #isGone = false;
  #stopping = false;
  #busy = false;

  constructor(
    assignment: LaneAssignment,
    files: ReadonlyMap<string, ScriptedFile>,
    clock: VirtualClock,
    onExit: () => void,
  ) {
    this.#assignment = assignment;
    this.#files = files;
    this.#clock = clock;
    this.exited = new Promise((resolve) => {
      this.#exit = (exit) => {
        if (this.#isGone) return;
        this.#isGone = true;
        onExit();
        resolve(exit);
      };
    });
    clock.after(1, () => this.#say({ kind: 'ready' }));
  }

  onMessage(listener: (message: FromLane) => void): void {
    this.#listener = listener;
  }

  kill(): void {
    this.#exit({ code: null, signal: 'SIGKILL', says: '' });
  }

  send(message: ToLane): void {
    if (message.kind === 'stop') {
      this.#stopping = true;
      if (!this.#busy) this.#exit({ code: 0, signal: null, says: '' });
      return;
    }
    this.#busy = true;
    void this.#perform(message).then(() => {
      this.#busy = false;
      if (this.#stopping) this.#exit({ code: 0, signal: null, says: '' });
    });
  }

  #say(message: unknown): void {
    if (!this.#isGone) this.#listener(message as FromLane);
  }

  async #pause(ms: number): Promise<void> {
    await this.#clock.sleep({ ms });
  }

  async #perform(task: Exclude<ToLane, { kind: 'stop' }>): Promise<void> {
    const file = this.#files.get(task.file.name);
    if (file === undefined) throw new Error(`The script has no file ${task.file.name}.`);
    await this.#pause(file.pace);
    if (file.load === 'hangs') await new Promise(() => undefined);
    if (file.load === 'dies') this.#exit({ code: 1, signal: null, says: 'first line\nout of memory' });
    if (file.load === 'fails')
      return this.#say({ kind: 'file-failed', suite: file.name, says: 'it does not parse' });
    this.#say({ kind: 'planned', suite: file.name, cases: declarationsOf(file) });
    if (task.kind === 'run') {
      for (const [index, deed] of file.deeds.entries()) {
        if (this.#stopping || this.#isGone) break;
        await this.#case(file, index, deed, task.round);
      }
    }
    this.#say({ kind: 'file-done', suite: file.name });
  }

  async #case(file: ScriptedFile, index: number, deed: Deed, round: number): Promise<void> {
    const declaration = declarationsOf(file)[index];
    if (declaration === undefined || deed === 'forget') return;
    const { id } = declaration;
    const started = this.#clock.now();
    if (deed !== 'quiet-pass') this.#say({ kind: 'started', id });
    await this.#pause(file.pace);
    if (deed === 'hang') await new Promise(() => undefined);
    if (deed === 'die') return this.#exit({ code: 7, signal: null, says: '' });
    if (deed === 'garbage')
      for (const junk of [undefined, 'no', 4, { kind: 'result' }, { kind: 'started' }, { kind: 'x' }])
        this.#say(junk);
    const result: CaseResult = {
      ...declaration,
      suite: file.name,
      stage: this.#assignment.stage,
      round,
      outcome: deed === 'fail' ? 'failed' : 'passed',
      started,
      ended: this.#clock.now(),
      lane: this.#assignment.lane,
      troubles: [],
    };
    this.#say({ kind: 'result', result });
    if (deed === 'twice') this.#say({ kind: 'result', result: { ...result, outcome: 'failed' } });
    if (deed === 'foreign') this.#say({ kind: 'result', result: { ...result, id: 'other/suite/case' } });
  }
}
