import { join } from 'node:path';
import { HarnessError } from '../model/errors.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { Lab } from '../ports/lab.ts';
import { stateFolder } from './places.ts';

interface LabOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly osCloud?: string;
  /** Default: where OpenStack's own clients look. */
  readonly cloudsYaml?: string;
  /** Whether the reference lab carries a cloud when it is brought up. Default true. */
  readonly withOpenStack?: boolean;
}

interface LabKind {
  readonly name: string;
  readonly summary: string;
  /** Loads what this lab needs and nothing of the others. */
  create(options: LabOptions): Promise<Lab>;
}

/** Every lab that Squall can run against; a new one is a line here. */
export const LABS: readonly LabKind[] = [
  {
    name: 'rehearsal',
    summary:
      'a model of the 3+2 topology that serves the real APIs on loopback, up in seconds on any machine; the default',
    async create({ clock, chance }) {
      const { createRehearsalLab } = await import('../labs/rehearsal/rehearsal-lab.ts');
      const { entryPath } = await import('../adapters/system/entry-path.ts');
      return createRehearsalLab({
        stateFolder: join(stateFolder(process.env), 'labs', 'rehearsal'),
        clock,
        chance,
        entryPath,
      });
    },
  },
  {
    name: 'reference',
    summary:
      'five node containers with a real, highly available Kubernetes and OpenStack on one Linux host; needs root and podman',
    async create({ clock, chance, withOpenStack = true }) {
      const { composeReferenceLab } = await import('./compose-reference-lab.ts');
      return composeReferenceLab({ clock, chance, environment: process.env, withOpenStack });
    },
  },
  {
    name: 'existing',
    summary: 'any cluster by kubeconfig, and any cloud by clouds.yaml',
    async create({ kubeconfig, context, osCloud, cloudsYaml, clock, chance }) {
      const { createExistingLab } = await import('../labs/existing/existing-lab.ts');
      const { readExistingSettings } = await import('./settings.ts');
      // Read here and not handed in, so that whoever heals tomorrow finds the same way onto the nodes.
      const { nodeAccess, testImage, probeImage } = await readExistingSettings();
      return createExistingLab({
        ...(nodeAccess === undefined ? {} : { nodes: { settings: nodeAccess, clock, chance } }),
        environment: process.env,
        ...(testImage === undefined ? {} : { testImage }),
        ...(probeImage === undefined ? {} : { probeImage }),
        ...(kubeconfig === undefined ? {} : { kubeconfig }),
        ...(context === undefined ? {} : { context }),
        ...(osCloud === undefined ? {} : { cloud: osCloud }),
        ...(cloudsYaml === undefined ? {} : { cloudsYaml }),
      });
    },
  },
];

/** @throws SQ_USAGE with the labs that there are. */
export async function createLab(name: string, options: LabOptions): Promise<Lab> {
  const kind = LABS.find((lab) => lab.name === name);
  if (kind === undefined) {
    throw new HarnessError(
      'SQ_USAGE',
      `There is no lab \`${name}\`; there are ${LABS.map((lab) => lab.name).join(', ')}.`,
    );
  }
  return kind.create(options);
}
