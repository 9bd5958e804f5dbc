import type { FaultSubject } from '../model/catalogue.ts';
import type { Selector } from '../model/plan.ts';
import type { Topology } from '../model/topology.ts';

/** More names than this are a list to look up, not a message. */
const MOST_NAMES = 20;

type Part = 'role' | 'service' | 'namespace' | 'workload' | 'node' | 'unit';

const PARTS: readonly Part[] = ['role', 'service', 'namespace', 'workload', 'node', 'unit'];

/** Why a selector matches nothing: the names in it that nothing here has, with those that there are. */
export function explainNoMatch(
  selector: Selector,
  subject: FaultSubject,
  topology: Omit<Topology, 'live'>,
): string {
  const known = knownNames(subject, topology);
  const strange = PARTS.flatMap((part) => {
    const value = selector[part];
    if (value === undefined || known[part].includes(value)) return [];
    const names = known[part];
    if (names.length === 0) return [`a ${subject} has no ${part} here`];
    const listed = names.slice(0, MOST_NAMES).join(', ');
    return [`there is no ${part} ${value}, but ${listed}${names.length > MOST_NAMES ? ' and others' : ''}`];
  });
  return strange.length > 0 ? strange.join('; ') : 'nothing is all of that at once';
}

function knownNames(
  subject: FaultSubject,
  { nodes, services }: Omit<Topology, 'live'>,
): Readonly<Record<Part, readonly string[]>> {
  const ofNodes = subject !== 'pod';
  const chosen = services.filter(({ kind }) =>
    subject === 'pod' ? kind !== 'unit' : subject === 'unit' && kind === 'unit',
  );
  const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();
  return {
    role: sorted([
      ...chosen.flatMap(({ roles }) => roles),
      ...(ofNodes ? nodes.flatMap(({ roles }) => roles) : []),
    ]),
    service: sorted(chosen.map(({ service }) => service)),
    namespace: sorted(chosen.map(({ namespace }) => namespace)),
    workload: sorted(chosen.map(({ workload }) => workload)),
    node: sorted(nodes.map(({ name }) => name)),
    unit: subject === 'unit' ? sorted(nodes.flatMap(({ units }) => units)) : [],
  };
}
