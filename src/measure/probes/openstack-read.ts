import { HarnessError } from '../../model/errors.ts';
import type { ProbeSpec } from '../../model/plan.ts';
import type { Probe } from './probe.ts';

/** For each service a read that any member of a project may do, that goes through its database, and whose answer is small. */
const READS: Readonly<Record<string, string>> = {
  keystone: '/auth/catalog',
  nova: '/servers?limit=1',
  neutron: '/networks?limit=1',
  glance: '/images?limit=1',
  cinder: '/volumes?limit=1',
  heat: '/stacks?limit=1',
};

export const openstackRead: Probe = {
  name: 'openstack-read',
  summary: 'Does an OpenStack service answer a small authenticated read, such as a list of one server?',
  parameters: {
    path: {
      type: 'string',
      describe: "Path below the service's versioned root; absent: a small list that suits the service.",
    },
  },
  question: (spec) => ({
    kind: 'http',
    ask: { method: 'GET', path: pathOf(spec), headers: { accept: 'application/json' }, expect: [200] },
  }),
};

function pathOf(spec: ProbeSpec): string {
  const { path } = spec.parameters;
  const found = typeof path === 'string' ? path : READS[spec.endpoint];
  if (found !== undefined) return found;
  throw new HarnessError(
    'SQ_PLAN_INVALID',
    `Probe ${spec.name} does not know what to read from ${spec.endpoint}: it knows ${Object.keys(READS).join(', ')}.`,
    { remedy: 'Give the probe a `path`.' },
  );
}
