import { access } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import type { MissingAbility } from '../../model/abilities.ts';
import { HarnessError } from '../../model/errors.ts';
import type { Lab, LabConnection } from '../../ports/lab.ts';

export interface ExistingLabOptions {
  /** Default: KUBECONFIG, then `~/.kube/config`. */
  readonly kubeconfig?: string;
  /** Default: the current one of the kubeconfig. */
  readonly context?: string;
  /** Name of a cloud in clouds.yaml; default OS_CLOUD. Without one, no OpenStack is looked at. */
  readonly cloud?: string;
  /** Default: OS_CLIENT_CONFIG_FILE, then the places where OpenStack's own clients look. */
  readonly cloudsYaml?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Whoever owns the machines can reach them in ways that a kubeconfig does not tell. */
const NO_WAY_IN: readonly MissingAbility[] = [
  {
    ability: 'power',
    reason: 'A kubeconfig says nothing about how the machines of this cluster are switched off and on.',
    remedy:
      'Use a lab that Squall deploys, such as `--lab rehearsal`, or leave power faults out of the plan.',
  },
  {
    ability: 'freeze',
    reason: 'Freezing a node needs power over it, which a kubeconfig does not give.',
    remedy: 'Use a lab that Squall deploys, such as `--lab rehearsal`, or leave freezes out of the plan.',
  },
  {
    ability: 'links',
    reason: 'Rules on the network between nodes need a way onto the nodes, which a kubeconfig does not give.',
    remedy:
      'Use a lab that Squall deploys, such as `--lab rehearsal`, or leave network faults out of the plan.',
  },
  {
    ability: 'link-loss',
    reason: 'Losing traffic takes the same way onto the nodes as any rule on their network.',
    remedy: 'Use a lab that Squall deploys, or leave network faults out of the plan.',
  },
  {
    ability: 'link-delay',
    reason: 'Delaying traffic takes the same way onto the nodes as any rule on their network.',
    remedy: 'Use a lab that Squall deploys, or leave network faults out of the plan.',
  },
  {
    ability: 'link-limit',
    reason: 'Limiting traffic takes the same way onto the nodes as any rule on their network.',
    remedy: 'Use a lab that Squall deploys, or leave network faults out of the plan.',
  },
  {
    ability: 'containers',
    reason: 'Killing a single container needs a way onto its node, which a kubeconfig does not give.',
    remedy: 'Use a lab that Squall deploys, or delete the pod instead.',
  },
  {
    ability: 'units',
    reason: 'Stopping services of a node needs a way onto the node, which a kubeconfig does not give.',
    remedy:
      'Use a lab that Squall deploys, such as `--lab rehearsal`, or delete pods instead of stopping services.',
  },
  {
    ability: 'exec',
    reason: 'Squall runs no commands on the nodes of a cluster that it did not deploy.',
    remedy: 'Use a lab that Squall deploys.',
  },
  {
    ability: 'snapshot',
    reason: 'The volumes of a cluster that Squall did not deploy are not its to snapshot.',
    remedy: 'Use a lab that Squall deploys.',
  },
];

/** Any cluster by kubeconfig and any cloud by clouds.yaml: found, never deployed, and never taken down. */
export function createExistingLab(options: ExistingLabOptions): Lab {
  const connection = (): Promise<LabConnection> => findConnection(options);
  return {
    name: 'existing',
    owned: false,
    disclosures: [],
    abilities: {},
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
      const { kubeconfig, cloudsYaml } = await connection();
      return [
        ...NO_WAY_IN,
        ...(kubeconfig === undefined ? [NO_CLUSTER] : []),
        ...(cloudsYaml === undefined ? [NO_CLOUD] : []),
      ];
    },
  };
}

const NO_CLUSTER: MissingAbility = {
  ability: 'kubernetes',
  reason: 'No kubeconfig was named, and there is none in the usual place.',
  remedy: 'Give `--kubeconfig`, or set KUBECONFIG.',
};

const NO_CLOUD: MissingAbility = {
  ability: 'openstack',
  reason: 'No cloud was named.',
  remedy: 'Give `--os-cloud`, or set OS_CLOUD; clouds.yaml is looked for where the OpenStack client looks.',
};

/** @throws SQ_KUBECONFIG when neither a cluster nor a cloud is named. */
async function findConnection({ environment, ...options }: ExistingLabOptions): Promise<LabConnection> {
  const home = environment['HOME'] ?? environment['USERPROFILE'];
  const kubeconfig = await findKubeconfig(options.kubeconfig, environment['KUBECONFIG'], home);
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
