import type { CaseContext, Resource } from '../../src/conformance/index.ts';

/** The body of Neutron's refusals. */
export interface Fault {
  readonly NeutronError: { readonly type: string; readonly message: string };
}

export const makeNetwork = ({ make, names }: CaseContext): Promise<Resource> =>
  make.resource({
    type: 'network',
    path: '/networks',
    key: 'network',
    body: { name: names.fresh('network'), admin_state_up: true },
  });

/** What `POST /subnets` is asked for. */
export const subnetOf = ({ names }: CaseContext, network: string, cidr: string) => ({
  name: names.fresh('subnet'),
  network_id: network,
  ip_version: 4,
  cidr,
});

export const makeSubnet = (context: CaseContext, network: string, cidr: string): Promise<Resource> =>
  context.make.resource({
    type: 'network',
    path: '/subnets',
    key: 'subnet',
    body: subnetOf(context, network, cidr),
  });

export const makePort = (
  { make, names }: CaseContext,
  network: string,
  more: object = {},
): Promise<Resource> =>
  make.resource({
    type: 'network',
    path: '/ports',
    key: 'port',
    body: { name: names.fresh('port'), network_id: network, ...more },
  });
