import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { HarnessError } from '../../model/errors.ts';
import { EXIT } from '../../model/exit-code.ts';
import { createSystemChance } from '../../adapters/system/system-chance.ts';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import type { Lab, LabByHand } from '../../ports/lab.ts';
import { readOpenRuns } from '../open-runs.ts';
import type { SharedArguments } from '../shared-arguments.ts';
import { createLab } from '../labs.ts';
import { printRows } from '../print-rows.ts';
import { resolveSettings } from '../settings.ts';
import { stopOnSignals } from '../stop-on-signals.ts';

export interface LabArguments extends SharedArguments {
  readonly action: 'up' | 'status' | 'down' | 'logs' | 'shell' | 'kubeconfig';
  readonly node?: string;
  readonly without?: readonly 'openstack'[];
}

/** How much of a log is shown. */
const LOG_LINES = 200;

export async function labCommand(argv: LabArguments): Promise<number> {
  const settings = await resolveSettings(argv);
  const { kubeconfig, context, osCloud } = settings;
  const lab = await createLab(settings.lab, {
    clock: createSystemClock(),
    chance: createSystemChance(),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(osCloud === undefined ? {} : { osCloud }),
    withOpenStack: argv.without?.includes('openstack') !== true,
  });
  const report = (says: string): void => {
    if (settings.logLevel === 'info' || settings.logLevel === 'debug') process.stderr.write(`${says}\n`);
  };
  if (settings.dryRun && (argv.action === 'up' || argv.action === 'down')) {
    process.stderr.write(
      `squall: would ${argv.action === 'up' ? 'bring up' : 'take down'} the lab ${lab.name}\n`,
    );
    return EXIT.pass;
  }
  switch (argv.action) {
    case 'up': {
      const { stop, forget } = stopOnSignals('');
      await lab.up(report, stop).finally(forget);
      break;
    }
    case 'down':
      await lab.down(report);
      // A fault of a lab that is gone is gone with it.
      if (lab.owned) for (const run of await readOpenRuns(lab.name)) await run.archive();
      return EXIT.pass;
    case 'logs':
      process.stdout.write(`${await byHand(lab).logs(argv.node, LOG_LINES)}\n`);
      return EXIT.pass;
    case 'shell':
      return openShell(await byHand(lab).shell(argv.node ?? (await lab.status()).nodes[0]?.name ?? ''));
    case 'kubeconfig': {
      const { kubeconfig } = await lab.connection();
      // A pod's own service account is no file.
      const text =
        kubeconfig === undefined ? undefined : await readFile(kubeconfig, 'utf8').catch(() => undefined);
      if (text !== undefined) process.stdout.write(text);
      return text === undefined ? EXIT.refusedState : EXIT.pass;
    }
    case 'status':
      break;
  }
  await printStatus(lab, settings.output);
  return EXIT.pass;
}

/** @throws SQ_ABILITY_MISSING where nobody can look around. */
function byHand({ name, byHand: ways }: Lab): LabByHand {
  if (ways !== undefined) return ways;
  throw new HarnessError('SQ_ABILITY_MISSING', `The lab ${name} has no logs and no shells to give.`, {
    remedy: 'Use `--lab reference`.',
  });
}

/** @returns the exit code of the shell. */
function openShell([program, ...given]: readonly [string, ...string[]]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, given, { stdio: 'inherit' });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? EXIT.internal));
  });
}

async function printStatus(lab: Lab, output: 'table' | 'json'): Promise<void> {
  const status = await lab.status();
  const missing = await lab.missing();
  if (output === 'json') {
    process.stdout.write(
      `${JSON.stringify({ lab: lab.name, ...status, missing, disclosures: lab.disclosures }, null, 2)}\n`,
    );
    return;
  }
  process.stdout.write(`lab ${lab.name}: ${status.state}\n`);
  if (status.nodes.length > 0) {
    printRows(
      status.nodes.map(({ name, roles, power, addresses }) => ({
        node: name,
        roles: roles.join(' '),
        power,
        addresses: addresses.join(' '),
      })),
      output,
    );
  }
  const { kubeconfig, cloudsYaml, cloud } = status.connection;
  if (kubeconfig !== undefined) process.stdout.write(`export KUBECONFIG=${kubeconfig}\n`);
  if (cloudsYaml !== undefined)
    process.stdout.write(`export OS_CLIENT_CONFIG_FILE=${cloudsYaml} OS_CLOUD=${cloud ?? ''}\n`);
  for (const { ability, reason, remedy } of missing)
    process.stdout.write(`cannot: ${ability}: ${reason} ${remedy}\n`);
  for (const disclosure of lab.disclosures) process.stdout.write(`not real: ${disclosure}\n`);
}
