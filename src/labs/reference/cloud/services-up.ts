import { scalarText } from '../../../model/scalar-text.ts';
import type { OpenStackApi } from '../../../ports/openstack.ts';
import { NODE_SHAPES } from '../shape.ts';

/** A row of a service's own list of its parts; each names them otherwise. */
type Row = Readonly<Record<string, unknown>>;

/** What reports to Nova and Cinder, one of each at least; whoever went with its pod stays in the list, so not all must be up. */
const ONE_OF_EACH = {
  compute: ['nova-conductor', 'nova-scheduler'],
  'block-storage': ['cinder-scheduler', 'cinder-volume'],
} as const;

/**
 * Which part has not reported since it started, in words; undefined when all have. A pod is ready before: a cloud that was started
 * from a snapshot takes nobody's reports of before for its own, and finds no host for a server meanwhile.
 */
export async function lacksOfServices(
  cloud: Pick<OpenStackApi, 'listAll'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const [type, binaries] of Object.entries(ONE_OF_EACH)) {
    const rows = await cloud.listAll(type as keyof typeof ONE_OF_EACH, '/os-services', 'services', signal);
    const computes =
      type === 'compute' ? lackingOn(rows.filter(ofBinary('nova-compute')), 'nova-compute') : undefined;
    const missing = binaries.find((binary) => !rows.filter(ofBinary(binary)).some(isUp));
    if (computes !== undefined || missing !== undefined) return computes ?? `no ${missing} has reported`;
  }
  const agents = await cloud.listAll('network', '/agents', 'agents', signal);
  return lackingOn(agents, 'an agent of Neutron');
}

const ofBinary =
  (binary: string) =>
  (row: Row): boolean =>
    row['binary'] === binary;

const isUp = (row: Row): boolean => row['state'] === 'up' || row['alive'] === true;

/** Each compute node must have one, and all that are known must be up. */
function lackingOn(rows: readonly Row[], what: string): string | undefined {
  const down = rows.find((row) => !isUp(row));
  const absent = NODE_SHAPES.find(
    ({ name, role }) => role === 'compute' && !rows.some((row) => row['host'] === name),
  );
  const host = down === undefined ? absent?.name : scalarText(down['host']);
  return host === undefined ? undefined : `${what} on ${host} has not reported`;
}
