import { existsSync, rmSync } from 'node:fs';
import { markedProcesses } from '../../adapters/linux-host/marked-processes.ts';
import { removeGroup } from '../../adapters/linux-host/control-group.ts';
import { HarnessError } from '../../model/errors.ts';
import { readThings } from './lab-record.ts';
import type { LabTools } from './lab-tools.ts';
import { VOLUME_NAMES } from './node-volumes.ts';
import { CGROUP, containerOf, LAB_LABEL, NODE_SHAPES, POD_SUBNET, SERVICE_SUBNET, SUBNET } from './shape.ts';

/** A child of a killed `up` ends by itself when what it works on is removed; how long that may take. */
const ORPHANS_MS = 30_000;
const LOOK_MS = 100;

/** The process that watches a container lives as long as that, and carries our mark through no fault of its own. */
const WATCHERS = ['conmon'];

/**
 * Removes all that a lab made, by its record and also by label, number and name, for the record may be gone. What a killed `up`
 * left running may make one thing more while we remove, so it is looked again until nothing is found.
 * @returns true when there was something.
 */
export async function takeDown(tools: LabTools): Promise<boolean> {
  let any = existsSync(tools.folder);
  const endNs = tools.clock.now().ns + ORPHANS_MS * 1e6;
  for (;;) {
    const removed = await removeOnce(tools);
    any ||= removed;
    const orphans = await orphansOf(tools);
    if (orphans.length === 0 && !removed) break;
    if (tools.clock.now().ns > endNs) {
      for (const { pid } of orphans) kill(pid);
      if (orphans.length === 0)
        throw new HarnessError(
          'SQ_LAB',
          'Something makes parts of the lab again as soon as they are removed.',
        );
    }
    if (orphans.length > 0) await tools.clock.sleep({ ms: LOOK_MS });
  }
  await giveBackHost(tools);
  return any;
}

/** Containers and the network, which a child of a killed `up` could still make. @returns whether there were any. */
async function removeOnce({ engine }: LabTools): Promise<boolean> {
  const containers = (await engine.list(LAB_LABEL)).map(({ name }) => name);
  const networks = await engine.networks(LAB_LABEL);
  await engine.remove(containers);
  for (const name of networks) await engine.removeNetwork(name);
  return containers.length + networks.length > 0;
}

async function orphansOf({ mark }: LabTools): Promise<readonly { readonly pid: number }[]> {
  const marked = await markedProcesses(mark, WATCHERS);
  // Our own children are ours to wait for; nothing of ours runs while we look.
  return marked.filter(({ pid, parent }) => pid !== process.pid && parent !== process.pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}

async function giveBackHost(tools: LabTools): Promise<void> {
  const { folder, engine, network, disk } = tools;
  const things = readThings(folder);
  // A container that podman began to make and lost has its name only.
  await engine.remove([...NODE_SHAPES.map(({ name }) => containerOf(name)), containerOf('template')]);
  for (const subnet of [SUBNET, POD_SUBNET, SERVICE_SUBNET]) await network.reopen(subnet);
  if (await disk.attached()) for (const name of VOLUME_NAMES) await disk.remove(name);
  await disk.detach();
  const groups = await removeGroup(CGROUP);
  const forwarding = things.find((thing) => thing.kind === 'forwarding');
  if (forwarding?.kind === 'forwarding' && !forwarding.was) await network.setForwards(false);
  if (groups.length > 0)
    throw new HarnessError('SQ_LAB', `These control groups hold processes still: ${groups.join(', ')}.`);
  // The disk is not in there any more, or this would empty it.
  if (await disk.attached()) throw new HarnessError('SQ_LAB', `The disk in ${disk.folder} is still mounted.`);
  rmSync(folder, { recursive: true, force: true });
}
