import { dropField } from '../../test/suites/mutation.ts';
import type { Between, Call, Reply } from '../tempest-speed/cloud-proxy.ts';

/** One way in which a cloud can be wrong, and what must notice it. */
export interface Defect {
  readonly name: string;
  /** Absent: the cloud is as it is. */
  readonly between?: Between;
  /** A part of the name of the one test that must fail on both sides; absent: none. */
  readonly fails?: string;
  /** What it keeps from being deleted stays behind, so it is seeded in a cloud of our own alone. */
  readonly leavesBehind?: true;
}

/** Defects are of some calls: those of a method whose path, without its query, ends like that. */
const calls =
  (method: string, path: RegExp) =>
  (call: Call): boolean =>
    call.method === method && path.test(call.path.replace(/\?.*$/, ''));

/** Answers some calls otherwise than the cloud did. */
const answered =
  (isMeant: (call: Call) => boolean, change: (reply: Reply, call: Call) => Reply): Between =>
  async (call, pass) => {
    const reply = await pass(call);
    return isMeant(call) ? change(reply, call) : reply;
  };

const withStatus =
  (from: number, status: number) =>
  (reply: Reply): Reply =>
    reply.status === from ? { ...reply, status } : reply;

/** Where it is JSON, and it worked. */
const withBody =
  (change: (body: unknown) => unknown) =>
  (reply: Reply): Reply => {
    const isJson = String(reply.headers['content-type']).includes('json');
    if (!isJson || reply.status >= 300 || reply.body.length === 0) return reply;
    return { ...reply, body: Buffer.from(JSON.stringify(change(JSON.parse(reply.body.toString('utf8'))))) };
  };

const without = (field: string) => withBody((body) => dropField(body, field));

const json = (status: number, body: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(body)),
});

/** As Neutron refuses what its policy does not allow. */
const forbidden = json(403, {
  NeutronError: {
    type: 'PolicyNotAuthorized',
    message: 'rule:get_subnet is disallowed by policy',
    detail: '',
  },
});

/** Never answers: whoever asks gives up. */
const silent = (): Promise<Reply> => new Promise(() => undefined);

const OLDER_THAN_MS = 15 * 60_000;

/** A list that its service reads from a replica of the database that is far behind. */
const farBehind = withBody((body) => {
  const { networks, ...rest } = body as { networks: readonly { created_at: string }[] };
  const isOld = (row: { created_at: string }): boolean =>
    Date.parse(row.created_at) < Date.now() - OLDER_THAN_MS;
  return { ...rest, networks: networks.filter(isOld) };
});

/** Answers each change with the thing as it was before, as one of a cache that nobody told. */
function staleAfter(method: string, path: RegExp): Between {
  const isMeant = calls(method, path);
  return async (call, pass) => {
    if (!isMeant(call)) return pass(call);
    const { 'content-length': _length, ...headers } = call.headers;
    const before = await pass({ ...call, method: 'GET', headers, body: Buffer.alloc(0) });
    const reply = await pass(call);
    return reply.status < 300 ? { ...reply, body: before.body } : reply;
  };
}

/** Takes what it should refuse, by asking for something that can be made. */
function takesAnyFormat(): Between {
  const isMeant = calls('POST', /\/v2\/images$/);
  return async (call, pass) => {
    const asked = isMeant(call) ? (JSON.parse(call.body.toString('utf8')) as Record<string, unknown>) : {};
    const format = asked['disk_format'];
    if (typeof format !== 'string' || ['raw', 'qcow2'].includes(format)) return pass(call);
    const body = Buffer.from(JSON.stringify({ ...asked, disk_format: 'raw' }));
    return pass({ ...call, headers: { ...call.headers, 'content-length': String(body.length) }, body });
  };
}

/** Images that were there once are not found, as they should be; those that never were break it. */
function breaksOverUnknown(): Between {
  const known = new Set<string>();
  const isShown = calls('GET', IMAGE);
  return async (call, pass) => {
    const reply = await pass(call);
    const [path = ''] = call.path.split('?');
    if (reply.status < 300) known.add(path);
    return isShown(call) && !known.has(path) ? withStatus(404, 500)(reply) : reply;
  };
}

const IMAGE = /\/v2\/images\/[^/]+$/;
const SUBNET = /\/v2\.0\/subnets\/[^/]+$/;
const PORT = /\/v2\.0\/ports\/[^/]+$/;

export const DEFECTS: readonly Defect[] = [
  { name: 'none' },
  {
    name: 'a field is missing: Keystone does not say until when a token holds',
    between: answered(calls('GET', /\/v3\/auth\/tokens$/), without('token/expires_at')),
    fails: 'test_validate_token',
  },
  {
    name: 'a field is missing in each row: Keystone lists services without their types',
    between: answered(calls('GET', /\/v3\/auth\/catalog$/), without('catalog/*/type')),
    fails: 'test_catalog_standardization',
  },
  {
    name: 'a field is missing: Neutron shows a subnet without its range',
    between: answered(calls('GET', SUBNET), without('subnet/cidr')),
    fails: 'test_show_subnet',
  },
  {
    name: 'a wrong status: Glance does not find an image that it deletes',
    between: answered(calls('DELETE', IMAGE), withStatus(204, 404)),
    fails: 'test_get_delete_deleted_image',
  },
  {
    name: 'a wrong status: Glance breaks over an image that is not there',
    between: breaksOverUnknown(),
    fails: 'test_get_non_existent_image',
  },
  {
    name: 'a success that is none: Glance says that it has marked an image that is not there',
    between: answered(calls('PUT', /\/v2\/images\/[^/]+\/tags\/[^/]+$/), (reply) =>
      reply.status === 404 ? { status: 204, headers: {}, body: Buffer.alloc(0) } : reply,
    ),
    fails: 'test_update_tags_for_non_existing_image',
  },
  {
    name: 'a wrong policy: Neutron shows nobody a subnet',
    between: answered(calls('GET', SUBNET), () => forbidden),
    fails: 'test_show_subnet',
  },
  {
    name: 'a list that forgets rows: Neutron reads networks where nothing newer than a quarter of an hour is known',
    between: answered(calls('GET', /\/v2\.0\/networks$/), farBehind),
    fails: 'test_list_networks',
  },
  {
    name: 'a broken cache: Neutron answers a change with the port as it was',
    between: staleAfter('PUT', PORT),
    fails: 'test_create_update_delete_port',
  },
  {
    name: 'a delete that does nothing: Glance keeps an image and says that it is deleted',
    between: async (call, pass) =>
      calls('DELETE', IMAGE)(call) && (await pass({ ...call, method: 'GET' })).status === 200
        ? { status: 204, headers: {}, body: Buffer.alloc(0) }
        : pass(call),
    fails: 'test_get_delete_deleted_image',
    leavesBehind: true,
  },
  {
    name: 'a rule not enforced: Glance takes a disk format that does not exist',
    between: takesAnyFormat(),
    fails: 'test_register_with_invalid_disk_format',
    leavesBehind: true,
  },
  {
    name: 'a hung agent: Cinder never answers who asks for a snapshot of a volume that is not there',
    between: (call, pass) =>
      calls('POST', /\/snapshots$/)(call) && /"volume_id": ?"[^"]/.test(call.body.toString('utf8'))
        ? silent()
        : pass(call),
    fails: 'test_create_snapshot_with_nonexistent_volume_id',
  },
  {
    name: 'a version that is not told: Neutron names its version without a status',
    between: answered(calls('GET', /^\/$/), without('versions/*/status')),
    fails: 'test_api_version_resources',
  },
];
