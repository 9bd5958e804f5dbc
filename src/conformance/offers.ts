import type { ServiceType } from '../ports/openstack.ts';
import type { CaseContext } from './case-context.ts';
import { isAdministrator } from './personas.ts';

/** The names that a service type has had in catalogues. */
const ALIASES: Partial<Record<ServiceType, readonly string[]>> = {
  'block-storage': ['block-storage', 'volumev3', 'volume', 'block-store'],
  orchestration: ['orchestration'],
};

/** Skips the case where the cloud does not offer a service that a cloud may lack. */
export async function needService({ openstack, skip }: CaseContext, type: ServiceType): Promise<void> {
  const names = ALIASES[type] ?? [type];
  const catalogue = await openstack.catalogue();
  if (!catalogue.some((service) => names.includes(service.type)))
    skip(`The catalogue of this cloud has no ${type} service.`);
}

/** Skips the case where the user has no role that is called `admin`. */
export async function needAdministrator({ openstack, signal, skip }: CaseContext): Promise<void> {
  if (!(await isAdministrator(openstack, signal))) skip('The user of this cloud is no administrator.');
}
