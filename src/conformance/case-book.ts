import type { CaseDeclaration, CaseOutcome, CaseResult, ConformanceStage } from '../model/conformance.ts';
import type { Instant } from '../model/instant.ts';

/** A case that was planned for a round. */
interface Planned {
  readonly declaration: CaseDeclaration;
  readonly suite: string;
  readonly round: number;
  started?: Instant;
  result?: CaseResult;
}

export interface BookTools {
  readonly stage: ConformanceStage;
  readonly now: () => Instant;
  /** Called once for each case of each round, as its result becomes final. */
  readonly settled: (result: CaseResult) => void;
}

/** How a case ended that no lane spoke of. */
export interface GivenUp {
  readonly outcome: Extract<CaseOutcome, 'unknown' | 'skipped'>;
  readonly reason: string;
}

/** Lanes count from 1. */
const NO_LANE = 0;

/** Why a result was not taken. */
export type Refused = 'not planned' | 'there already';

/**
 * The account of a stage: every planned case gets exactly one result for each round that it was planned for, whatever lanes say,
 * and whatever becomes of them.
 */
export class CaseBook {
  readonly #tools: BookTools;
  readonly #planned = new Map<string, Planned>();

  constructor(tools: BookTools) {
    this.#tools = tools;
  }

  /** Planning a case again for the same round changes nothing. */
  plan(suite: string, round: number, cases: readonly CaseDeclaration[]): void {
    for (const declaration of cases) {
      const key = keyOf(declaration.id, round);
      if (!this.#planned.has(key)) this.#planned.set(key, { declaration, suite, round });
    }
  }

  /** @returns false when it is not planned for that round, or has ended already. */
  started(id: string, round: number): boolean {
    const planned = this.#planned.get(keyOf(id, round));
    if (planned === undefined || planned.result !== undefined) return false;
    planned.started ??= this.#tools.now();
    return true;
  }

  /** Takes a lane's word for how a case ended; what the case is, is known here. */
  settle(said: CaseResult, suite: string, round: number, lane: number): Refused | undefined {
    const planned = this.#planned.get(keyOf(said.id, round));
    if (planned === undefined || planned.suite !== suite) return 'not planned';
    if (planned.result !== undefined) return 'there already';
    this.#end(planned, { ...said, lane });
    return undefined;
  }

  /** Ends what is still open of a suite in a round. */
  giveUp(suite: string, round: number, endOf: (started: boolean) => GivenUp): void {
    for (const planned of this.#planned.values()) {
      if (planned.suite !== suite || planned.round !== round || planned.result !== undefined) continue;
      const ended = this.#tools.now();
      const { outcome, reason } = endOf(planned.started !== undefined);
      this.#end(planned, {
        started: planned.started ?? ended,
        ended,
        lane: NO_LANE,
        outcome,
        reason,
        troubles: [],
      });
    }
  }

  /** Declarations of all cases, in the order planned, each once. */
  declarations(): readonly CaseDeclaration[] {
    return [
      ...new Map(
        [...this.#planned.values()].map(({ declaration }) => [declaration.id, declaration]),
      ).values(),
    ];
  }

  /** In the order planned. Complete once everything was settled or given up. */
  results(): readonly CaseResult[] {
    return [...this.#planned.values()].flatMap(({ result }) => (result === undefined ? [] : [result]));
  }

  get plannedCount(): number {
    return this.#planned.size;
  }

  get settledCount(): number {
    return this.results().length;
  }

  #end(
    planned: Planned,
    end: Omit<CaseResult, 'id' | 'title' | 'suite' | 'tags' | 'covers' | 'stage' | 'round'>,
  ): void {
    const { id, title, tags, covers } = planned.declaration;
    planned.result = {
      ...end,
      id,
      title,
      suite: planned.suite,
      tags,
      ...(covers.length === 0 ? {} : { covers }),
      stage: this.#tools.stage,
      round: planned.round,
    };
    this.#tools.settled(planned.result);
  }
}

const keyOf = (id: string, round: number): string => `${round} ${id}`;

/** Stands for a file whose cases are not known, so that it does not vanish from the results. */
export function caseOfFile(suite: string): CaseDeclaration {
  return { id: `${suite}/file`, title: 'the suite file can be loaded', tags: [], needs: [], covers: [] };
}
