import { createHash } from 'node:crypto';
import { HarnessError } from '../model/errors.ts';
import { STATE_NAMESPACE } from '../model/own-marks.ts';
import type { ApiResponse } from '../ports/api-client.ts';
import type { Clock } from '../ports/clock.ts';
import type { KubernetesApi, KubernetesObject } from '../ports/kubernetes.ts';
import type { LockHolder, SharedState, StopOrder } from '../ports/state-store.ts';
import { scalarText } from '../model/scalar-text.ts';

/** A holder says within this time that it lives, and stops itself well before it is over; see `LOCK_TIMES`. */
export const LEASE_SECONDS = 120;

/** How far the clocks of two machines may be apart: a lease counts as run out only this long after it has. */
const CLOCKS_APART_MS = 60_000;

const HOLDER = 'squall.dev/holder';
const PATIENCE = { ms: 3000 };
const TRIES = 5;

const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${STATE_NAMESPACE}/leases`;
const MAPS = `/api/v1/namespaces/${STATE_NAMESPACE}/configmaps`;
const STOP = 'stop';

export interface ClusterStateTools {
  readonly kubernetes: Pick<KubernetesApi, 'request'>;
  readonly clock: Pick<Clock, 'wall'>;
  /** Whether a holder is provably gone as far as this machine can tell. */
  readonly isGone: (holder: LockHolder) => boolean;
}

/**
 * What runs of several machines must agree on, kept in the cluster that they hurt: a Lease for each lock and a ConfigMap for the
 * stop, in a namespace of ours. A lock passes from a holder that its own machine knows to be gone, or whose lease has run out: a
 * run that cannot renew its lease stops itself and heals long before that.
 * All verbs throw SQ_UNREACHABLE, SQ_AUTH or SQ_BAD_ANSWER when the cluster does not answer them.
 */
export function createClusterState(tools: ClusterStateTools): SharedState {
  const objects = new StateObjects(tools);
  return {
    lock: (identity, holder) => takeLease(nameOf(identity), holder, objects, tools),
    async renew(identity, run) {
      for (let tries = 0; tries < TRIES; tries++) {
        const lease = await objects.get(LEASES, nameOf(identity));
        const holder = lease === undefined ? undefined : holderOf(lease);
        if (lease === undefined || holder?.run !== run) return false;
        if (await objects.put(LEASES, leaseFor(lease, holder, tools.clock.wall()))) return true;
      }
      return false;
    },
    async unlock(identity, run) {
      const lease = await objects.get(LEASES, nameOf(identity));
      if (lease === undefined || holderOf(lease)?.run !== run) return;
      // Let go of and not deleted: a version that changes is the only thing that tells two takers apart.
      await objects.put(LEASES, { ...lease, metadata: withHolder(lease, ''), spec: { leaseTransitions: 0 } });
    },
    async holders() {
      const leases = await objects.list(LEASES);
      return leases.flatMap((lease) => {
        const holder = holderOf(lease);
        return holder === undefined || isOver(lease, holder, tools) ? [] : [holder];
      });
    },
    async stop(order) {
      await objects.makeNamespace();
      const map = { metadata: { name: STOP }, data: { by: order.by, why: order.why, since: order.since } };
      for (let tries = 0; tries < TRIES; tries++) {
        const done =
          (await objects.get(MAPS, STOP)) === undefined
            ? await objects.create(MAPS, 'ConfigMap', map)
            : await objects.put(MAPS, map);
        if (done) return;
      }
      throw new HarnessError(
        'SQ_UNREACHABLE',
        'The stop could not be written: others wrote it all the time.',
      );
    },
    async allow() {
      const before = await objects.get(MAPS, STOP);
      if (before !== undefined) await objects.delete(MAPS, STOP);
      return before === undefined ? undefined : orderIn(before);
    },
    async stopped() {
      const map = await objects.get(MAPS, STOP);
      return map === undefined ? undefined : orderIn(map);
    },
  };
}

async function takeLease(
  name: string,
  holder: LockHolder,
  objects: StateObjects,
  tools: ClusterStateTools,
): Promise<LockHolder | undefined> {
  for (let tries = 0; tries < TRIES; tries++) {
    const lease = await objects.get(LEASES, name);
    const wall = tools.clock.wall();
    if (lease === undefined) {
      await objects.makeNamespace();
      if (await objects.create(LEASES, 'Lease', leaseFor({ metadata: { name } }, holder, wall))) return;
      continue;
    }
    const other = holderOf(lease);
    if (other !== undefined && !isOver(lease, other, tools)) return other;
    if (await objects.put(LEASES, leaseFor(lease, holder, wall))) return;
  }
  throw new HarnessError('SQ_UNREACHABLE', `The lease ${name} changed hands each time it was asked for.`);
}

const nameOf = (identity: string): string =>
  `lock-${createHash('sha256').update(identity).digest('hex').slice(0, 32)}`;

function isOver(lease: KubernetesObject, holder: LockHolder, { clock, isGone }: ClusterStateTools): boolean {
  if (isGone(holder)) return true;
  const { renewTime, leaseDurationSeconds } = (lease['spec'] ?? {}) as Record<string, unknown>;
  const endMs =
    Date.parse(scalarText(renewTime)) + Number(scalarText(leaseDurationSeconds) || LEASE_SECONDS) * 1000;
  return Date.parse(clock.wall()) > endMs + CLOCKS_APART_MS;
}

function leaseFor(lease: KubernetesObject, holder: LockHolder, wall: string): KubernetesObject {
  return {
    ...lease,
    metadata: withHolder(lease, JSON.stringify(holder)),
    spec: {
      holderIdentity: `${holder.run} on ${holder.host}`,
      leaseDurationSeconds: LEASE_SECONDS,
      // The API wants six digits after the second.
      acquireTime: holder.since.replace(/(\.\d+)?Z$/, '.000000Z'),
      renewTime: wall.replace('Z', '000Z'),
      leaseTransitions: 0,
    },
  };
}

const withHolder = (lease: KubernetesObject, holder: string): KubernetesObject['metadata'] => ({
  ...lease.metadata,
  annotations: { ...lease.metadata.annotations, [HOLDER]: holder },
});

/** undefined when nobody holds it, or nobody that could be asked. */
function holderOf(lease: KubernetesObject): LockHolder | undefined {
  try {
    return JSON.parse(lease.metadata.annotations?.[HOLDER] ?? '') as LockHolder;
  } catch {
    return undefined;
  }
}

function orderIn(map: KubernetesObject): StopOrder {
  const { by, why, since } = (map['data'] ?? {}) as Readonly<Record<string, string>>;
  return { by: by ?? 'somebody', why: why ?? '', since: since ?? '' };
}

/** Objects of our namespace, each answer judged: what is neither a success nor one of the expected refusals is thrown. */
class StateObjects {
  readonly #kubernetes: ClusterStateTools['kubernetes'];

  constructor({ kubernetes }: ClusterStateTools) {
    this.#kubernetes = kubernetes;
  }

  async get(collection: string, name: string): Promise<KubernetesObject | undefined> {
    const answer = await this.#ask('GET', `${collection}/${name}`);
    return this.#is(answer, 404) ? undefined : (answer.body as KubernetesObject);
  }

  async list(collection: string): Promise<readonly KubernetesObject[]> {
    const answer = await this.#ask('GET', collection);
    return this.#is(answer, 404) ? [] : ((answer.body as { items?: KubernetesObject[] }).items ?? []);
  }

  /** False when it is there already, or its namespace is not. */
  async create(collection: string, kind: string, object: object): Promise<boolean> {
    const apiVersion = kind === 'Lease' ? 'coordination.k8s.io/v1' : 'v1';
    return !this.#is(await this.#ask('POST', collection, { apiVersion, kind, ...object }), 409, 404);
  }

  /** False when somebody wrote it since it was read, or deleted it. */
  async put(collection: string, object: KubernetesObject): Promise<boolean> {
    return !this.#is(await this.#ask('PUT', `${collection}/${object.metadata.name}`, object), 409, 404);
  }

  async delete(collection: string, name: string): Promise<void> {
    this.#is(await this.#ask('DELETE', `${collection}/${name}`), 404);
  }

  /** Asked first: who may write in the namespace need not be allowed to make one. */
  async makeNamespace(): Promise<void> {
    if (!this.#is(await this.#ask('GET', `/api/v1/namespaces/${STATE_NAMESPACE}`), 404)) return;
    const metadata = { name: STATE_NAMESPACE, labels: { 'app.kubernetes.io/managed-by': 'squall' } };
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata };
    this.#is(await this.#ask('POST', '/api/v1/namespaces', body), 409);
  }

  #ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<ApiResponse> {
    return this.#kubernetes.request({
      method,
      path,
      timeout: PATIENCE,
      ...(body === undefined ? {} : { body }),
    });
  }

  /** Whether it was refused with one of these. @throws when it was refused otherwise. */
  #is({ status, url, body }: ApiResponse, ...expected: readonly number[]): boolean {
    if (expected.includes(status)) return true;
    if (status >= 200 && status < 300 && typeof body === 'object' && body !== null) return false;
    const code = status === 401 || status === 403 ? 'SQ_AUTH' : 'SQ_BAD_ANSWER';
    throw new HarnessError(code, `${url} answered ${status} about the state that runs share.`);
  }
}
