import { network, talk, type CaseContext, type Resource } from '../../src/conformance/index.ts';

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
export const subnetOf = ({ names }: CaseContext, home: string, cidr: string) => ({
  name: names.fresh('subnet'),
  network_id: home,
  ip_version: 4,
  cidr,
});

export const makeSubnet = (
  context: CaseContext,
  home: string,
  cidr: string,
  more: object = {},
): Promise<Resource> =>
  context.make.resource({
    type: 'network',
    path: '/subnets',
    key: 'subnet',
    body: { ...subnetOf(context, home, cidr), ...more },
  });

export const makePort = ({ make, names }: CaseContext, home: string, more: object = {}): Promise<Resource> =>
  make.resource({
    type: 'network',
    path: '/ports',
    key: 'port',
    body: { name: names.fresh('port'), network_id: home, ...more },
  });

export const makeRouter = ({ make, names }: CaseContext, more: object = {}): Promise<Resource> =>
  make.resource({
    type: 'network',
    path: '/routers',
    key: 'router',
    body: { name: names.fresh('router'), ...more },
  });

/** Which of a subnet or a port of it a router is plugged into. */
export type Socket = { readonly subnet_id: string } | { readonly port_id: string };

/** Plugs a router into a subnet; it is unplugged before anything that was made until now is taken away. */
export async function plug({ openstack, make }: CaseContext, router: string, socket: Socket) {
  make.undone((cleaning) =>
    cleaning
      .service('network')
      .request({ method: 'PUT', path: `/routers/${router}/remove_router_interface`, body: { ...socket } }),
  );
  return talk(openstack, 'network').put(
    200,
    `/routers/${router}/add_router_interface`,
    socket,
    network.routerInterface,
  );
}

export const makeGroup = ({ make, names }: CaseContext): Promise<Resource> =>
  make.resource({
    type: 'network',
    path: '/security-groups',
    key: 'security_group',
    body: { name: names.fresh('group') },
  });
