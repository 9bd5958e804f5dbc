import { access } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { ABILITIES, PRESSURE_KINDS, type Ability, type MissingAbility } from '../../model/abilities.ts';
import { HarnessError } from '../../model/errors.ts';
import type { Chance, Clock } from '../../ports/clock.ts';
import type { KubernetesApi } from '../../ports/kubernetes.ts';
import { abilitiesOf, type Lab, type LabAbilities, type LabConnection } from '../../ports/lab.ts';
import { SERVICE_ACCOUNT } from '../../adapters/kubernetes/service-account.ts';
import { nodeAbilities } from './node-abilities.ts';
import type { NodeAccessSettings } from './node-pod.ts';
import type { NodeTools } from './run-on-node.ts';

export interface ExistingLabOptions {
  /** Default: KUBECONFIG, then `~/.kube/config`, then, in a pod, the folder of its service account. */
  readonly kubeconfig?: string;
  /** Default: the current one of the kubeconfig. */
  readonly context?: string;
  /** Name of a cloud in clouds.yaml; default OS_CLOUD. Without one, no OpenStack is looked at. */
  readonly cloud?: string;
  /** Default: OS_CLIENT_CONFIG_FILE, then the places where OpenStack's own clients look. */
  readonly cloudsYaml?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Default: where Kubernetes puts it. */
  readonly serviceAccount?: string;
  /** Where its nodes pull the test image from. Absent: suites run no pods there. */
  readonly testImage?: string;
  /** Where they pull it from for the probe between nodes alone: suites run no pods for that. Absent: what `testImage` says. */
  readonly probeImage?: string;
  /** A way onto the nodes. Absent: there is none, and abilities that need one are missing. */
  readonly nodes?: NodeAccess;
}

export interface NodeAccess {
  readonly settings: NodeAccessSettings;
  readonly clock: Clock;
  readonly chance: Chance;
  /** Default: a client of its own. */
  readonly connect?: (connection: LabConnection) => Promise<KubernetesApi>;
}

const OWN_LAB = 'Use a lab that Squall deploys, such as `--lab rehearsal`';
const WAY_IN =
  'Name an image under `existing.node-access` of the configuration file and apply docs/rbac/node-access.yaml (see docs/existing-clusters.md; SSH is no way in yet)';

const TEST_IMAGE =
  'Name the test image under `existing.test-image` of the configuration file (see docs/existing-clusters.md).';

const PROBE_IMAGE =
  'Name the test image in the configuration file: under `existing.probe-image` for probes alone, under `existing.test-image` for suites as well (see docs/existing-clusters.md).';

const NO_CLOUD = {
  reason: 'No cloud was named that clouds.yaml or the OS_* variables have.',
  remedy: 'Give `--os-cloud`, or set OS_CLOUD; clouds.yaml is looked for where the OpenStack client looks.',
} as const;

/** Whoever owns the machines can reach them in ways that a kubeconfig does not tell. */
const REASONS: Readonly<Partial<Record<Ability, Omit<MissingAbility, 'ability'>>>> = {
  kubernetes: {
    reason: 'No kubeconfig was named, and there is none in the usual place.',
    remedy: 'Give `--kubeconfig`, or set KUBECONFIG.',
  },
  openstack: NO_CLOUD,
  'whole-kubernetes': {
    reason: 'Suites do more than create what does nothing only where they are let.',
    remedy: TEST_IMAGE,
  },
  'whole-openstack': NO_CLOUD,
  guests: NO_CLOUD,
  'test-image': {
    reason: 'Squall has no image on the nodes of a cluster that it did not deploy.',
    remedy: PROBE_IMAGE,
  },
  power: {
    reason: 'A kubeconfig says nothing about how the machines of this cluster are switched off and on.',
    remedy: `${OWN_LAB}, or leave power faults out of the plan.`,
  },
  freeze: {
    reason: 'Freezing a node needs power over it, which a kubeconfig does not give.',
    remedy: `${OWN_LAB}, or leave freezes out of the plan.`,
  },
  links: {
    reason: 'Rules on the network between nodes need a way onto the nodes, which a kubeconfig does not give.',
    remedy: `${WAY_IN}, or leave network faults out of the plan.`,
  },
  'link-loss': {
    reason: 'Losing traffic takes the same way onto the nodes as any rule on their network.',
    remedy: `${WAY_IN}, or leave network faults out of the plan.`,
  },
  'link-delay': {
    reason:
      'Holding packets back takes a program that stays on the node while it lasts; Squall puts programs onto the nodes of its own labs only.',
    remedy: `${OWN_LAB}, or leave delays out of the plan.`,
  },
  'link-limit': {
    reason:
      'A narrow line is measured by what really goes through it, and the pods that act on nodes here neither send nor receive.',
    remedy: `${OWN_LAB}, or leave narrow lines out of the plan.`,
  },
  containers: {
    reason: 'Squall kills single containers only on the nodes of a lab that it deploys.',
    remedy: `${OWN_LAB}, or delete the pod instead.`,
  },
  'container-freeze': {
    reason: 'Squall freezes single containers only on the nodes of a lab that it deploys.',
    remedy: `${OWN_LAB}, or delete the pod instead.`,
  },
  units: {
    reason: 'Stopping services of a node needs a way onto the node, which a kubeconfig does not give.',
    remedy: `${WAY_IN}, or delete pods instead of stopping services.`,
  },
  ...pressures(),
  'node-clock': {
    reason:
      'Whether a node of this cluster has a clock of its own, and what sets it right again, a kubeconfig does not tell.',
    remedy: 'Skew the clock by hand on machines of your own, or leave clock-skew out of the plan.',
  },
  exec: {
    reason: 'Squall runs no commands of others on the nodes of a cluster that it did not deploy.',
    remedy: `${OWN_LAB}.`,
  },
  snapshot: {
    reason: 'The volumes of a cluster that Squall did not deploy are not its to snapshot.',
    remedy: `${OWN_LAB}.`,
  },
};

/** What is held is held by a program on the node. */
function pressures(): Readonly<Partial<Record<Ability, Omit<MissingAbility, 'ability'>>>> {
  const why = {
    reason:
      'Taking something away from a node takes a program that stays there while it lasts; Squall puts programs onto the nodes of its own labs only.',
    remedy: `${OWN_LAB}, or leave pressure out of the plan.`,
  };
  return Object.fromEntries(PRESSURE_KINDS.map((kind) => [`pressure-${kind}`, why]));
}

function missingAbility(ability: Ability): MissingAbility {
  const known = REASONS[ability];
  if (known !== undefined) return { ability, ...known };
  return {
    ability,
    reason: `Squall has no way to do this (${ability}) to the nodes of a cluster that it did not deploy.`,
    remedy: `${OWN_LAB}.`,
  };
}

/** Any cluster by kubeconfig and any cloud by clouds.yaml: found, never deployed, and never taken down. */
export function createExistingLab(options: ExistingLabOptions): Lab {
  const connection = (): Promise<LabConnection> => findConnection(options);
  return {
    name: 'existing',
    owned: false,
    disclosures: [],
    abilities: {
      wholeOpenStack: true,
      guests: true,
      ...podAbilities(options),
      ...(options.nodes === undefined ? {} : nodeAbilities(nodeTools(options.nodes, connection, options))),
    },
    up: (report, signal) => {
      signal.throwIfAborted();
      report(
        'There is nothing to bring up: the existing lab is whatever the kubeconfig and clouds.yaml name.',
      );
      return Promise.resolve();
    },
    down: (report) => {
      report('There is nothing to take down: the existing lab was not deployed by Squall, and stays.');
      return Promise.resolve();
    },
    async status() {
      return { state: 'up', nodes: [], connection: await connection() };
    },
    connection,
    async missing() {
      const has = new Set(abilitiesOf(this, await connection()));
      return ABILITIES.filter((ability) => !has.has(ability)).map(missingAbility);
    },
  };
}

/** One word for both: whoever names the image for tests lets suites do more than create what does nothing. */
function podAbilities({ testImage, probeImage }: ExistingLabOptions): LabAbilities {
  const name = testImage ?? probeImage;
  if (name === undefined) return {};
  const image = { testImage: { name, pullPolicy: 'IfNotPresent' } } as const;
  return testImage === undefined ? image : { wholeKubernetes: true, ...image };
}

/** The cluster is reached at the first act on a node, and by one client: no run pays for what its plan does not use. */
function nodeTools(
  { settings, clock, chance, connect }: NodeAccess,
  connection: () => Promise<LabConnection>,
  { environment }: ExistingLabOptions,
): NodeTools {
  let opened: Promise<KubernetesApi> | undefined;
  const open = async (): Promise<KubernetesApi> => {
    if (connect !== undefined) return connect(await connection());
    const { createKubernetesApi } = await import('../../adapters/kubernetes/index.ts');
    return createKubernetesApi({ connection: await connection(), environment, clock });
  };
  return { kubernetes: () => (opened ??= open()), settings, clock, chance };
}

/** @throws SQ_KUBECONFIG when neither a cluster nor a cloud is named. */
async function findConnection({ environment, ...options }: ExistingLabOptions): Promise<LabConnection> {
  const home = environment['HOME'] ?? environment['USERPROFILE'];
  const kubeconfig =
    (await findKubeconfig(options.kubeconfig, environment['KUBECONFIG'], home)) ??
    (await findServiceAccount(options.serviceAccount ?? SERVICE_ACCOUNT, environment));
  const cloud = options.cloud ?? setOrNone(environment['OS_CLOUD']);
  const named = options.cloudsYaml ?? setOrNone(environment['OS_CLIENT_CONFIG_FILE']);
  const cloudsYaml =
    cloud === undefined ? options.cloudsYaml : (named ?? (await firstThere(cloudsYamlPlaces(home))));
  if (kubeconfig === undefined && cloud === undefined && cloudsYaml === undefined) {
    throw new HarnessError(
      'SQ_KUBECONFIG',
      'Neither a kubeconfig nor a cloud was named, and there is no kubeconfig in the usual place.',
      {
        remedy:
          'Give `--kubeconfig` or `--os-cloud`, set KUBECONFIG or OS_CLOUD, or use `--lab rehearsal`, which needs neither.',
      },
    );
  }
  return {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(options.context === undefined ? {} : { context: options.context }),
    ...(cloudsYaml === undefined ? {} : { cloudsYaml: resolve(cloudsYaml) }),
    ...(cloud === undefined ? {} : { cloud }),
  };
}

const setOrNone = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

/** A file that was named is handed on even if it is missing, so that its reader can say so; the usual place only if it is there. */
async function findKubeconfig(
  named: string | undefined,
  variable: string | undefined,
  home: string | undefined,
): Promise<string | undefined> {
  if (named !== undefined) return resolve(named);
  const listed = setOrNone(variable)
    ?.split(delimiter)
    .filter((file) => file !== '');
  if (listed !== undefined && listed.length > 0) return listed.map((file) => resolve(file)).join(delimiter);
  return home === undefined ? undefined : firstThere([join(home, '.kube', 'config')]);
}

/** A pod may have been given none, such as one that is to look at a cloud alone. */
async function findServiceAccount(
  folder: string,
  environment: ExistingLabOptions['environment'],
): Promise<string | undefined> {
  if (setOrNone(environment['KUBERNETES_SERVICE_HOST']) === undefined) return undefined;
  return (await firstThere([join(folder, 'token')])) === undefined ? undefined : folder;
}

/** In the order of openstacksdk: the working folder, the user's, the system's. */
function cloudsYamlPlaces(home: string | undefined): readonly string[] {
  const own = home === undefined ? [] : [join(home, '.config', 'openstack', 'clouds.yaml')];
  return ['clouds.yaml', ...own, '/etc/openstack/clouds.yaml'];
}

async function firstThere(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const there = await access(file).then(
      () => true,
      () => false,
    );
    if (there) return file;
  }
  return undefined;
}
