import type { LedgerEntry } from '../model/conformance.ts';
import { milliseconds, nanosecondsOf, type Duration } from '../model/duration.ts';
import { describeError, HarnessError } from '../model/errors.ts';
import { nextPause, type Soonest } from './eventually.ts';
import { OWNER_KEY, OWNER_LABEL } from '../model/own-marks.ts';
import type { ApiResponse } from '../ports/api-client.ts';
import type { Clock } from '../ports/clock.ts';
import type { KubernetesApi, KubernetesObject } from '../ports/kubernetes.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { OpenStackApi, ServiceType } from '../ports/openstack.ts';

/** What an OpenStack service gave back for something that was created. */
export interface Resource {
  /** By which the service knows it. */
  readonly id: string;
  readonly [field: string]: unknown;
}

export interface ResourceOrder {
  readonly type: ServiceType;
  /** The collection, such as `/servers`. */
  readonly path: string;
  /** The key that wraps the resource in request and answer; absent where the service wraps nothing, as the image service. */
  readonly key?: string;
  readonly body: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly microversion?: string;
  /** The field by which the service knows it. Default `id`. */
  readonly idField?: string;
  /** The service gives it no name, so that its description is our name for it. */
  readonly nameless?: true;
  /** Whose client makes it. Default the suite's. */
  readonly as?: OpenStackApi;
  /** Whose client takes it away: of the suite's user (default), or of the user that was given. */
  readonly by?: 'administrator';
}

/**
 * Makes things and takes them away again: written into the ledger before they are created, marked with the run, deleted in
 * reverse order at the end of the case (or of the file, for what a hook made) before mocha's `afterEach` hooks. What a case
 * deletes itself is found gone then, which is as good.
 */
export interface Maker {
  /** Creates a Kubernetes object and returns it as the answer showed it. `metadata.name` is from `names.fresh`. */
  object(
    collection: string,
    object: {
      readonly apiVersion: string;
      readonly kind: string;
      readonly metadata: ObjectMeta;
      readonly [field: string]: unknown;
    },
  ): Promise<KubernetesObject>;
  /** Creates an OpenStack resource and returns it as the answer showed it. `body.name` is from `names.fresh`. */
  resource(order: ResourceOrder): Promise<Resource>;
  /** Has something done before what was made so far is taken away, such as a port being freed. It may find it done already. */
  undone(act: (openstack: OpenStackApi) => Promise<unknown>, by?: 'administrator'): void;
}

interface ObjectMeta {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export interface MakerTools {
  readonly run: string;
  readonly createdBy: string;
  readonly ledger: Pick<Ledger, 'creating' | 'created' | 'deleted'>;
  readonly clock: Clock;
  /** Of the lane: what is deleted in the background takes about as long each time. */
  readonly soonest: Soonest;
  /** From the request to delete until the thing must be gone, or no longer be refused as in use. */
  readonly patience: Duration;
  /** Clients that end with the case. */
  readonly kubernetes: () => KubernetesApi;
  readonly openstack: () => OpenStackApi;
  /** Clients that do not: what was made is taken away also when the case was stopped. */
  readonly cleaning: {
    readonly kubernetes: () => KubernetesApi;
    readonly openstack: () => OpenStackApi;
    readonly administrator: () => OpenStackApi;
  };
}

/** The first pause between two looks; the later ones are longer, for a server takes seconds to go. */
const FIRST_PAUSE = milliseconds(50);

/** Things that are deleted in the background, and whose parts (ports, attachments) stay in use until they are gone. */
const DELETED_IN_BACKGROUND = new Set([
  'compute:/servers',
  'block-storage:/volumes',
  'block-storage:/snapshots',
  'orchestration:/stacks',
]);

type TakeAway = () => Promise<void>;

/** @returns the maker, and how to take away what it made. `takeAway` tries everything, then throws what could not be done. */
export function createMaker(tools: MakerTools): {
  readonly maker: Maker;
  readonly takeAway: () => Promise<void>;
} {
  const made: TakeAway[] = [];
  const maker: Maker = {
    object: async (collection, object) => {
      const entry = {
        system: 'kubernetes',
        collection,
        name: object.metadata.name,
        createdBy: tools.createdBy,
      } as const;
      tools.ledger.creating(entry);
      made.push(() => deleteObject(tools, entry));
      const labels = { ...object.metadata.labels, [OWNER_LABEL]: tools.run };
      const body = { ...object, metadata: { ...object.metadata, labels } };
      const answer = await tools
        .kubernetes()
        .request<KubernetesObject>({ method: 'POST', path: collection, body });
      expectCreated(answer, [201], `POST ${collection}`);
      const id = answer.body.metadata.uid;
      tools.ledger.created({ ...entry, ...(id === undefined ? {} : { id }) });
      return answer.body;
    },
    resource: async (order) => {
      const collection = `${order.type}:${order.path}`;
      const entry = {
        system: 'openstack',
        collection,
        name: order.body.name,
        createdBy: tools.createdBy,
      } as const;
      tools.ledger.creating(entry);
      const resource = await createResource(tools, order);
      tools.ledger.created({ ...entry, id: resource.id });
      made.push(() => deleteResource(tools, order, { ...entry, id: resource.id }));
      return resource;
    },
    undone: (act, by) => void made.push(async () => void (await act(cleaner(tools, by)))),
  };
  return { maker, takeAway: () => takeAll(made) };
}

const cleaner = ({ cleaning }: MakerTools, by: ResourceOrder['by']): OpenStackApi =>
  by === 'administrator' ? cleaning.administrator() : cleaning.openstack();

async function takeAll(made: TakeAway[]): Promise<void> {
  const failures: unknown[] = [];
  for (let takeAway = made.pop(); takeAway !== undefined; takeAway = made.pop()) {
    try {
      await takeAway();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === 0) return;
  throw new Error(`What was made could not be taken away: ${failures.map(describeError).join('; ')}`, {
    cause: failures[0],
  });
}

function expectCreated(answer: ApiResponse, good: readonly number[], what: string): void {
  if (good.includes(answer.status)) return;
  const says = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  throw new HarnessError(
    'SQ_BAD_ANSWER',
    `${what} answered ${answer.status} instead of ${good.join(' or ')}: ${says.slice(0, 300)}`,
    {
      facts: { status: answer.status },
    },
  );
}

/** Whose it is, in the way that each kind of resource can carry it; the name says it too. */
function ownerMark({ key, type }: ResourceOrder, run: string): Readonly<Record<string, unknown>> {
  if (key === 'server' || key === 'volume' || key === 'snapshot') return { metadata: { [OWNER_KEY]: run } };
  if (type === 'image') return { tags: [`${OWNER_LABEL}=${run}`] };
  if (key === 'flavor' || key === 'keypair' || type === 'orchestration') return {};
  return { description: `${OWNER_LABEL}=${run}` };
}

async function createResource(tools: MakerTools, order: ResourceOrder): Promise<Resource> {
  const whole = { ...ownerMark(order, tools.run), ...order.body };
  const answer = await (order.as ?? tools.openstack())
    .service(order.type, order.microversion === undefined ? {} : { microversion: order.microversion })
    .request<Record<string, unknown>>({
      method: 'POST',
      path: order.path,
      body: wrapped(order, whole),
    });
  expectCreated(answer, [200, 201, 202], `POST ${order.type} ${order.path}`);
  const resource = (order.key === undefined ? answer.body : answer.body[order.key]) as
    Record<string, unknown> | undefined;
  const field = order.idField ?? 'id';
  const id = resource?.[field];
  if (typeof id !== 'string') {
    throw new HarnessError('SQ_BAD_ANSWER', `POST ${order.type} ${order.path} gave back no ${field}.`, {
      definite: false,
    });
  }
  return { ...resource, id };
}

/** Stacks are asked for in the open and answered in a wrapper, by a word of their own for a name. */
function wrapped(
  { type, key, nameless }: ResourceOrder,
  whole: ResourceOrder['body'],
): Record<string, unknown> {
  if (type === 'orchestration') {
    const { name, ...rest } = whole;
    return { stack_name: name, ...rest };
  }
  if (nameless === true) {
    const { name, ...rest } = whole;
    return { [key ?? '']: { ...rest, description: name } };
  }
  return key === undefined ? whole : { [key]: whole };
}

/** A stack's URL has its name in it as well. */
const pathOf = ({ type, path }: ResourceOrder, { name, id }: LedgerEntry): string =>
  type === 'orchestration' ? `${path}/${name}/${id ?? ''}` : `${path}/${id ?? ''}`;

async function deleteObject(tools: MakerTools, entry: LedgerEntry): Promise<void> {
  const kubernetes = tools.cleaning.kubernetes();
  const path = `${entry.collection}/${entry.name}`;
  const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' };
  await untilGone(tools.clock, tools.patience, async () => {
    const { status } = await kubernetes.request({ method: 'DELETE', path, body });
    if (status !== 404 && status >= 300) return `DELETE ${path} answered ${status}`;
    tools.ledger.deleted(entry);
    return undefined;
  });
}

async function deleteResource(
  tools: MakerTools,
  order: ResourceOrder,
  entry: LedgerEntry & { readonly id: string },
): Promise<void> {
  const service = cleaner(tools, order.by).service(order.type);
  const path = pathOf(order, entry);
  // A network is in use until the ports of a server that is being deleted are gone, so a refusal is tried again.
  let isGone = false;
  await untilGone(tools.clock, tools.patience, async () => {
    const { status } = await service.request({ method: 'DELETE', path });
    isGone = status === 404;
    return status === 404 || status < 300 ? undefined : `DELETE ${order.type} ${path} answered ${status}`;
  });
  tools.ledger.deleted(entry);
  // What the case has deleted itself, and seen go, need not be waited for.
  if (isGone || !DELETED_IN_BACKGROUND.has(entry.collection)) return;
  const { clock, soonest, patience } = tools;
  const begunNs = clock.now().ns;
  const restMs = Math.min(soonest.restMs(entry.collection), patience.ms / 2);
  if (restMs > 0) await clock.sleep(milliseconds(restMs));
  const looks = await untilGone(clock, patience, async () => {
    const { status, body } = await service.request<{ stack?: { stack_status?: string } }>({
      method: 'GET',
      path,
    });
    // Heat goes on showing a stack by its id, and says of it that it is deleted.
    const isAway = status === 404 || body.stack?.stack_status === 'DELETE_COMPLETE';
    return isAway ? undefined : `${order.type} ${path} is still there (${status})`;
  });
  if (looks > 1 || restMs > 0) soonest.came(entry.collection, (clock.now().ns - begunNs) / 1e6);
}

/** Tries until `attempt` has nothing to say, which is that it is done. @returns how often it tried. */
async function untilGone(
  clock: Clock,
  within: Duration,
  attempt: () => Promise<string | undefined>,
): Promise<number> {
  const until = clock.now().ns + nanosecondsOf(within);
  let pauseMs = FIRST_PAUSE.ms;
  for (let tries = 1; ; tries++) {
    const says = await attempt().catch((error: unknown) => describeError(error));
    if (says === undefined) return tries;
    const leftMs = (until - clock.now().ns) / 1e6;
    if (leftMs <= 0) throw new HarnessError('SQ_UNREACHABLE', says, { definite: false });
    await clock.sleep(milliseconds(Math.min(pauseMs, leftMs)));
    pauseMs = nextPause(pauseMs);
  }
}
