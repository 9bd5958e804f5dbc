import { FRONT_NAMES } from '../lab-layout.ts';
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

type Lines = Record<string, TruthInterval[]>;

export interface Truth {
  /** By front: how it answers whoever comes through the address. */
  readonly fronts: Readonly<Record<string, readonly TruthInterval[]>>;
  /** By `<node> <front>`: whether what runs on that node answers. */
  readonly replicas: Readonly<Record<string, readonly TruthInterval[]>>;
}

/** When each service stopped and resumed answering, from the facts in the folder of a lab. Intervals of one thing touch. */
export function readTruth(labFolder: string): Truth {
  const state = new LabState();
  const [fronts, replicas]: [Lines, Lines] = [{}, {}];
  for (const fact of withDeclaredEnds(readFacts(labFolder))) {
    state.take(fact);
    for (const front of FRONT_NAMES) note((fronts[front] ??= []), fact.ns, state.front(front));
    for (const { node, front } of state.replicas())
      note((replicas[`${node} ${front}`] ??= []), fact.ns, state.replica(node, front) ? 'up' : 'down');
  }
  return { fronts, replicas };
}

/**
 * A rule is over at the end that it was given, also when nobody is left to say so because all who held it were killed; what
 * lies ahead of the last fact is not told.
 */
function withDeclaredEnds(facts: readonly DatedFact[]): readonly DatedFact[] {
  const lastNs = facts.at(-1)?.ns ?? 0;
  const rules = facts
    .filter((fact) => fact.kind === 'rule')
    .map(({ rule }) => [rule.id, rule.endsNs] as const);
  const ends = [...new Map(rules)].map(([id, ns]): DatedFact => ({ kind: 'rule-over', id, ns }));
  return [...facts, ...ends.filter(({ ns }) => ns <= lastNs)].sort((a, b) => a.ns - b.ns);
}

function note(line: TruthInterval[], ns: number, state: Answering): void {
  const last = line.at(-1);
  if (last?.state === state) return;
  if (last !== undefined) line[line.length - 1] = { ...last, untilNs: ns };
  line.push({ state, fromNs: ns, untilNs: undefined });
}
