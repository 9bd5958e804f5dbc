import { HarnessError } from '../model/errors.ts';
import type { ParameterSpecs } from '../model/catalogue.ts';
import type { ProbeSpec } from '../model/plan.ts';
import type { OpenStackApi, ServiceType } from '../ports/openstack.ts';
import type { GroundTools } from './probes/probe.ts';
import { scalarText } from '../model/scalar-text.ts';

type Thing = Readonly<Record<string, unknown>>;

/** What servers of ours are made of, and how they are reached. */
export interface CloudMeans {
  readonly image: string;
  readonly flavor: string;
  /** `routed`: by floating addresses of that network; `direct`: they stand on that network; `closed`: nobody asks them. */
  readonly way:
    { readonly kind: 'routed' | 'direct'; readonly network: string } | { readonly kind: 'closed' };
  /** Whether nothing gets in to a server but what a group lets in. */
  readonly groups: boolean;
}

/** The parameters of all probes that make servers. */
export const SERVER_PARAMETERS: ParameterSpecs = {
  image: {
    type: 'string',
    describe:
      'Name or id of the image; absent: the smallest public one. Its servers must answer what is asked.',
  },
  flavor: { type: 'string', describe: 'Name or id of the flavor; absent: the one with the least memory.' },
  network: {
    type: 'string',
    describe:
      'Name or id of the network that this host reaches: floating addresses are taken from it where the cloud has routers, and servers stand on it where it has none. Absent: the first external one, or else the first shared one.',
  },
  port: {
    type: 'integer',
    describe: 'TCP port on which servers answer HTTP.',
    default: 80,
    minimum: 1,
    maximum: 65_535,
  },
  path: { type: 'string', describe: 'Path that servers answer with 200.', default: '/' },
};

/**
 * Looks for what servers are made of, and changes nothing.
 * @param answering whether servers are to be reached from this host.
 * @throws SQ_ABILITY_MISSING with all that the cloud lacks, one a line.
 */
export async function findMeans(
  spec: ProbeSpec,
  tools: Pick<GroundTools, 'openstack'>,
  answering: boolean,
  signal: AbortSignal,
): Promise<CloudMeans> {
  const cloud = cloudOf(spec, tools);
  const list = (type: ServiceType, path: string, key: string): Promise<readonly Thing[]> =>
    cloud.listAll(type, path, key, signal);
  const wanted = (name: string): string | undefined => {
    const value = spec.parameters[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const active = (await list('image', '/images?status=active', 'images')).filter(
    ({ status }) => status === 'active',
  );
  const image = choose(
    wanted('image') === undefined ? active.filter(({ visibility }) => visibility === 'public') : active,
    wanted('image'),
    ['size'],
  );
  const flavor = choose(await list('compute', '/flavors/detail', 'flavors'), wanted('flavor'), [
    'ram',
    'disk',
  ]);
  const aliases = (await list('network', '/extensions', 'extensions')).map(({ alias }) => alias);
  const routed = aliases.includes('router');
  const outside = answering
    ? chooseNetwork(await list('network', '/networks', 'networks'), wanted('network'), routed)
    : undefined;
  const lacks = [
    image === undefined
      ? `no ${wanted('image') === undefined ? 'active public image' : `active image ${wanted('image')}`}`
      : '',
    flavor === undefined ? `no flavor${wanted('flavor') === undefined ? '' : ` ${wanted('flavor')}`}` : '',
    answering && outside === undefined
      ? `no network ${wanted('network') ?? (routed ? 'that is external, for floating addresses' : 'that is shared and has a subnet')}`
      : '',
  ].filter((lack) => lack !== '');
  if (lacks.length > 0 || image === undefined || flavor === undefined)
    throw new HarnessError(
      'SQ_ABILITY_MISSING',
      `Probe ${spec.name} makes servers, and the cloud ${cloud.cloud} has ${lacks.join(', ')}.`,
      {
        remedy: `Name one that is there (\`image\`, \`flavor\`, \`network\` of the probe), have the cloud's owner make one, or take ${spec.name} out of the plan.`,
      },
    );
  return {
    image,
    flavor,
    groups: aliases.includes('security-group'),
    way:
      outside === undefined ? { kind: 'closed' } : { kind: routed ? 'routed' : 'direct', network: outside },
  };
}

/** @throws SQ_ABILITY_MISSING where there is no client for a cloud. */
export function cloudOf(
  { name }: Pick<ProbeSpec, 'name'>,
  { openstack }: Pick<GroundTools, 'openstack'>,
): OpenStackApi {
  if (openstack !== undefined) return openstack;
  throw new HarnessError('SQ_ABILITY_MISSING', `Probe ${name} needs a cloud, and there is none.`);
}

/** The id of the one that is named so, or of the least; by name where they are alike. */
export function choose(
  things: readonly Thing[],
  wanted: string | undefined,
  by: readonly string[],
): string | undefined {
  if (wanted !== undefined)
    return idOf(things.find(({ id }) => id === wanted) ?? things.find(({ name }) => name === wanted));
  const number = (thing: Thing, key: string): number => Number(scalarText(thing[key]));
  const order = (a: Thing, b: Thing): number =>
    by.map((key) => number(a, key) - number(b, key)).find((difference) => difference !== 0) ??
    (scalarText(a['name']) < scalarText(b['name']) ? -1 : 1);
  return idOf([...things].sort(order)[0]);
}

function chooseNetwork(
  networks: readonly Thing[],
  wanted: string | undefined,
  routed: boolean,
): string | undefined {
  if (wanted !== undefined) return choose(networks, wanted, []);
  const external = networks.filter((network) => network['router:external'] === true);
  const open = networks.filter(
    ({ shared, subnets }) => shared === true && Array.isArray(subnets) && subnets.length > 0,
  );
  return choose(routed ? external : open, undefined, []);
}

const idOf = (thing: Thing | undefined): string | undefined =>
  thing === undefined ? undefined : scalarText(thing['id']);
