import type { Endpoint, Service } from '../model/topology.ts';
import type { ApiAccess } from '../ports/api-client.ts';
import type { CatalogueService, OpenStackApi } from '../ports/openstack.ts';
import { byText } from './object-fields.ts';

/** The services of an OpenStack whose endpoints are looked at: the name here, and the types that catalogues use for it. */
const CLOUD_ENDPOINTS: readonly { readonly name: string; readonly types: readonly string[] }[] = [
  { name: 'keystone', types: ['identity', 'identityv3'] },
  { name: 'nova', types: ['compute'] },
  { name: 'neutron', types: ['network'] },
  { name: 'glance', types: ['image'] },
  { name: 'cinder', types: ['block-storage', 'volumev3', 'block-store', 'volume'] },
];

/** Users come through the public interface; the others are looked at only where there is no public one. */
const INTERFACES = ['public', 'internal', 'admin'] as const;

export function kubernetesEndpoint(access: ApiAccess, services: readonly Service[]): Endpoint {
  const behind = services.find((service) => service.service === 'kube-apiserver');
  return {
    name: 'kubernetes',
    system: 'kubernetes',
    url: access.url,
    ...(behind === undefined ? {} : { service: behind.id }),
    ...(access.ca === undefined ? {} : { ca: access.ca }),
  };
}

/** The endpoints of a cloud by its own catalogue. @throws what the API throws: a cloud without a catalogue cannot be tested. */
export async function openstackEndpoints(
  openstack: OpenStackApi,
  services: readonly Service[],
  signal: AbortSignal,
): Promise<readonly Endpoint[]> {
  const [catalogue, { ca }] = await Promise.all([openstack.catalogue(signal), openstack.access('identity')]);
  return CLOUD_ENDPOINTS.flatMap(({ name, types }): readonly Endpoint[] => {
    const url = urlOf(catalogue, types);
    if (url === undefined) return [];
    const behind = services
      .filter((service) => service.service === name && service.roles.includes('api'))
      .sort((a, b) => byText(a.id, b.id))[0];
    const known = {
      ...(behind === undefined ? {} : { service: behind.id }),
      ...(ca === undefined ? {} : { ca }),
    };
    return [{ name, system: 'openstack', url, ...known }];
  });
}

function urlOf(catalogue: readonly CatalogueService[], types: readonly string[]): string | undefined {
  for (const type of types) {
    const endpoints = catalogue
      .filter((service) => service.type === type)
      .flatMap((service) => service.endpoints);
    for (const wanted of INTERFACES) {
      const [first] = endpoints
        .filter((endpoint) => endpoint.interface === wanted)
        .map((endpoint) => endpoint.url)
        .sort(byText);
      if (first !== undefined) return first;
    }
  }
  return undefined;
}
