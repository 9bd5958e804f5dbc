import { readFile } from 'node:fs/promises';
import { HarnessError } from '../../model/errors.ts';
import { Secret } from '../../model/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LabConnection } from '../../ports/lab.ts';
import type { CloudAccount, OpenStackApi } from '../../ports/openstack.ts';
import { readCloudFiles } from './cloud-files.ts';
import type { Environment } from './cloud-files.ts';
import { openStackApi } from './openstack-api.ts';
import { resolveCloud } from './resolve-cloud.ts';
import type { CloudConfig } from './resolve-cloud.ts';
import { openTransport } from './transport.ts';
import type { Tls } from './transport.ts';

export interface OpenStackOrder {
  readonly connection: Pick<LabConnection, 'cloudsYaml' | 'cloud'>;
  readonly environment: Environment;
  readonly clock: Clock;
}

async function pemOf(config: CloudConfig, field: 'cacert' | 'cert' | 'key'): Promise<string | undefined> {
  const file = config[field];
  if (file === undefined) return undefined;
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    const says = `The ${field} of cloud "${config.cloud}", ${file}, could not be read (${why}).`;
    throw new HarnessError('SQ_CLOUDS_YAML', says, {
      remedy: `Check the path in clouds.yaml and its permissions.`,
    });
  }
}

async function tlsOf(config: CloudConfig): Promise<Tls> {
  const [ca, cert, key] = [
    await pemOf(config, 'cacert'),
    await pemOf(config, 'cert'),
    await pemOf(config, 'key'),
  ];
  return {
    verify: config.verify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key: new Secret(key) }),
  };
}

/**
 * A client of one cloud. Reads files only; the first request takes the first token.
 * @throws SQ_CLOUDS_YAML when no cloud can be made of clouds.yaml and the OS_* variables.
 */
export async function createOpenStackApi({
  connection,
  environment,
  clock,
}: OpenStackOrder): Promise<OpenStackApi> {
  const files = await readCloudFiles(connection.cloudsYaml, environment, process.cwd());
  const config = resolveCloud(files, environment, connection.cloud);
  const tls = await tlsOf(config);
  // Kept so that no message shows them: what the user gave, and every token that was taken.
  const secrets: Secret[] = [...Object.values(config.secrets), ...(tls.key === undefined ? [] : [tls.key])];
  const transport = await openTransport(tls, clock, () => secrets);
  return openStackApi(config, tls, transport, clock, (secret) => {
    secrets.push(secret);
    // Tokens of long ago are of no use to anybody.
    if (secrets.length > 20) secrets.splice(4, 1);
  });
}

/**
 * What clouds.yaml says of how the cloud is entered; nothing is asked of the cloud.
 * @throws SQ_CLOUDS_YAML when no cloud can be made of clouds.yaml and the OS_* variables.
 */
export async function readCloudAccount({
  connection,
  environment,
}: Omit<OpenStackOrder, 'clock'>): Promise<CloudAccount> {
  const files = await readCloudFiles(connection.cloudsYaml, environment, process.cwd());
  const { cloud, authUrl, secrets, region, interfaces, verify, cacert } = resolveCloud(
    files,
    environment,
    connection.cloud,
  );
  const { password } = secrets;
  return {
    cloud,
    authUrl,
    interface: interfaces[0] ?? 'public',
    verify,
    ...(password === undefined ? {} : { password }),
    ...(region === undefined || region === '' ? {} : { region }),
    ...(cacert === undefined ? {} : { cacert }),
  };
}
