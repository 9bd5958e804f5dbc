import type { Unit } from '../lab-layout.ts';

/** How one unit is started and stopped; both return when it is done. */
export interface UnitProgram {
  start(): void;
  stop(): void;
}

/** The units of a node, as its systemd and its folder of static pods would keep them. */
export class UnitKeeper {
  readonly #programs: ReadonlyMap<Unit, UnitProgram>;
  readonly #running = new Set<Unit>();
  /** Marks of whoever stopped a unit, as long as it is to start again. */
  readonly #stoppedBy = new Map<Unit, string>();
  readonly #startAgain = new Map<Unit, NodeJS.Timeout>();

  constructor(programs: ReadonlyMap<Unit, UnitProgram>) {
    this.#programs = programs;
  }

  list(): readonly { readonly unit: Unit; readonly running: boolean; readonly stoppedBy?: string }[] {
    return [...this.#programs.keys()].map((unit) => {
      const stoppedBy = this.#stoppedBy.get(unit);
      return { unit, running: this.#running.has(unit), ...(stoppedBy === undefined ? {} : { stoppedBy }) };
    });
  }

  has(unit: string): unit is Unit {
    return this.#programs.has(unit as Unit);
  }

  running(unit: Unit): boolean {
    return this.#running.has(unit);
  }

  start(unit: Unit): void {
    clearTimeout(this.#startAgain.get(unit));
    this.#startAgain.delete(unit);
    this.#stoppedBy.delete(unit);
    if (this.#running.has(unit)) return;
    this.#running.add(unit);
    this.#programs.get(unit)?.start();
  }

  /** Starts again by itself after that time; asking again while it is stopped counts anew. */
  stop(unit: Unit, startAgainAfterMs: number, by?: string): void {
    if (by !== undefined) this.#stoppedBy.set(unit, by);
    clearTimeout(this.#startAgain.get(unit));
    this.#startAgain.set(
      unit,
      setTimeout(() => this.start(unit), startAgainAfterMs),
    );
    if (!this.#running.delete(unit)) return;
    this.#programs.get(unit)?.stop();
  }
}
