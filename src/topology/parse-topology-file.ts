import { HarnessError } from '../model/errors.ts';
import type { Topology } from '../model/topology.ts';
import { TOPOLOGY_SHAPE, type ShapeProblem } from './topology-shape.ts';

const REMEDY = 'Give a `topology-before.json` out of a run folder, unchanged.';
/** More would bury the first, which is usually the cause of the rest. */
const MOST_PROBLEMS = 20;

/**
 * Reads a stored topology, such as `topology-before.json` of a run.
 * @param file names it in messages.
 * @throws SQ_RUN_UNREADABLE with every problem on a line of its own.
 */
export function parseTopologyFile(text: string, file = 'topology.json'): Topology {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const says = text.trim() === '' ? 'is empty' : 'is not JSON, or was cut off';
    throw new HarnessError('SQ_RUN_UNREADABLE', `The topology ${file} ${says}.`, { cause, remedy: REMEDY });
  }
  const version =
    typeof value === 'object' && value !== null
      ? (value as { schemaVersion?: unknown }).schemaVersion
      : undefined;
  if (version !== undefined && version !== 1) {
    const says = `The topology ${file} is of version ${JSON.stringify(version)}, and this Squall reads version 1.`;
    throw new HarnessError('SQ_RUN_UNREADABLE', says, { facts: { version } });
  }
  const problems = [
    ...(version === undefined ? [{ path: 'schemaVersion', says: 'is missing; it should be 1' }] : []),
    ...TOPOLOGY_SHAPE(value, ''),
  ];
  if (problems.length > 0) throw broken(file, problems);
  const topology = value as Topology;
  const inconsistent = inconsistencies(topology);
  if (inconsistent.length > 0) throw broken(file, inconsistent);
  return topology;
}

/** What a schedule relies on beyond the shape: ids are unique, and what names a service names one that is there. */
function inconsistencies(topology: Topology): readonly ShapeProblem[] {
  const ids = topology.services.map((service) => service.id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  const known = new Set(ids);
  const strangers = topology.live.members.filter((member) => !known.has(member.service));
  return [
    ...twice.map((id) => ({ path: 'services', says: `has ${id} twice` })),
    ...strangers.map((member) => ({
      path: 'live.members',
      says: `names the service ${member.service}, which is not there`,
    })),
  ];
}

function broken(file: string, problems: readonly ShapeProblem[]): HarnessError {
  const shown = problems.slice(0, MOST_PROBLEMS).map(({ path, says }) => `${file} ${path}: ${says}`);
  const more = problems.length - shown.length;
  const lines = [...shown, ...(more > 0 ? [`and ${more} more`] : [])];
  return new HarnessError('SQ_RUN_UNREADABLE', `The topology ${file} is not one:\n${lines.join('\n')}`, {
    facts: { problems },
    remedy: REMEDY,
  });
}
