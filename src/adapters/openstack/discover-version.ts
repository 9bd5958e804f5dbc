import { HarnessError } from '../../model/errors.ts';
import type { ApiResponse } from '../../ports/api-client.ts';
import type { CatalogueService, ServiceType } from '../../ports/openstack.ts';
import { isTree } from './cloud-files.ts';
import type { CloudConfig } from './resolve-cloud.ts';
import { plainUrl } from './translate-failure.ts';
import { scalarText } from '../../model/scalar-text.ts';

interface Kind {
  /** What catalogues call it, the best first: the official type and its aliases, in the order of the service types authority. */
  readonly names: readonly string[];
  /** The major version that this client speaks. */
  readonly major: number;
  /** The name in `OpenStack-API-Version`; undefined where there are no microversions. */
  readonly microversionName?: string;
}

export const SERVICE_KINDS: Readonly<Record<ServiceType, Kind>> = {
  identity: { names: ['identity'], major: 3 },
  compute: { names: ['compute'], major: 2, microversionName: 'compute' },
  network: { names: ['network'], major: 2 },
  image: { names: ['image'], major: 2 },
  'block-storage': {
    names: ['block-storage', 'volumev3', 'volumev2', 'volume', 'block-store'],
    major: 3,
    microversionName: 'volume',
  },
  placement: { names: ['placement'], major: 1, microversionName: 'placement' },
  orchestration: { names: ['orchestration'], major: 1 },
};

/** A setting such as `compute_endpoint_override`, under any name of the service. */
export function settingOf(config: CloudConfig, type: ServiceType, suffix: string): string | undefined {
  for (const name of SERVICE_KINDS[type].names) {
    const value = config.settings[`${name.replaceAll('-', '_')}_${suffix}`];
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}

type Endpoint = CatalogueService['endpoints'][number];

/** An official type has its aliases; an alias is only itself. */
const namesOf = (given: string): readonly string[] =>
  Object.values(SERVICE_KINDS).find(({ names }) => names[0] === given)?.names ?? [given];

/** The URL of the service in the catalogue. @throws SQ_CLOUDS_YAML when it has none for this region and interface. */
export function endpointOf(
  config: CloudConfig,
  catalogue: readonly CatalogueService[],
  type: ServiceType,
): string {
  const given = settingOf(config, type, 'service_type');
  const names = given === undefined ? SERVICE_KINDS[type].names : namesOf(given);
  const called = settingOf(config, type, 'service_name');
  const own = settingOf(config, type, 'interface');
  const interfaces = own === undefined ? config.interfaces : [own.replace(/[URL]+$/, '')];
  const wanted = settingOf(config, type, 'region_name') ?? config.region;
  const services = names
    .map((name) => catalogue.filter((service) => service.type === name))
    .map((listed) => listed.filter(({ name }) => called === undefined || name === '' || name === called));
  for (const ofOneType of services)
    for (const kind of interfaces) {
      const fits = ({ interface: is, region, url }: Endpoint): boolean =>
        is === kind && (wanted ?? region) === region && url !== '';
      const found = ofOneType.flatMap(({ endpoints }) => endpoints).find(fits);
      if (found !== undefined) return found.url;
    }
  const known = [...new Set(catalogue.map((service) => service.type))].join(', ') || 'nothing at all';
  const region = wanted === undefined ? '' : ` in region ${wanted}`;
  const lacks =
    services.flat().length === 0
      ? `names ${known}, and no ${type}`
      : `has no ${interfaces.join(' or ')} endpoint of ${type}${region}`;
  throw new HarnessError('SQ_CLOUDS_YAML', `The catalogue of cloud "${config.cloud}" ${lacks}.`, {
    remedy: 'Check `region_name` and `interface` in clouds.yaml, and that the service is deployed.',
    facts: { cloud: config.cloud, service: type },
  });
}

interface VersionDocument {
  readonly major: number;
  readonly minor: number;
  readonly href: string;
}

function readDocuments(body: unknown): VersionDocument[] {
  if (!isTree(body)) return [];
  const versions = body['versions'];
  const several = isTree(versions) ? versions['values'] : versions;
  const listed: unknown[] = Array.isArray(several) ? (several as unknown[]) : [body['version']];
  return listed.flatMap((one) => {
    const parts = isTree(one) ? /^v(\d+)(?:\.(\d+))?$/.exec(scalarText(one['id'])) : null;
    if (!isTree(one) || parts === null || one['status'] === 'DEPRECATED') return [];
    const links = Array.isArray(one['links']) ? (one['links'] as unknown[]) : [];
    const self = links.find((link) => isTree(link) && link['rel'] === 'self');
    const href = isTree(self) && typeof self['href'] === 'string' ? self['href'] : '';
    return [{ major: Number(parts[1]), minor: Number(parts[2] ?? 0), href }];
  });
}

const withoutLast = (url: URL): URL => {
  const parent = new URL(url);
  parent.pathname = url.pathname.replace(/\/+$/, '').replace(/\/[^/]*$/, '/');
  return parent;
};
const lastOf = (url: URL): string => url.pathname.replace(/\/+$/, '').split('/').at(-1) ?? '';
const bare = (url: URL): string => url.href.replace(/\/+$/, '');

/**
 * The versioned root of a service, without a slash at its end, as the service's own version document names it. The host stays
 * that of the endpoint, since documents behind a proxy often name one that only the inside can reach.
 * @throws SQ_BAD_ANSWER when nothing there tells versions and the URL has none either.
 */
export async function discoverRoot(
  endpoint: string,
  type: ServiceType,
  projectId: string | undefined,
  get: (url: string) => Promise<ApiResponse>,
): Promise<string> {
  const { major } = SERVICE_KINDS[type];
  const whole = new URL(endpoint);
  const tail = lastOf(whole);
  const ofProject = projectId !== undefined && (tail === projectId || tail === `AUTH_${projectId}`);
  const start = ofProject ? withoutLast(whole) : whole;
  const versioned = /^v\d+(\.\d+)?$/.test(lastOf(start));
  for (const candidate of versioned ? [start, withoutLast(start)] : [start]) {
    const answer = await get(candidate.href);
    if (answer.status !== 200 && answer.status !== 300) continue;
    const fitting = readDocuments(answer.body).filter((one) => one.major === major);
    const best = fitting.sort((a, b) => b.minor - a.minor)[0];
    if (best === undefined) continue;
    const named = new URL(best.href === '' ? candidate.href : best.href, candidate);
    const root = new URL(candidate);
    root.pathname = named.pathname;
    return ofProject ? `${bare(root)}/${tail}` : bare(root);
  }
  if (versioned) return bare(whole);
  const says = `${plainUrl(endpoint)} of the service ${type} told no version document with a version ${major}.`;
  throw new HarnessError('SQ_BAD_ANSWER', says, { facts: { service: type, url: plainUrl(endpoint) } });
}
