import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { layoutFile, portsFile, processFile, readJson, writeWhole } from '../../rehearsal/lab-layout.ts';
import type { LabLayout, LabPorts } from '../../rehearsal/lab-layout.ts';
import type { Chance } from '../../ports/clock.ts';

/** A process as it was started; whether it still is that one is asked of the host. */
export interface StartedProcess {
  readonly name: string;
  readonly pid: number;
}

/** Writes what all processes of a new lab must agree on. */
export function createLabFolder(folder: string, chance: Chance): LabLayout {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  for (const name of ['processes', 'nodes', 'links', 'truth', 'logs'])
    mkdirSync(join(folder, name), { recursive: true });
  const layout: LabLayout = {
    id: chance.token(12),
    folder,
    controlToken: chance.token(32),
    adminToken: chance.token(32),
    readerToken: chance.token(32),
    adminPassword: chance.token(20),
    demoPassword: chance.token(20),
  };
  writeWhole(layoutFile(folder), JSON.stringify(layout, null, 2));
  return layout;
}

export const readLayout = (folder: string): LabLayout | undefined => readJson<LabLayout>(layoutFile(folder));

export const readPorts = (folder: string): LabPorts | undefined => readJson<LabPorts>(portsFile(folder));

export const noteProcess = (folder: string, process: StartedProcess): void =>
  writeWhole(processFile(folder, process.name), JSON.stringify(process));

export function startedProcesses(folder: string): readonly StartedProcess[] {
  let names: readonly string[];
  try {
    names = readdirSync(join(folder, 'processes'));
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => readJson<StartedProcess>(join(folder, 'processes', name)))
    .filter((started) => started !== undefined);
}

export function removeLabFolder(folder: string): void {
  // Processes see first that the lab is gone, and then lose their files.
  rmSync(layoutFile(folder), { force: true });
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

export const kubeconfigFile = (folder: string): string => join(folder, 'kubeconfig');
export const cloudsFile = (folder: string): string => join(folder, 'clouds.yaml');

/** The files by which any client finds the lab; only their owner may read them. */
export function writeConnections(folder: string, layout: LabLayout, ports: LabPorts): void {
  writeWhole(kubeconfigFile(folder), kubeconfigOf(layout, ports));
  writeWhole(cloudsFile(folder), cloudsOf(layout, ports));
}

function kubeconfigOf({ adminToken, readerToken }: LabLayout, { fronts }: LabPorts): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'rehearsal',
    clusters: [
      {
        name: 'rehearsal',
        cluster: { server: `http://127.0.0.1:${fronts.kubernetes}`, 'insecure-skip-tls-verify': true },
      },
      // kubectl sends the token of a user over TLS alone, but it does send what is in the URL.
      { name: 'kubectl', cluster: { server: `http://admin:${adminToken}@127.0.0.1:${fronts.kubernetes}` } },
    ],
    users: [
      { name: 'admin', user: { token: adminToken } },
      { name: 'reader', user: { token: readerToken } },
    ],
    contexts: [
      { name: 'rehearsal', context: { cluster: 'rehearsal', user: 'admin' } },
      { name: 'rehearsal-reader', context: { cluster: 'rehearsal', user: 'reader' } },
      { name: 'rehearsal-kubectl', context: { cluster: 'kubectl', user: 'admin' } },
    ],
  };
  // JSON is YAML, and every client reads it.
  return `${JSON.stringify(config, null, 2)}\n`;
}

function cloudsOf({ adminPassword, demoPassword }: LabLayout, { fronts }: LabPorts): string {
  const cloud = (username: string, password: string): Record<string, unknown> => ({
    auth: {
      auth_url: `http://127.0.0.1:${fronts.keystone}/v3`,
      username,
      password,
      project_name: username,
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    },
    region_name: 'RegionOne',
    interface: 'public',
    identity_api_version: 3,
  });
  const clouds = { rehearsal: cloud('admin', adminPassword), 'rehearsal-demo': cloud('demo', demoPassword) };
  return `${JSON.stringify({ clouds }, null, 2)}\n`;
}
