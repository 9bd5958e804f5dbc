import { HarnessError } from '../../model/errors.ts';
import type { ApiResponse } from '../../ports/api-client.ts';
import type { CatalogueService, OpenStackApi, ServiceType } from '../../ports/openstack.ts';
import { scalarText } from '../../model/scalar-text.ts';

/** Whose credentials there are, by the names that Tempest logs in with. */
export interface CloudUser {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
  readonly project: string;
  readonly projectDomain: string;
  readonly roles: readonly string[];
}

/** What `tempest.conf` is written from. Whatever was not found is absent, and Tempest skips what needs it. */
export interface CloudFacts {
  readonly user: CloudUser;
  /** An administrator whose Keystone lists domains and roles: Tempest makes projects and users of its own then. */
  readonly makesUsers: boolean;
  /** What the catalogue calls each service that is there. */
  readonly types: Readonly<Partial<Record<Service, string>>>;
  /** Of services, the highest microversion that they speak. */
  readonly microversions: Readonly<Partial<Record<Service, string>>>;
  /** Ids of at most two: the smallest, and one that a server of it can grow to. */
  readonly flavors: readonly string[];
  /** Ids of public images that can be booted, the smallest first. */
  readonly images: readonly string[];
  readonly externalNetwork?: { readonly id: string; readonly name: string };
  /** The name of a network that the user may plug servers into. */
  readonly ownNetwork?: string;
  /** Aliases. Absent: nobody could list them. */
  readonly networkExtensions?: readonly string[];
  /** Compute services that are up. Absent: only an administrator may count them. */
  readonly computeNodes?: number;
  /** Absent: only an administrator may see it. */
  readonly hasBackup?: boolean;
}

export type Service = 'compute' | 'network' | 'image' | 'volume' | 'object-store' | 'placement';

/** By the names in a catalogue, the best first. */
const CATALOGUE_NAMES: Readonly<Record<Service, readonly string[]>> = {
  compute: ['compute'],
  network: ['network'],
  image: ['image'],
  volume: ['volumev3', 'block-storage', 'volume', 'block-store'],
  'object-store': ['object-store'],
  placement: ['placement'],
};

type Item = Readonly<Record<string, unknown>>;

/**
 * Looks what the cloud has, as the user that was given. A service that does not answer is left out, for Tempest decides by its
 * configuration and not by what it finds: a test of that service is skipped then, with that reason.
 * @throws SQ_AUTH when the credentials are refused.
 */
export async function discoverCloud(openstack: OpenStackApi, signal: AbortSignal): Promise<CloudFacts> {
  const user = await readUser(openstack, signal);
  const types = typesIn(await openstack.catalogue(signal));
  const look = new Look(openstack, signal);
  const has = (service: Service): boolean => types[service] !== undefined;
  const makesUsers =
    user.roles.includes('admin') &&
    (await look.answers('identity', '/domains')) &&
    (await look.answers('identity', '/roles'));
  const networks = has('network') ? await look.list('network', '/networks', 'networks') : [];
  const external = networks.find((network) => network['router:external'] === true);
  const own = networks.find((network) => network['router:external'] !== true);
  const extensions = has('network') ? await look.list('network', '/extensions', 'extensions') : [];
  return {
    user,
    makesUsers,
    types,
    microversions: await look.microversions(types),
    flavors: has('compute') ? twoFlavors(await look.list('compute', '/flavors/detail', 'flavors')) : [],
    images: has('image') ? bootable(await look.list('image', '/images?status=active', 'images')) : [],
    ...(external === undefined
      ? {}
      : { externalNetwork: { id: textOf(external, 'id'), name: textOf(external, 'name') } }),
    ...(own === undefined ? {} : { ownNetwork: textOf(own, 'name') }),
    ...(extensions.length === 0 ? {} : { networkExtensions: extensions.map((one) => textOf(one, 'alias')) }),
    ...(makesUsers ? await administered(look, has) : {}),
  };
}

/** What only an administrator is told. */
async function administered(
  look: Look,
  has: (service: Service) => boolean,
): Promise<Pick<CloudFacts, 'computeNodes' | 'hasBackup'>> {
  const computes = has('compute')
    ? await look.list('compute', '/os-services?binary=nova-compute', 'services')
    : [];
  const volumes = has('volume') ? await look.list('block-storage', '/os-services', 'services') : [];
  const isUp = (service: Item): boolean => service['state'] === 'up' && service['status'] === 'enabled';
  return {
    computeNodes: computes.filter(isUp).length,
    hasBackup: volumes.some((service) => isUp(service) && service['binary'] === 'cinder-backup'),
  };
}

/** Asks, and takes what is refused or does not answer as not there. */
class Look {
  readonly #openstack: OpenStackApi;
  readonly #signal: AbortSignal;

  constructor(openstack: OpenStackApi, signal: AbortSignal) {
    this.#openstack = openstack;
    this.#signal = signal;
  }

  async answers(type: ServiceType, path: string): Promise<boolean> {
    return (await this.#get(type, path))?.status === 200;
  }

  async list(type: ServiceType, path: string, key: string): Promise<readonly Item[]> {
    return this.#orNothing(() => this.#openstack.listAll(type, path, key, this.#signal), []);
  }

  /** A service names the microversion in which it answered, also when `latest` was asked for. */
  async microversions(types: CloudFacts['types']): Promise<CloudFacts['microversions']> {
    const asked = [
      ['compute', 'compute', '/limits'],
      ['volume', 'block-storage', '/limits'],
      ['placement', 'placement', '/traits'],
    ] as const;
    const found: Partial<Record<Service, string>> = {};
    for (const [service, type, path] of asked) {
      if (types[service] === undefined) continue;
      const answer = await this.#get(type, path, 'latest');
      const spoken = /\b(\d+\.\d+)$/.exec(answer?.headers['openstack-api-version'] ?? '')?.[1];
      if (spoken !== undefined) found[service] = spoken;
    }
    return found;
  }

  #get(type: ServiceType, path: string, microversion?: string): Promise<ApiResponse | undefined> {
    const service = this.#openstack.service(type, microversion === undefined ? {} : { microversion });
    return this.#orNothing(() => service.request({ method: 'GET', path, signal: this.#signal }), undefined);
  }

  async #orNothing<T>(ask: () => Promise<T>, nothing: T): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      this.#signal.throwIfAborted();
      if (error instanceof HarnessError) return nothing;
      throw error;
    }
  }
}

interface TokenBody {
  readonly token?: {
    readonly user?: {
      readonly id: string;
      readonly name: string;
      readonly domain: { readonly name: string };
    };
    readonly project?: { readonly name: string; readonly domain: { readonly name: string } };
    readonly roles?: readonly { readonly name: string }[];
  };
}

async function readUser(openstack: OpenStackApi, signal: AbortSignal): Promise<CloudUser> {
  const { token } = await openstack.authenticate(signal);
  const { status, body } = await openstack.service('identity').request<TokenBody>({
    method: 'GET',
    path: '/auth/tokens',
    headers: { 'x-subject-token': token.reveal() },
    query: { nocatalog: true },
    signal,
  });
  const { user, project, roles = [] } = body.token ?? {};
  if (user !== undefined && project !== undefined) {
    const { id, name, domain } = user;
    const names = roles.map((role) => role.name);
    return {
      id,
      name,
      domain: domain.name,
      project: project.name,
      projectDomain: project.domain.name,
      roles: names,
    };
  }
  throw new HarnessError(
    'SQ_CLOUDS_YAML',
    status === 200
      ? `The user of cloud "${openstack.cloud}" is in no project, and Tempest works inside one.`
      : `Keystone answered ${status} to the question whose token it had just given.`,
    { remedy: 'Give a cloud of clouds.yaml whose scope is a project.' },
  );
}

function typesIn(catalogue: readonly CatalogueService[]): CloudFacts['types'] {
  const types: Partial<Record<Service, string>> = {};
  for (const [service, names] of Object.entries(CATALOGUE_NAMES)) {
    const found = names.find((name) => catalogue.some(({ type }) => type === name));
    if (found !== undefined) types[service as Service] = found;
  }
  return types;
}

const textOf = (item: Item, key: string): string => scalarText(item[key]);

const sizeOf = (item: Item, key: string): number => Number(scalarText(item[key]));

/** A disk never shrinks, so the second has one at least as large. */
function twoFlavors(items: readonly Item[]): readonly string[] {
  const sorted = [...items].sort(
    (a, b) => sizeOf(a, 'ram') - sizeOf(b, 'ram') || sizeOf(a, 'disk') - sizeOf(b, 'disk'),
  );
  const [first, ...others] = sorted;
  if (first === undefined) return [];
  const second = others.find((one) => sizeOf(one, 'disk') >= sizeOf(first, 'disk'));
  return [first, ...(second === undefined ? [] : [second])].map((one) => textOf(one, 'id'));
}

function smallest(items: readonly Item[], key: string): readonly string[] {
  return [...items].sort((a, b) => sizeOf(a, key) - sizeOf(b, key)).map((item) => textOf(item, 'id'));
}

/** Not kernels and ramdisks, which are of no use alone. */
function bootable(images: readonly Item[]): readonly string[] {
  const whole = images.filter(
    (image) =>
      image['visibility'] === 'public' &&
      !['aki', 'ari', 'ami', 'iso'].includes(textOf(image, 'disk_format')),
  );
  return smallest(whole, 'size');
}
