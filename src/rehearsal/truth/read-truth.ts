import { FRONT_NAMES } from '../lab-layout.ts';
import type { Front } from '../lab-layout.ts';
import { readFacts } from './fact.ts';
import type { DatedFact } from './fact.ts';
import { LabState } from './lab-state.ts';
import type { Answering } from './lab-state.ts';

export interface TruthInterval {
  readonly state: Answering;
  readonly fromNs: number;
  /** undefined: it still is so. */
  readonly untilNs: number | undefined;
}

export interface Truth {
  /** By front: how it answers whoever comes through the address. */
  readonly fronts: Readonly<Record<string, readonly TruthInterval[]>>;
  /** By `<node> <front>`: whether what runs on that node answers. */
  readonly replicas: Readonly<Record<string, readonly TruthInterval[]>>;
}

/** When each service stopped and resumed answering, from the facts in the folder of a lab. Intervals of one thing touch. */
export function readTruth(labFolder: string): Truth {
  const state = new LabState();
  const fronts = new Map<Front, Line>(FRONT_NAMES.map((front) => [front, new Line()]));
  const replicas = new Map<string, Line>();
  for (const fact of withDeclaredEnds(readFacts(labFolder))) {
    state.take(fact);
    for (const [front, line] of fronts) line.note(fact.ns, state.front(front));
    for (const key of state.replicas()) {
      const [node, front] = key.split(' ') as [string, Front];
      const line = replicas.get(key) ?? new Line();
      replicas.set(key, line);
      line.note(fact.ns, state.replica(node, front) ? 'up' : 'down');
    }
  }
  return {
    fronts: Object.fromEntries([...fronts].map(([front, line]) => [front, line.intervals])),
    replicas: Object.fromEntries([...replicas].map(([key, line]) => [key, line.intervals])),
  };
}

/**
 * A rule is over at the end that it was given, also when nobody is left to say so because all who held it were killed; what
 * lies ahead of the last fact is not told.
 */
function withDeclaredEnds(facts: readonly DatedFact[]): readonly DatedFact[] {
  const lastNs = facts.at(-1)?.ns ?? 0;
  const endOf = new Map(
    facts.filter((fact) => fact.kind === 'rule').map(({ rule }) => [rule.id, rule.endsNs]),
  );
  const ends = [...endOf]
    .filter(([, endsNs]) => endsNs <= lastNs)
    .map(([id, endsNs]): DatedFact => ({ kind: 'rule-over', id, ns: endsNs }));
  return ends.length === 0 ? facts : [...facts, ...ends].sort((a, b) => a.ns - b.ns);
}

/** How one thing went over time. */
class Line {
  readonly intervals: TruthInterval[] = [];

  note(ns: number, state: Answering): void {
    const last = this.intervals.at(-1);
    if (last?.state === state) return;
    if (last !== undefined) this.intervals[this.intervals.length - 1] = { ...last, untilNs: ns };
    this.intervals.push({ state, fromNs: ns, untilNs: undefined });
  }
}
