import { createOpenStackApi } from '../../../adapters/openstack/index.ts';
import { HarnessError } from '../../../model/errors.ts';
import type { Fields } from '../cluster-reader.ts';
import { cloudsYamlFile } from '../lab-record.ts';
import type { LabTools } from '../lab-tools.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { ApiClient } from '../../../ports/api-client.ts';
import type { OpenStackApi } from '../../../ports/openstack.ts';
import { CLOUD_NAME, OUTSIDE } from './cloud-values.ts';

const NAME = 'squall-first-server';
const FLAVOR = 'm1.tiny';
const IMAGE = 'guest';
/** Of one call while all services warm up. */
const CALL = { ms: 60_000 };
const LOOK = { ms: 500 };
/** From asking for a server until it answers; it takes a tenth of that on an idle machine. */
const PATIENCE_MS = 240_000;

/** The cloud of the lab, as the administrator that its `clouds.yaml` names. */
export function openCloud({ clock, folder }: LabTools): Promise<OpenStackApi> {
  const connection = { cloudsYaml: cloudsYamlFile(folder), cloud: CLOUD_NAME };
  return createOpenStackApi({ connection, environment: {}, clock });
}

/**
 * Makes a server on the outside network, asks it over HTTP from this host, and removes it again.
 * @returns how long it took until it was active and until it answered.
 * @throws SQ_LAB when it fails or does not answer; what the API throws.
 */
export async function runFirstServer(tools: LabTools, signal: AbortSignal): Promise<string> {
  const { clock } = tools;
  const cloud = await openCloud(tools);
  const sinceNs = clock.now().ns;
  const passed = (): string => `${((clock.now().ns - sinceNs) / 1e9).toFixed(1)} s`;
  const making: Making = { cloud, clock, signal, undo: [] };
  try {
    const id = await createServer(making, await openGroup(making));
    const address = await untilActive(tools, cloud.service('compute'), id, signal);
    const active = passed();
    await untilAnswers(tools, address, signal);
    return `a server was active after ${active} and answered at ${address} after ${passed()}`;
  } finally {
    for (const each of making.undo.reverse()) await each();
  }
}

interface Making {
  readonly cloud: OpenStackApi;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How what was made is removed again, in the order in which it was made. */
  readonly undo: (() => Promise<unknown>)[];
}

/** Makes one object, and notes how it is removed. @throws SQ_LAB when it is refused. */
async function make(
  { cloud, clock, undo, signal }: Making,
  service: 'compute' | 'network',
  path: string,
  body: Fields,
): Promise<string> {
  const client = cloud.service(service);
  const answer = await client.request({ method: 'POST', path, body, timeout: CALL, signal });
  if (answer.status >= 300)
    throw new HarnessError('SQ_LAB', `${path} refused the first server: ${JSON.stringify(answer.body)}`);
  const id = String((Object.values(answer.body as Fields)[0] as Fields)['id']);
  undo.push(() => untilGone(clock, client, `${path}/${id}`));
  return id;
}

/** A group is in use until its last server is gone altogether. */
async function untilGone(clock: Clock, client: ApiClient, path: string): Promise<void> {
  for (let tries = 0; tries < 60; tries += 1) {
    const { status } = await client.request({ method: 'DELETE', path, timeout: CALL });
    if (status === 404 || status === 410) return;
    await clock.sleep(LOOK);
  }
}

/** Nothing gets in to a server but what a group of its own lets in. */
async function openGroup(making: Making): Promise<string> {
  const group = await make(making, 'network', '/security-groups', { security_group: { name: NAME } });
  const inward = { security_group_id: group, direction: 'ingress', protocol: 'tcp' };
  const rule = { ...inward, port_range_min: 80, port_range_max: 80 };
  await make({ ...making, undo: [] }, 'network', '/security-group-rules', { security_group_rule: rule });
  return group;
}

async function createServer(making: Making, group: string): Promise<string> {
  const { cloud, signal } = making;
  const named = async (
    type: 'compute' | 'image' | 'network',
    path: string,
    name: string,
  ): Promise<string> => {
    const key = path.slice(1);
    const found = (await cloud.listAll(type, path, key, signal)).find((each) => each['name'] === name);
    if (found === undefined)
      throw new HarnessError('SQ_LAB', `The cloud has no ${key.slice(0, -1)} ${name}.`);
    return String(found['id']);
  };
  const flavorRef = await named('compute', '/flavors', FLAVOR);
  const imageRef = await named('image', '/images', IMAGE);
  const networks = [{ uuid: await named('network', '/networks', OUTSIDE.name) }];
  const server = { name: NAME, flavorRef, imageRef, networks, security_groups: [{ name: group }] };
  return make(making, 'compute', '/servers', { server });
}

async function untilActive(
  { clock }: LabTools,
  compute: ApiClient,
  id: string,
  signal: AbortSignal,
): Promise<string> {
  const endNs = clock.now().ns + PATIENCE_MS * 1e6;
  for (;;) {
    const { body } = await compute.request({ method: 'GET', path: `/servers/${id}`, timeout: CALL, signal });
    const { status, addresses, fault } = (body as Fields)['server'] as Fields;
    const first = Object.values(addresses as Record<string, readonly { addr: string }[]>).flat()[0]?.addr;
    if (status === 'ACTIVE' && first !== undefined) return first;
    if (status === 'ERROR' || clock.now().ns > endNs)
      throw new HarnessError(
        'SQ_LAB',
        `The first server is ${String(status)}. ${JSON.stringify(fault ?? '')}`,
      );
    await clock.sleep(LOOK, signal);
  }
}

async function untilAnswers({ clock }: LabTools, address: string, signal: AbortSignal): Promise<void> {
  const endNs = clock.now().ns + PATIENCE_MS * 1e6;
  let last: unknown;
  while (clock.now().ns < endNs) {
    try {
      const each = AbortSignal.any([signal, AbortSignal.timeout(2000)]);
      if ((await fetch(`http://${address}/`, { signal: each })).ok) return;
    } catch (error) {
      signal.throwIfAborted();
      last = error;
    }
    await clock.sleep(LOOK, signal);
  }
  throw new HarnessError('SQ_LAB', `The first server does not answer at ${address}.`, { cause: last });
}
