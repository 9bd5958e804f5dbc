import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from '../../model/errors.ts';
import type { EntryPath } from '../../adapters/system/entry-path.ts';
import type { Chance, Clock } from '../../ports/clock.ts';
import type { Lab, LabConnection, LabStatus, Power } from '../../ports/lab.ts';
import { ADDRESS, NODES, PROCESSES, isControlNode } from '../../rehearsal/lab-layout.ts';
import { ControlClient } from './control-client.ts';
import { DISCLOSURES, MISSING } from './disclosures.ts';
import { linksOf, powerOf, unitsOfLab } from './lab-abilities.ts';
import type { LabTools } from './lab-abilities.ts';
import {
  cloudsFile,
  createLabFolder,
  kubeconfigFile,
  noteProcess,
  readLayout,
  readPorts,
  removeLabFolder,
  startedProcesses,
  writeConnections,
} from './lab-files.ts';
import { lookFromOutside } from './look-from-outside.ts';
import { signalProcess, startOwnProcess, stateOfProcess } from './own-process.ts';
import { Readiness } from './readiness.ts';

export interface RehearsalLabOptions {
  /** Where the lab lies while it is up; it is made by `up` and removed by `down`. */
  readonly stateFolder: string;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly entryPath: (name: 'rehearsal-node' | 'rehearsal-address') => EntryPath;
}

/** How long a lab may take to be whole; it takes a tenth of that on an idle machine. */
const PATIENCE_MS = 40_000;
const LOOK_MS = 50;

/** The model of the 3+2 topology on loopback: six processes that any process of the same user can find, use and end. */
export function createRehearsalLab(options: RehearsalLabOptions): Lab {
  const { stateFolder: folder, clock, chance } = options;
  const tools: LabTools = {
    folder,
    clock,
    control: new ControlClient(folder, clock),
    start: (name) => startProcess(options, name),
  };
  const power = powerOf(tools);
  const status = (): Promise<LabStatus> => statusOf(folder, power);
  return {
    name: 'rehearsal',
    owned: true,
    disclosures: DISCLOSURES,
    status,
    async up(report, signal) {
      signal.throwIfAborted();
      if ((await status()).state === 'up') return report('The rehearsal is up already.');
      await takeDown(options);
      createLabFolder(folder, chance);
      report('Starting five nodes and their address on 127.0.0.1.');
      for (const name of PROCESSES) startProcess(options, name);
      try {
        await untilWhole(options, report, signal);
      } catch (error) {
        // What is half up helps nobody; its logs do.
        if (signal.aborted) await takeDown(options);
        throw error;
      }
      report('The rehearsal is up.');
    },
    async down(report) {
      if (readLayout(folder) === undefined && startedProcesses(folder).length === 0) {
        removeLabFolder(folder);
        return report('There is no rehearsal to take down.');
      }
      await takeDown(options);
      report('The rehearsal is down; nothing of it is left.');
    },
    async connection() {
      const { connection } = await status();
      if (connection.kubeconfig === undefined)
        throw new HarnessError('SQ_LAB_ABSENT', 'The rehearsal is not up.');
      return connection;
    },
    abilities: {
      power,
      links: linksOf(tools),
      units: unitsOfLab(tools),
      look(node, timeout) {
        const port = readPorts(folder)?.nodes[node];
        if (port === undefined)
          throw new HarnessError('SQ_LAB', `The rehearsal has no node ${node}, or is not up.`);
        return lookFromOutside(port, timeout, clock);
      },
    },
    missing: () => Promise.resolve(MISSING),
  };
}

async function statusOf(folder: string, power: Power): Promise<LabStatus> {
  const ports = readPorts(folder);
  if (readLayout(folder) === undefined) return { state: 'down', nodes: [], connection: {} };
  const running = startedProcesses(folder).filter(({ pid }) => stateOfProcess(pid, folder) !== 'gone');
  // The way in is written last, when everything answered.
  const whole = running.length === PROCESSES.length && existsSync(kubeconfigFile(folder));
  const addressLives = running.some(({ name }) => name === ADDRESS);
  const nodes = await Promise.all(
    NODES.map(async (name) => ({
      name,
      roles: [isControlNode(name) ? 'control' : 'compute'],
      addresses: ports === undefined ? [] : [`127.0.0.1:${ports.nodes[name] ?? 0}`],
      power: ports === undefined ? ('unknown' as const) : await power.state(name),
    })),
  );
  return {
    state: whole ? 'up' : 'partly-up',
    nodes,
    connection: addressLives && existsSync(kubeconfigFile(folder)) ? connectionTo(folder) : {},
  };
}

function connectionTo(folder: string): LabConnection {
  return {
    kubeconfig: kubeconfigFile(folder),
    context: 'rehearsal',
    cloudsYaml: cloudsFile(folder),
    cloud: 'rehearsal',
  };
}

function startProcess({ stateFolder, entryPath }: RehearsalLabOptions, name: string): void {
  const entry = entryPath(name === ADDRESS ? 'rehearsal-address' : 'rehearsal-node');
  const own = name === ADDRESS ? [stateFolder] : [stateFolder, name];
  const pid = startOwnProcess({ name, ...entry, arguments: own, labFolder: stateFolder });
  noteProcess(stateFolder, { name, pid });
}

/** @throws SQ_LAB with what is missing and the logs. */
async function untilWhole(
  { stateFolder, clock }: RehearsalLabOptions,
  report: (says: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const endNs = clock.now().ns + PATIENCE_MS * 1e6;
  let lacks = 'the address does not listen';
  while (clock.now().ns < endNs) {
    const layout = readLayout(stateFolder);
    const ports = readPorts(stateFolder);
    if (layout !== undefined && ports !== undefined) {
      const now = await new Readiness(layout, ports, clock).lacks();
      if (now === undefined) return writeConnections(stateFolder, layout, ports);
      if (now !== lacks) report(`Waiting: ${now}.`);
      lacks = now;
    }
    await clock.sleep({ ms: LOOK_MS }, signal);
  }
  throw new HarnessError('SQ_LAB', `The rehearsal did not come up in ${PATIENCE_MS / 1000} s: ${lacks}.`, {
    remedy: `Read the logs in ${join(stateFolder, 'logs')}, then \`squall lab down\` and try again.`,
  });
}

/** Ends exactly the processes that this lab started, also frozen ones, and removes all that it wrote. */
async function takeDown({ stateFolder, clock }: RehearsalLabOptions): Promise<void> {
  const started = startedProcesses(stateFolder);
  for (const { pid } of started) signalProcess(pid, stateFolder, 'SIGKILL');
  const endNs = clock.now().ns + 5e9;
  while (started.some(({ pid }) => stateOfProcess(pid, stateFolder) !== 'gone')) {
    if (clock.now().ns > endNs) {
      const left = started.filter(({ pid }) => stateOfProcess(pid, stateFolder) !== 'gone');
      throw new HarnessError(
        'SQ_LAB',
        `These processes did not end: ${left.map(({ name, pid }) => `${name} (${pid})`).join(', ')}.`,
      );
    }
    await clock.sleep({ ms: 10 });
  }
  removeLabFolder(stateFolder);
}
