import type { FaultStep, Limits, Mode, Selector } from '../model/plan.ts';
import type { ScheduledFault, TargetIdentity } from '../model/schedule.ts';
import { seededRandom } from '../model/seeded-random.ts';
import type { Service, Topology } from '../model/topology.ts';
import { explainNoMatch } from './explain-no-match.ts';
import type { Fault, PredictionContext } from './fault.ts';
import type { ScheduleProblem } from './schedule-problem.ts';
import { movingRole, selectCandidates, sortIdentities, type Candidates } from './select-candidates.ts';

interface ScheduleContext {
  readonly topology: Omit<Topology, 'live'>;
  readonly limits: Limits;
  readonly seed: string;
}

/** Draws the targets of one step. */
export function scheduleFault(
  step: FaultStep,
  id: string,
  fault: Fault,
  context: ScheduleContext,
): { readonly scheduled?: ScheduledFault; readonly trouble: readonly ScheduleProblem[] } {
  const missing = missingAbilities(step, fault, context.topology);
  const { targets, leftOut, trouble } = drawTargets(step, id, fault, context);
  const other = fault.acts === 'link' ? otherSide(step, targets, context) : { from: [], trouble: [] };
  const unheld =
    fault.lasts && step.duration.ms <= 0
      ? [says('SQ_PLAN_INVALID', step, `${fault.name} lasts, so it needs a duration.`)]
      : [];
  const meant = fault.refuses?.(step.parameters);
  const refused = meant === undefined ? [] : [says('SQ_PLAN_INVALID', step, `${fault.name}: ${meant}`)];
  const all = [...unheld, ...refused, ...missing, ...trouble, ...(trouble.length > 0 ? [] : other.trouble)];
  if (all.length > 0) return { trouble: all };
  const duration = fault.lasts ? step.duration : { ms: 0 };
  return {
    trouble: [],
    scheduled: {
      kind: 'fault',
      id,
      step: step.name,
      fault: fault.name,
      targets,
      from: other.from,
      duration,
      parameters: step.parameters,
      predicted: fault.predict(context.topology.timers, {
        ...aboutTargets(targets, context.topology),
        duration,
        parameters: step.parameters,
      }),
      ...(leftOut.length > 0 ? { leftOut } : {}),
    },
  };
}

const says = (code: ScheduleProblem['code'], step: FaultStep, text: string): ScheduleProblem => ({
  code,
  says: `Step ${step.name}: ${text}`,
});

/** What a fault needs and the lab does not have, each with the lab's own reason and remedy. */
export function missingAbilities(
  step: FaultStep,
  fault: Pick<Fault, 'name' | 'needs'>,
  topology: Omit<Topology, 'live'>,
): readonly ScheduleProblem[] {
  return fault.needs
    .filter((need) => !topology.abilities.includes(need))
    .map((need) => {
      const known = topology.missingAbilities.find(({ ability }) => ability === need);
      const why = known === undefined ? '' : `: ${known.reason} ${known.remedy}`;
      return says(
        'SQ_ABILITY_MISSING',
        step,
        `${fault.name} needs ${need}, which the lab ${topology.lab} does not have${why}`,
      );
    });
}

interface Drawn {
  readonly targets: readonly TargetIdentity[];
  readonly leftOut: readonly string[];
  readonly trouble: readonly ScheduleProblem[];
}

function drawTargets(
  step: FaultStep,
  id: string,
  fault: Fault,
  { topology, limits, seed }: ScheduleContext,
): Drawn {
  const refused = (code: ScheduleProblem['code'], text: string): Drawn => ({
    targets: [],
    leftOut: [],
    trouble: [says(code, step, text)],
  });
  if (partsOf(step.selector).length === 0) {
    return refused('SQ_TARGET_AMBIGUOUS', 'its selector is empty, so it names everything.');
  }
  const moving = movingRole(step.selector.role);
  if (moving !== undefined) return drawHolder(step, fault, moving);
  const candidates = selectCandidates(step.selector, fault.acts, topology, limits);
  const { found, leftOut, outOf } = candidates;
  if (found.length === 0)
    return refused('SQ_TARGET_NONE', nothingMatched(step.selector, fault, leftOut, topology));
  if (namesEverything(step, candidates)) {
    return refused(
      'SQ_TARGET_AMBIGUOUS',
      `its selector names all of the ${outOf} ${fault.acts}s that there are.`,
    );
  }
  const count = countOf(step.mode, found.length);
  if (count > found.length) {
    return refused('SQ_TARGET_NONE', `it asks for ${count} targets, and only ${found.length} match.`);
  }
  const targets = sortIdentities(seededRandom(`${seed}/${id}`).pick(found, count));
  return { targets, leftOut, trouble: [] };
}

/** A role that moves is resolved at the start of its step; nothing else can narrow it before. */
function drawHolder(step: FaultStep, fault: Fault, holderOf: string): Drawn {
  const others = partsOf(step.selector).filter(
    (part) => part !== 'role' && !(part === 'unit' && fault.acts === 'unit'),
  );
  const trouble = (text: string): Drawn => ({
    targets: [],
    leftOut: [],
    trouble: [says('SQ_TARGET_AMBIGUOUS', step, text)],
  });
  if (fault.acts === 'pod')
    return trouble(`the role ${step.selector.role} belongs to a node, and ${fault.name} acts on pods.`);
  if (others.length > 0) {
    return trouble(
      `the role ${step.selector.role} moves between nodes, so it cannot be joined with ${others.join(', ')}.`,
    );
  }
  if (fault.acts === 'unit' && step.selector.unit === undefined) {
    return trouble(
      `${fault.name} needs the unit that it stops on the node with the role ${step.selector.role}.`,
    );
  }
  const unit = fault.acts === 'unit' && step.selector.unit !== undefined ? { unit: step.selector.unit } : {};
  return { targets: [{ subject: fault.acts, holderOf, ...unit }], leftOut: [], trouble: [] };
}

/** The other group: what `from` names, or every other node. For a role that moves it is resolved with its holder. */
function otherSide(
  step: FaultStep,
  targets: readonly TargetIdentity[],
  { topology, limits }: ScheduleContext,
): { from: readonly TargetIdentity[]; trouble: readonly ScheduleProblem[] } {
  const chosen = new Set(targets.map(({ node }) => node));
  const moves = targets.some(({ holderOf }) => holderOf !== undefined);
  if (step.from === undefined) {
    if (moves) return { from: [], trouble: [] };
    const others = topology.nodes.filter(({ name }) => !chosen.has(name));
    if (others.length === 0) {
      return {
        from: [],
        trouble: [says('SQ_TARGET_NONE', step, 'no node is left for the other side of the links.')],
      };
    }
    return {
      from: sortIdentities(others.map(({ name }) => ({ subject: 'link' as const, node: name }))),
      trouble: [],
    };
  }
  if (partsOf(step.from).length === 0 || movingRole(step.from.role) !== undefined) {
    return {
      from: [],
      trouble: [says('SQ_TARGET_AMBIGUOUS', step, '`from` must name nodes that do not move.')],
    };
  }
  // The other side keeps what it is: protecting it from being chosen does not mean that nobody may lose sight of it.
  const unprotected = { ...limits, protectedNodes: [], protectedNamespaces: [] };
  const { found } = selectCandidates(step.from, 'link', topology, unprotected);
  const from = found.filter(({ node }) => !chosen.has(node));
  if (from.length > 0) return { from, trouble: [] };
  return { from, trouble: [says('SQ_TARGET_NONE', step, '`from` matches no node besides the chosen ones.')] };
}

function countOf(mode: Mode, candidates: number): number {
  if (mode.kind === 'one') return 1;
  if (mode.kind === 'all') return candidates;
  if (mode.kind === 'fixed') return mode.value;
  // Rounded down, so that a share is never more than was asked for; but a step always hurts something.
  return Math.max(1, Math.floor(mode.value * candidates));
}

const partsOf = (selector: Selector): readonly string[] =>
  Object.entries(selector)
    .filter(
      ([key, value]) =>
        value !== undefined && !(key === 'labels' && Object.keys(value as object).length === 0),
    )
    .map(([key]) => key);

/** A namespace or a label is no choice when everything carries it; a role is one, unless all of it is taken. */
function namesEverything({ selector, mode }: FaultStep, { found, leftOut, outOf }: Candidates): boolean {
  if (found.length + leftOut.length < outOf || outOf < 2) return false;
  const narrow = partsOf(selector).some((part) => part !== 'namespace' && part !== 'labels');
  return !narrow || countOf(mode, found.length) >= outOf;
}

function nothingMatched(
  selector: Selector,
  fault: Fault,
  leftOut: readonly string[],
  topology: Omit<Topology, 'live'>,
): string {
  const text = Object.entries(selector)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
  if (leftOut.length === 0)
    return `no ${fault.acts} matches ${text}: ${explainNoMatch(selector, fault.acts, topology)}.`;
  return `everything that matches ${text} is protected: ${leftOut.join('; ')}.`;
}

function aboutTargets(
  targets: readonly TargetIdentity[],
  topology: Omit<Topology, 'live'>,
): Pick<PredictionContext, 'roles' | 'holdsAddress'> {
  const holds = targets.some(
    ({ holderOf, unit }) => holderOf === 'api-address' && (unit === undefined || unit === 'keepalived'),
  );
  const wholeNode = targets.some(({ holderOf, unit }) => holderOf === 'api-address' && unit === undefined);
  const nodes = new Set(
    targets.filter(({ subject }) => subject === 'node' || subject === 'link').map(({ node }) => node),
  );
  const hurt = (service: Service): boolean =>
    targets.some(
      (target) =>
        target.service === service.id || (target.unit !== undefined && target.unit === service.unit),
    ) || service.members.some(({ node }) => nodes.has(node) || (wholeNode && isControl(node, topology)));
  const perhaps = [...nodes].some((node) => node !== undefined && isControl(node, topology));
  const keepalived = targets.some(({ unit }) => unit === 'keepalived');
  return {
    roles: [...new Set(topology.services.filter(hurt).flatMap(({ roles }) => roles))].sort(),
    holdsAddress: holds ? 'yes' : perhaps || keepalived ? 'perhaps' : 'no',
  };
}

const isControl = (node: string, topology: Omit<Topology, 'live'>): boolean =>
  topology.nodes.find(({ name }) => name === node)?.roles.includes('control') ?? false;
