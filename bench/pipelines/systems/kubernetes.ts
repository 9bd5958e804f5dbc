import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { parse } from 'yaml';
import { SERVICE_ACCOUNT } from '../../../src/adapters/kubernetes/service-account.ts';
import { call } from '../../samples-query/python.ts';
import { killWhen, runIn, type Place } from '../place.ts';
import { matching } from '../published.ts';
import type { Ended, Outcome, System } from '../system.ts';
import { readCronJob, type CronJob, type Variable } from './cron-job.ts';

export interface KubernetesOptions {
  /** What stands in for the kubelet, up to the options that the manifest gives. */
  readonly container: string;
  readonly image: string;
}

/** A fault that an API can hold, and take back: no pod has power over nodes. */
const HOLDING = `# Wants to learn: what becomes of a fault whose run is killed?
apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata: {name: long-drain}
probes:
  - {name: readyz, probe: http, endpoint: kubernetes, path: /readyz, every: 200ms, timeout: 1s, connection: new}
method:
  - {name: hold, fault: node-drain, selector: {node: compute-2}, mode: one, duration: 10m}
baseline: 500ms
`;

/** What the downward API would say. */
const OWN = { 'metadata.name': 'squall-1-x', 'spec.nodeName': 'compute-1' };

const FILES = { gate: 'gate', 'nightly-pods': 'nightly', drill: 'drill' } as const;

const GATE = 'pipelines/kubernetes/gate.yaml';

/** The manifest's arguments, or others in their place. */
type Change = (args: readonly string[]) => readonly string[];

const fileOf = (plan: string): string =>
  `pipelines/kubernetes/${FILES[plan as keyof typeof FILES] ?? 'gate'}.yaml`;

/**
 * A CronJob's container, as the kubelet would start it: command, environment, volumes and rights from the manifest. The cluster that its
 * service account leads to is the rehearsal, behind the TLS that a pod expects.
 */
export class Kubernetes implements System {
  readonly name = 'kubernetes';
  readonly plans = { gate: 'gate', nightly: 'nightly-pods', drill: 'drill' };
  readonly heals = false;
  readonly #options: KubernetesOptions;
  #front: Server | undefined;
  #containers = 0;

  constructor(options: KubernetesOptions) {
    this.#options = options;
  }

  promises(code: number): Outcome {
    return code === 0 ? 'green' : code === 3 ? 'again' : 'red';
  }

  prepare(): void {
    // Nothing of it lies in the project.
  }

  async run(place: Place, plan: string): Promise<Ended> {
    const file = fileOf(plan);
    const reports = join(place.home, 'volumes', 'squall-reports');
    rmSync(reports, { recursive: true, force: true });
    const { code, says } = await this.#runContainer(place, file, ([run = '', planned = '', ...rest]) => [
      run,
      plan in FILES ? planned : plan.endsWith('.yaml') ? `/plans/${plan}` : plan,
      ...rest,
    ]);
    appendFileSync(join(place.home, 'calls'), `${code} run ${plan}\n`);
    return {
      outcome: outcomeOf(readCronJob(file), code),
      says,
      reports,
      junit: matching(reports, '*/junit.xml'),
      allure: matching(reports, '*/allure-results'),
    };
  }

  async beside(place: Place, args: readonly string[]): Promise<number> {
    const command = (): readonly string[] => [...args, '--lab', 'existing'];
    return (await this.#runContainer(place, GATE, command)).code;
  }

  async leaveOpenFault(place: Place): Promise<void> {
    mkdirSync(join(place.home, 'plans'), { recursive: true });
    writeFileSync(join(place.home, 'plans', 'holding.yaml'), HOLDING);
    const [program = '', ...args] = await this.#containerOf(place, GATE, ([run = '', , ...rest]) => [
      run,
      '/plans/holding.yaml',
      ...rest,
    ]);
    const name = args[args.indexOf('--name') + 1] ?? '';
    await killWhen(place, program, args, /fault hold holding/, () => {
      call('podman', ['kill', '--signal', 'KILL', name]);
    });
  }

  async release(): Promise<void> {
    const front = this.#front;
    this.#front = undefined;
    await new Promise((done) => (front === undefined ? done(undefined) : front.close(done)));
  }

  async #containerOf(place: Place, file: string, change: Change): Promise<readonly string[]> {
    this.#front ??= await serveApi(place);
    const { port } = this.#front.address() as AddressInfo;
    const job = readCronJob(file);
    const { container, image } = this.#options;
    this.#containers += 1;
    return [
      ...container.split(' '),
      '--rm',
      '--name',
      `squall-pipelines-${process.pid}-${this.#containers}`,
      ...rightsOf(job, image),
      ...environmentOf(job, String(port)),
      ...volumesOf(job, place),
      image,
      ...change(job.container.args ?? []),
    ];
  }

  async #runContainer(
    place: Place,
    file: string,
    change: Change,
  ): Promise<{ readonly code: number; readonly says: string }> {
    const [program = '', ...args] = await this.#containerOf(place, file, change);
    return runIn(place, program, args);
  }
}

/** What the job's controller makes of an exit code: the first rule that fits, else another try. */
function outcomeOf({ rules, backoffLimit }: CronJob, code: number): Outcome {
  if (code === 0) return 'green';
  const rule = rules.find(
    ({ onExitCodes: { operator, values } }) => values.includes(code) === (operator === 'In'),
  );
  return rule?.action === 'FailJob' || backoffLimit === 0 ? 'red' : 'again';
}

function rightsOf({ container, pod }: CronJob, image: string): readonly string[] {
  const rights = container.securityContext;
  const user = call('podman', ['image', 'inspect', '--format', '{{.Config.User}}', image]).trim();
  if (pod.securityContext.runAsNonRoot && /^(0|root)?(:|$)/.test(user))
    throw new Error('The kubelet would not start it: its image runs as root.');
  return [
    '--network',
    'host',
    ...(rights.readOnlyRootFilesystem ? ['--read-only', '--read-only-tmpfs=false'] : []),
    ...rights.capabilities.drop.map((capability) => `--cap-drop=${capability}`),
    ...(rights.allowPrivilegeEscalation ? [] : ['--security-opt=no-new-privileges']),
    ...(pod.securityContext.fsGroup === undefined
      ? []
      : ['--group-add', String(pod.securityContext.fsGroup)]),
  ];
}

function environmentOf({ container, namespace }: CronJob, port: string): readonly string[] {
  const own: Readonly<Record<string, string>> = { ...OWN, 'metadata.namespace': namespace };
  const valueOf = ({ name, value, valueFrom }: Variable): string => {
    const found = value ?? own[valueFrom?.fieldRef.fieldPath ?? ''];
    if (found === undefined) throw new Error(`Nothing says what ${name} is.`);
    return found;
  };
  return [
    ...container.env.map((variable) => `${variable.name}=${valueOf(variable)}`),
    'KUBERNETES_SERVICE_HOST=127.0.0.1',
    `KUBERNETES_SERVICE_PORT=${port}`,
    'CI=true',
  ].flatMap((assignment) => ['--env', assignment]);
}

/** Claims and secrets are folders; the program is what `npm pack` made of this checkout. */
function volumesOf({ container, pod }: CronJob, { home, project }: Place): readonly string[] {
  const mounts = container.volumeMounts.map(({ name, mountPath, readOnly }) => {
    const volume = pod.volumes.find((each) => each.name === name);
    const claim = volume?.persistentVolumeClaim?.claimName;
    const secret = volume?.secret?.secretName;
    if (claim === undefined && secret !== 'squall-clouds')
      throw new Error(`Nobody provides the volume ${name}.`);
    const folder =
      claim === undefined
        ? join(home, 'secrets', 'squall-clouds')
        : claimFolder(home, claim, pod.securityContext.fsGroup);
    return `${folder}:${mountPath}${readOnly === true ? ':ro' : ''}`;
  });
  const installed = join(project, 'node_modules', 'squall');
  return [
    ...mounts,
    `${join(home, 'service-account')}:${SERVICE_ACCOUNT}:ro`,
    `${join(home, 'plans')}:/plans:ro`,
    ...['dist', 'chaos-plans', 'pipelines'].map((part) => `${join(installed, part)}:/squall/${part}:ro`),
  ].flatMap((volume) => ['--volume', volume]);
}

/** A new volume belongs to root; with an fsGroup the kubelet hands it to that group. */
function claimFolder(home: string, claim: string, group: number | undefined): string {
  const folder = join(home, 'volumes', claim);
  if (existsSync(folder)) return folder;
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, group === undefined ? 0o755 : 0o2775);
  if (group !== undefined) chownSync(folder, 0, group);
  return folder;
}

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { readonly server: string } }[];
  readonly users: readonly { readonly user: { readonly token: string } }[];
}

/** An existing cloud is entered by an ordinary user: the model has no roles to give to users of lanes. */
interface Clouds {
  readonly 'rehearsal-demo': object;
}

/** The rehearsal's API with TLS, and all that a pod is told of it. */
async function serveApi({ home, environment }: Place): Promise<Server> {
  const lab = join(environment['XDG_STATE_HOME'] ?? '', 'squall', 'labs', 'rehearsal');
  const { clusters, users } = parse(readFileSync(join(lab, 'kubeconfig'), 'utf8')) as Kubeconfig;
  const target = new URL(clusters[0]?.cluster.server ?? '');
  const certificates = 'test/adapters/kubernetes/certificates';
  for (const folder of ['service-account', 'secrets/squall-clouds', 'plans'])
    mkdirSync(join(home, folder), { recursive: true });
  writeFileSync(join(home, 'service-account', 'token'), users[0]?.user.token ?? '');
  writeFileSync(join(home, 'service-account', 'namespace'), 'squall');
  cpSync(join(certificates, 'ca.pem'), join(home, 'service-account', 'ca.crt'));
  const { clouds } = parse(readFileSync(join(lab, 'clouds.yaml'), 'utf8')) as { clouds: Clouds };
  writeFileSync(
    join(home, 'secrets', 'squall-clouds', 'clouds.yaml'),
    JSON.stringify({ clouds: { squall: clouds['rehearsal-demo'] } }),
  );
  for (const plan of readdirSync(home).filter((name) => name.endsWith('.yaml')))
    cpSync(join(home, plan), join(home, 'plans', plan));
  const server = createServer(
    {
      cert: readFileSync(join(certificates, 'server.pem')),
      key: readFileSync(join(certificates, 'server.key')),
    },
    (client) => {
      const behind = connect(Number(target.port), target.hostname);
      client.on('error', () => behind.destroy()).on('close', () => behind.destroy());
      behind.on('error', () => client.destroy()).on('close', () => client.destroy());
      client.pipe(behind).pipe(client);
    },
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}
