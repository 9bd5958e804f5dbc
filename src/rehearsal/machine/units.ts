import type { Unit } from '../lab-layout.ts';

/** Starts a unit, and gives how to stop it. */
export type UnitProgram = () => () => void;

/** The units of a node, as its systemd and its folder of static pods would keep them. */
export class Units {
  readonly #programs: ReadonlyMap<string, UnitProgram>;
  readonly #running = new Map<string, () => void>();
  readonly #startAgain = new Map<string, NodeJS.Timeout>();
  /** Marks of whoever stopped a unit, as long as it is to start again. */
  readonly #stoppedBy = new Map<string, string>();

  constructor(programs: ReadonlyMap<Unit, UnitProgram>) {
    this.#programs = programs;
  }

  list(): readonly { readonly unit: string; readonly running: boolean; readonly stoppedBy?: string }[] {
    return [...this.#programs.keys()].map((unit) => {
      const stoppedBy = this.#stoppedBy.get(unit);
      return { unit, running: this.isRunning(unit), ...(stoppedBy === undefined ? {} : { stoppedBy }) };
    });
  }

  isRunning(unit: string): boolean {
    return this.#running.has(unit);
  }

  start(unit: string): void {
    clearTimeout(this.#startAgain.get(unit));
    this.#stoppedBy.delete(unit);
    const program = this.#programs.get(unit);
    if (program === undefined) throw new Error(`There is no unit ${unit} on this node.`);
    if (!this.isRunning(unit)) this.#running.set(unit, program());
  }

  /** Starts again by itself after that time; asking again while it is stopped counts anew. */
  stop(unit: string, startAgainMs: number, by?: string): void {
    if (!this.#programs.has(unit)) throw new Error(`There is no unit ${unit} on this node.`);
    if (by !== undefined) this.#stoppedBy.set(unit, by);
    clearTimeout(this.#startAgain.get(unit));
    this.#startAgain.set(
      unit,
      setTimeout(() => this.start(unit), startAgainMs),
    );
    const stop = this.#running.get(unit);
    this.#running.delete(unit);
    stop?.();
  }
}
