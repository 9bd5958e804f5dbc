import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { takeHostLock } from '../../adapters/linux-host/host-lock.ts';
import { HarnessError } from '../../model/errors.ts';
import type { Lab, LabConnection, LabStatus, TestImage } from '../../ports/lab.ts';
import { PRESSURE_KINDS, type MissingAbility } from '../../model/abilities.ts';
import { actsOf } from './bring-up.ts';
import { CLOUD_NAME } from './cloud/cloud-values.ts';
import { STAGES } from './cloud/deploy-cloud.ts';
import { CLOUD_DISCLOSURES, DISCLOSURES } from './disclosures.ts';
import { hostFacts, refusalsOf } from './host-refusals.ts';
import { readSnapshot } from './keep-snapshot.ts';
import {
  cloudsYamlFile,
  kubeconfigFile,
  logsFolder,
  readLayout,
  writeLayout,
  type LabLayout,
} from './lab-record.ts';
import type { LabParts } from './lab-parts.ts';
import type { LabTools } from './lab-tools.ts';
import { linksOf } from './links.ts';
import { containersOf, inspectOf } from './node-contents.ts';
import { lookFromHost } from './look-from-host.ts';
import { known } from './node-exec.ts';
import { byHandOf, collectLogs } from './node-logs.ts';
import { VOLUME_NAMES } from './node-volumes.ts';
import { planSteps } from './plan-steps.ts';
import { powerOf } from './power.ts';
import { pressureOf } from './pressure.ts';
import { Reachers } from './reachers.ts';
import { renderNodeFiles, type NodeFacts } from './render/node-files.ts';
import { runSteps, slowestOf } from './run-steps.ts';
import { ANSWER_PORT, containerOf, LAB_LABEL, LAB_NAME, NODE_SHAPES, STATE_LABEL } from './shape.ts';
import { takeDown } from './take-down.ts';
import { unitsOf } from './units.ts';

/** Five node containers with a real, highly available Kubernetes on this host. */
export function createReferenceLab(tools: LabTools): Lab {
  const status = (): Promise<LabStatus> => statusOf(tools);
  return {
    name: LAB_NAME,
    owned: true,
    get disclosures() {
      return existsSync(cloudsYamlFile(tools.folder)) ? [...DISCLOSURES, ...CLOUD_DISCLOSURES] : DISCLOSURES;
    },
    status,
    async up(report, signal) {
      signal.throwIfAborted();
      if ((await status()).state === 'up') return report('The reference lab is up already.');
      await refuseUnfit(tools);
      await alone(tools, () => bringUp(tools, report, signal));
    },
    async down(report) {
      const any = await alone(tools, () => takeDown(tools));
      report(
        any ? 'The reference lab is down; nothing of it is left.' : 'There is no reference lab to take down.',
      );
    },
    async connection() {
      const { connection } = await status();
      if (connection.kubeconfig === undefined)
        throw new HarnessError('SQ_LAB_ABSENT', 'The reference lab is not up.', {
          remedy: 'Bring it up with `squall lab up --lab reference`.',
        });
      return connection;
    },
    abilities: {
      wholeKubernetes: true,
      wholeOpenStack: true,
      guests: true,
      // Another process may have brought it up since this one began.
      get testImage() {
        return testImageOf(tools);
      },
      power: powerOf(tools),
      links: linksOf(tools, new Reachers(tools)),
      units: unitsOf(tools),
      inspect: inspectOf(tools),
      containers: containersOf(tools),
      pressure: pressureOf(tools),
      look: (node, timeout) => lookFromHost(known(node).address, ANSWER_PORT, timeout, tools.clock),
    },
    missing: () => missingOf(tools),
    byHand: byHandOf(tools),
  };
}

function testImageOf({ folder }: LabTools): TestImage {
  return { name: readLayout(folder)?.testImage ?? '', pullPolicy: 'Never' };
}

const NO_DELAY: MissingAbility = {
  ability: 'link-delay',
  reason:
    'Packets are held back by a relay behind a tunnel device, and the kernel of this host makes none (tried in a network namespace of its own).',
  remedy: 'Load it (modprobe tun), run squall as root, or use network-loss, or `--lab rehearsal`.',
};

const NO_QUOTAS: MissingAbility = {
  ability: 'pressure-disk',
  reason:
    'The volumes of the nodes have no limit of their own (simple quotas of btrfs, Linux 6.7, set when a node boots), so filling one would fill the disk of all, and that of this host.',
  remedy:
    'Use a host with Linux 6.7 or newer; a lab that was brought up by an older Squall has them after `lab down` and `lab up`.',
};

const ONE_CLOCK: MissingAbility = {
  ability: 'node-clock',
  reason:
    'The nodes are containers and share the clock of this host: what skews one skews all of them, the host, and whoever measures.',
  remedy: 'Skew the clock by hand on machines of your own, or leave clock-skew out of the plan.',
};

const NO_CLOUD: MissingAbility = {
  ability: 'openstack',
  reason: 'No OpenStack is deployed on the reference lab.',
  remedy:
    'Use `--lab rehearsal`, or `--lab existing` with a cloud, or take the lab down and up again without `--without openstack`.',
};

/** Where the lab cannot be, none of its abilities is. */
async function missingOf(tools: LabTools): Promise<readonly MissingAbility[]> {
  const refusals = refusalsOf(await hostFacts(tools));
  const abilities = [
    'kubernetes',
    'whole-kubernetes',
    'test-image',
    'power',
    'freeze',
    'links',
    'link-loss',
    'link-delay',
    'link-limit',
    'units',
    'containers',
    'container-freeze',
    ...PRESSURE_KINDS.map((kind) => `pressure-${kind}` as const),
  ] as const;
  const absent = refusals.flatMap((refusal) => abilities.map((ability) => ({ ability, ...refusal })));
  const cloud = existsSync(cloudsYamlFile(tools.folder))
    ? []
    : (['openstack', 'whole-openstack', 'guests'] as const).map((ability) => ({ ...NO_CLOUD, ability }));
  const here =
    absent.length > 0 ? [] : [...(tools.tunnels() ? [] : [NO_DELAY]), ...(tools.quotas() ? [] : [NO_QUOTAS])];
  return [...absent, ...here, ONE_CLOCK, ...cloud];
}

/** @throws SQ_LAB with everything that is in the way on this host. */
async function refuseUnfit(tools: LabTools): Promise<void> {
  const refusals = refusalsOf(await hostFacts(tools));
  const engine = refusals.length > 0 ? undefined : await tools.engine.refusal();
  const all = engine === undefined ? refusals : [engine];
  if (all.length > 0)
    throw new HarnessError('SQ_LAB', all.map(({ reason }) => reason).join(' '), {
      remedy: all.map(({ remedy }) => remedy).join(' '),
    });
}

/**
 * One at a time on a host, and never on somebody else's lab.
 * @throws SQ_LOCKED while another process brings a lab up or takes one down. @throws SQ_LAB for a lab of another state folder.
 */
async function alone<T>(tools: LabTools, work: () => Promise<T>): Promise<T> {
  const release = await takeHostLock('squall-reference');
  if (release === undefined)
    throw new HarnessError('SQ_LOCKED', 'Another process brings the reference lab of this host up or down.', {
      remedy: 'Wait until it ends; `ps` shows its `squall lab`.',
    });
  try {
    await refuseForeign(tools);
    return await work();
  } finally {
    await release();
  }
}

async function refuseForeign({ engine, folder }: LabTools): Promise<void> {
  if ((await engine.refusal()) !== undefined) return;
  const containers = await engine.list(STATE_LABEL);
  const other = containers.map(({ labels }) => labels[STATE_LABEL]).find((state) => state !== folder);
  // One whose state is gone belongs to nobody, and may be removed.
  if (other === undefined || !existsSync(other)) return;
  throw new HarnessError(
    'SQ_LAB',
    `There is a reference lab on this host already; its state is in ${other}.`,
    {
      remedy:
        'One host has room for one: take that one down first, with the XDG_STATE_HOME it was brought up with.',
    },
  );
}

async function bringUp(tools: LabTools, report: (says: string) => void, signal: AbortSignal): Promise<void> {
  await takeDown(tools);
  const parts = await tools.findParts(report, signal);
  await tools.disk.attach(signal);
  const kept = readSnapshot(tools, keyOf(parts));
  const layout: LabLayout = {
    id: tools.chance.token(12),
    key: keyOf(parts),
    image: parts.nodeImage,
    testImage: parts.testImage,
    token: kept?.token ?? `${tools.chance.token(6)}.${tools.chance.token(16)}`,
    pid: process.pid,
    since: tools.clock.wall(),
  };
  writeLayout(tools.folder, layout);
  mkdirSync(logsFolder(tools.folder), { recursive: true, mode: 0o700 });
  const joined = kept !== undefined;
  report(joined ? 'Starting from the snapshot.' : 'Joining a new cluster.');
  const acts = actsOf({ tools, layout, parts, facts: factsOf(parts, layout.token), joined, report });
  try {
    const cloud = parts.cloud === undefined ? [] : STAGES;
    const steps = planSteps(acts, { joined, keep: !joined, cloud });
    report(slowestOf(await runSteps(steps, { clock: tools.clock, report }, signal)));
  } catch (error) {
    // What is half up helps nobody when it was not wanted any more; otherwise its logs do.
    if (signal.aborted) await takeDown(tools);
    else await collectLogs(tools);
    throw error;
  }
  report('The reference lab is up.');
}

const factsOf = (parts: LabParts, token: string): NodeFacts => ({
  version: parts.kubernetesVersion,
  token,
  cgroupVersion: existsSync('/sys/fs/cgroup/cgroup.controllers') ? 2 : 1,
  dnsImage: parts.dnsImage,
});

/** The token is another one in each lab and part of no key. */
function keyOf(parts: LabParts): string {
  const files = NODE_SHAPES.map((node) => renderNodeFiles(node, factsOf(parts, '')));
  return createHash('sha256')
    .update(
      JSON.stringify([
        parts.key,
        files,
        VOLUME_NAMES,
        ...(parts.cloud === undefined ? [] : [parts.cloud.key]),
      ]),
    )
    .digest('hex')
    .slice(0, 16);
}

async function statusOf({ folder, engine }: LabTools): Promise<LabStatus> {
  const layout = readLayout(folder);
  const containers = await engine.list(LAB_LABEL);
  if (layout === undefined && containers.length === 0) return { state: 'down', nodes: [], connection: {} };
  const whole = existsSync(kubeconfigFile(folder));
  const nodes = NODE_SHAPES.map(({ name, role, address }) => {
    const state = containers.find((each) => each.name === containerOf(name))?.state;
    const power =
      state === 'running' ? 'on' : state === 'paused' ? 'frozen' : state === 'ended' ? 'off' : 'unknown';
    return { name, roles: [role], addresses: [address], power } as const;
  });
  const cloud = existsSync(cloudsYamlFile(folder))
    ? { cloudsYaml: cloudsYamlFile(folder), cloud: CLOUD_NAME }
    : {};
  const connection: LabConnection = whole
    ? { kubeconfig: kubeconfigFile(folder), context: LAB_NAME, ...cloud }
    : {};
  const all = nodes.every(({ power }) => power !== 'unknown');
  return { state: whole && all ? 'up' : 'partly-up', nodes, connection };
}
