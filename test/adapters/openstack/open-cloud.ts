import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createOpenStackApi } from '../../../src/adapters/openstack/index.ts';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';
import type { OpenStackApi } from '../../../src/ports/openstack.ts';

/** The client, by a real clouds.yaml that is gone again when it returns. */
export async function openCloud(cloud: Record<string, unknown>): Promise<OpenStackApi> {
  const folder = await mkdtemp(join(tmpdir(), 'squall-openstack-'));
  try {
    const cloudsYaml = join(folder, 'clouds.yaml');
    await writeFile(cloudsYaml, stringify({ clouds: { model: cloud } }));
    const environment = { HOME: folder };
    return await createOpenStackApi({
      connection: { cloudsYaml, cloud: 'model' },
      environment,
      clock: createSystemClock(),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}
