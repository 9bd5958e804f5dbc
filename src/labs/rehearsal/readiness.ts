import { request } from 'node:http';
import type { Clock } from '../../ports/clock.ts';
import { FRONT_NAMES, NODES } from '../../rehearsal/lab-layout.ts';
import type { Front, LabLayout, LabPorts } from '../../rehearsal/lab-layout.ts';

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

interface Asked {
  readonly path: string;
  readonly token?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const PATIENCE_MS = 1000;

/** Asks a lab as its users will, through the address and nothing else. */
export class Readiness {
  readonly #ports: LabPorts;
  readonly #layout: LabLayout;
  readonly #clock: Clock;

  constructor(layout: LabLayout, ports: LabPorts, clock: Clock) {
    this.#layout = layout;
    this.#ports = ports;
    this.#clock = clock;
  }

  /** What is not there yet, in words; undefined when everything is. */
  async lacks(): Promise<string | undefined> {
    return (await this.#cluster()) ?? (await this.#fronts()) ?? (await this.#cloud());
  }

  async #cluster(): Promise<string | undefined> {
    const [nodes, pods, deployments, statefulSets, daemonSets, leases] = await Promise.all([
      this.#objects('/api/v1/nodes'),
      this.#objects('/api/v1/pods'),
      this.#objects('/apis/apps/v1/deployments'),
      this.#objects('/apis/apps/v1/statefulsets'),
      this.#objects('/apis/apps/v1/daemonsets'),
      this.#objects('/apis/coordination.k8s.io/v1/namespaces/kube-system/leases'),
    ]);
    if (!nodes || !pods || !deployments || !statefulSets || !daemonSets || !leases)
      return 'the Kubernetes API does not answer';
    if (nodes.length < NODES.length || !nodes.every(isReady)) return 'not all nodes are ready';
    if (!pods.every(isReady)) return 'not all pods are ready';
    const behind = [...deployments, ...statefulSets].find(
      ({ spec, status }) => status['readyReplicas'] !== spec['replicas'],
    );
    if (behind !== undefined || deployments.length === 0)
      return `${behind?.metadata.name ?? 'no workload'} does not have all its replicas`;
    const numbers = (status: Fields): boolean =>
      Number(status['desiredNumberScheduled']) > 0 &&
      status['numberReady'] === status['desiredNumberScheduled'];
    if (!daemonSets.every(({ status }) => numbers(status))) return 'not every node has its agents';
    const names = leases.map(({ metadata }) => metadata.name);
    const missing = ['api-address', 'kube-controller-manager', 'kube-scheduler'].find(
      (name) => !names.includes(name),
    );
    return missing === undefined ? undefined : `nobody holds the lease ${missing}`;
  }

  async #fronts(): Promise<string | undefined> {
    const answers = await Promise.all(
      FRONT_NAMES.map((front) =>
        this.#ask(front, { path: front === 'kubernetes' ? '/readyz' : '/healthcheck' }),
      ),
    );
    const failing = FRONT_NAMES.find((_front, at) => answers[at]?.status !== 200);
    return failing === undefined ? undefined : `${failing} does not answer through the address`;
  }

  async #cloud(): Promise<string | undefined> {
    const domain = { name: 'Default' };
    const password = { user: { name: 'admin', password: this.#layout.adminPassword, domain } };
    const auth = {
      identity: { methods: ['password'], password },
      scope: { project: { name: 'admin', domain } },
    };
    const issued = await this.#ask('keystone', { path: '/v3/auth/tokens', body: { auth } });
    const header = issued?.headers['x-subject-token'];
    if (typeof header !== 'string') return 'Keystone gives no token yet';
    const token = { 'x-auth-token': header };
    const [services, networks] = await Promise.all([
      this.#ask('nova', { path: '/v2.1/os-services?binary=nova-compute', token }),
      this.#ask('neutron', { path: '/v2.0/networks', token }),
    ]);
    const agents = listOf(services, 'services').filter((each) => each['state'] === 'up');
    if (agents.length < 2) return 'nova-compute has not reported from every compute node';
    return listOf(networks, 'networks').length < 2
      ? 'the installation of OpenStack is not finished'
      : undefined;
  }

  async #objects(path: string): Promise<readonly KubeObject[] | undefined> {
    const token = { authorization: `Bearer ${this.#layout.adminToken}` };
    const answer = await this.#ask('kubernetes', { path, token });
    if (answer?.status !== 200) return undefined;
    return (answer.body as { items: readonly KubeObject[] }).items;
  }

  /** undefined when nothing comes. */
  #ask(front: Front, { path, token, body }: Asked): Promise<Answered | undefined> {
    return new Promise((resolve) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = { ...token, ...(text === undefined ? {} : { 'content-type': 'application/json' }) };
      const port = this.#ports.fronts[front];
      const method = text === undefined ? 'GET' : 'POST';
      const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
        let read = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (read += part));
        response.on('end', () => {
          cancel();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parse(read) });
        });
        response.on('error', () => resolve(undefined));
      });
      const cancel = this.#clock.after(PATIENCE_MS, () => sent.destroy());
      sent.once('error', () => resolve(undefined));
      sent.once('close', () => resolve(undefined));
      sent.end(text);
    });
  }
}

type Fields = Readonly<Record<string, unknown>>;

interface KubeObject {
  readonly metadata: { readonly name: string };
  readonly spec: Fields;
  readonly status: Fields;
}

const isReady = ({ status }: KubeObject): boolean =>
  Array.isArray(status['conditions']) &&
  (status['conditions'] as readonly Fields[]).some(
    (each) => each['type'] === 'Ready' && each['status'] === 'True',
  );

function listOf(answer: Answered | undefined, field: string): readonly Fields[] {
  const list = (answer?.body as Fields | undefined)?.[field];
  return Array.isArray(list) ? (list as readonly Fields[]) : [];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
