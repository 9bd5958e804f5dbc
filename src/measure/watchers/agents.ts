import { HarnessError } from '../../model/errors.ts';
import type { OpenStackApi, ServiceType } from '../../ports/openstack.ts';
import type { Fact, NameChange } from './follow-collection.ts';
import { followPolls } from './follow-polls.ts';
import type { Watcher } from './watcher.ts';
import { scalarText } from '../../model/scalar-text.ts';

/** The services write down every few seconds that they are alive; to ask oftener costs a small cloud more than it tells. */
const EVERY = { ms: 5000 };
const TIMEOUT = { ms: 10_000 };

const NOTHING: ReadonlySet<number> = new Set([403, 404, 501]);

interface Source {
  readonly service: ServiceType;
  readonly path: string;
  readonly key: string;
  /** What is up there: `alive`, or `state: up`. */
  readonly isUp: (agent: Readonly<Record<string, unknown>>) => boolean;
}

const SOURCES: readonly Source[] = [
  { service: 'compute', path: '/os-services', key: 'services', isUp: ({ state }) => state === 'up' },
  { service: 'network', path: '/agents', key: 'agents', isUp: ({ alive }) => alive === true },
  { service: 'block-storage', path: '/os-services', key: 'services', isUp: ({ state }) => state === 'up' },
];

async function look(openstack: OpenStackApi, signal: AbortSignal): Promise<readonly Fact[]> {
  const catalogue = await openstack.catalogue(signal);
  const there = SOURCES.filter(({ service }) => catalogue.some(({ type }) => isOf(service, type)));
  const found = await Promise.all(there.map((source) => ask(openstack, source, signal)));
  return found.flat();
}

/** Of old, volumes have a number behind their type. */
const isOf = (service: ServiceType, type: string): boolean =>
  type === service || (service === 'block-storage' && /^volume(v\d)?$/.test(type));

async function ask(
  openstack: OpenStackApi,
  { service, path, key, isUp }: Source,
  signal: AbortSignal,
): Promise<readonly Fact[]> {
  const { status, body } = await openstack
    .service(service)
    .request({ method: 'GET', path, timeout: TIMEOUT, signal });
  // A service without agents, or an account that may not ask for them: there is nothing to follow.
  if (NOTHING.has(status)) return [];
  if (status !== 200)
    throw new HarnessError('SQ_BAD_ANSWER', `${service} answered ${status} when asked for its agents.`);
  const agents = ((body as Record<string, unknown>)[key] ?? []) as readonly Readonly<
    Record<string, unknown>
  >[];
  return agents.map((agent) => {
    const about = `${scalarText(agent['binary'])} on ${scalarText(agent['host'])}`;
    return { key: about, about, value: isUp(agent) ? 'up' : 'down' };
  });
}

const nameChange: NameChange = (was, is) => {
  if (is === undefined) return { change: 'agent-removed', was: was?.value ?? 'down' };
  if (was === undefined) return { change: 'agent-added', is: is.value };
  return { change: is.value === 'up' ? 'agent-up' : 'agent-down', was: was.value, is: is.value };
};

/** Tells `agent-up`, `agent-down`, `agent-added`, `agent-removed` about `<binary> on <host>`. An account that may not see them follows none. */
export const agents: Watcher = {
  name: 'agents',
  summary: 'Follows which services of Nova, Neutron and Cinder report that they are alive.',
  needs: 'openstack',
  async watch(tools, emit, signal) {
    const { openstack } = tools;
    if (openstack === undefined) return;
    await followPolls(
      {
        watcher: 'agents',
        about: 'agents',
        every: EVERY,
        nameChange,
        look: (_, stop) => look(openstack, stop),
      },
      tools,
      emit,
      signal,
    );
  },
};
