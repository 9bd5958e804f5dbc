import { existsSync } from 'node:fs';
import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { describeError, HarnessError } from '../../model/errors.ts';
import { EXIT } from '../../model/exit-code.ts';
import type { Lab, LabConnection } from '../../ports/lab.ts';
import type { Clients } from '../../run/world.ts';
import { discover } from '../../topology/index.ts';
import type { SharedArguments } from '../shared-arguments.ts';
import { openLab } from '../compose-world.ts';
import { finding, type Finding } from '../finding.ts';
import { lookAtAccess } from '../look-at-access.ts';
import { configurationFile, stateFolder } from '../places.ts';
import { printRows } from '../print-rows.ts';
import { resolveSettings, type Settings } from '../settings.ts';
import { topologyFindings } from '../topology-findings.ts';

/** A run keeps tens of megabytes; with less than this a long one may not fit. */
const ENOUGH_BYTES = 500 * 1024 * 1024;

/** Looks, and changes nothing. Ends with 3 when a run would be refused here. */
export async function doctorCommand(argv: SharedArguments): Promise<number> {
  const settings = await resolveSettings(argv);
  const { lab, base } = await openLab(settings);
  const findings = [
    ...(await lookAtMachine(settings)),
    ...(await lookAtState(base.state)),
    ...(await lookAtLab(lab, base)),
  ];
  printRows(
    findings.map((finding) => ({ ...finding })),
    settings.output,
  );
  return findings.some(({ check, result }) => result === 'no' && !/^(ability|optional) /.test(check))
    ? EXIT.refusedState
    : EXIT.pass;
}

async function lookAtMachine(settings: Settings): Promise<readonly Finding[]> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  // As `engines` of package.json has it.
  const newEnough = major >= 24 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
  return [
    finding(
      'node',
      newEnough,
      process.version,
      'Install Node 24 or newer, or a current 22 or 20 (22.12, 20.19).',
    ),
    await writable('output folder', settings.outputDir, 'Choose another --output-dir.'),
    await writable(
      'state folder',
      stateFolder(process.env),
      'Set XDG_STATE_HOME to a folder that you may write.',
    ),
    finding('settings', true, whereSettingsAre(), ''),
  ];
}

function whereSettingsAre(): string {
  const file = configurationFile(process.env);
  return existsSync(file) ? file : `${file}, which is not there and need not be`;
}

async function writable(check: string, folder: string, remedy: string): Promise<Finding> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const says = `${folder}, ${Math.floor(free / 1024 / 1024)} MiB free`;
    return finding(
      check,
      free >= ENOUGH_BYTES,
      says,
      `${remedy} It needs ${ENOUGH_BYTES / 1024 / 1024} MiB.`,
    );
  } catch (error) {
    return finding(check, false, `${folder}: ${describeError(error)}`, remedy);
  }
}

async function lookAtState(
  state: Awaited<ReturnType<typeof openLab>>['base']['state'],
): Promise<readonly Finding[]> {
  const stopped = await state.stopped();
  const runs = await state.runs().catch((error: unknown) => {
    if (error instanceof HarnessError) return error;
    throw error;
  });
  return [
    finding(
      'global stop',
      stopped === undefined,
      stopped === undefined ? 'not set' : `${stopped.by}: ${stopped.why}`,
      'Ask whoever set it.',
    ),
    runs instanceof HarnessError
      ? finding('open runs', false, runs.message, runs.remedy)
      : finding(
          'open runs',
          runs.length === 0,
          runs.length === 0 ? 'none' : runs.join(', '),
          'Run `squall heal`, unless they still run.',
        ),
  ];
}

async function lookAtLab(
  lab: Lab,
  base: Awaited<ReturnType<typeof openLab>>['base'],
): Promise<readonly Finding[]> {
  const missing = (await lab.missing()).map(({ ability, reason, remedy }) =>
    finding(`ability ${ability}`, false, reason, remedy),
  );
  const { state } = await lab.status().catch(() => ({ state: 'down' as const }));
  if (state !== 'up') {
    const remedy = `It is brought up by \`squall run\`, or by \`squall lab up --lab ${lab.name}\`.`;
    return [
      { check: `lab ${lab.name}`, result: lab.owned ? 'unknown' : 'no', says: state, remedy },
      ...missing,
    ];
  }
  const remedy = 'Check the kubeconfig and clouds.yaml.';
  try {
    const connection = await lab.connection();
    const clients = await base.connect(connection);
    return [
      ...(await lookAtTopology(lab, connection, clients)),
      ...(lab.owned || clients.kubernetes === undefined
        ? []
        : await lookAtAccess(clients.kubernetes, AbortSignal.timeout(30_000))),
      ...missing,
    ];
  } catch (error) {
    return [
      finding(
        `lab ${lab.name}`,
        false,
        describeError(error),
        error instanceof HarnessError ? error.remedy : remedy,
      ),
      ...missing,
    ];
  }
}

/** What this user may ask is looked at also where that is why nothing was found. */
async function lookAtTopology(
  lab: Lab,
  connection: LabConnection,
  clients: Clients,
): Promise<readonly Finding[]> {
  const topology = await discover({ lab, connection, ...clients }, AbortSignal.timeout(30_000)).catch(
    (error: unknown) => {
      if (error instanceof HarnessError) return error;
      throw error;
    },
  );
  if (topology instanceof HarnessError)
    return [finding(`lab ${lab.name}`, false, topology.message, topology.remedy)];
  return topologyFindings(topology);
}
