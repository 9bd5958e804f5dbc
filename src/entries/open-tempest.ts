import type { SuiteEngine } from '../ports/suite-engine.ts';
import type { OpenedLab } from './compose-world.ts';
import { cacheFolder } from './places.ts';

/** Tempest against the cloud of this lab, with the credentials of its clouds.yaml. Loads late: few runs need it. */
export async function openTempest({ lab, base }: OpenedLab, interpreter?: string): Promise<SuiteEngine> {
  const [{ createTempest }, { createRunCommand }, { readCloudAccount }] = await Promise.all([
    import('../adapters/tempest/index.ts'),
    import('../adapters/system/run-command.ts'),
    import('../adapters/openstack/index.ts'),
  ]);
  const environment = process.env;
  return createTempest({
    clock: base.clock,
    runCommand: createRunCommand(),
    environment,
    cacheFolder: cacheFolder(environment),
    ...(interpreter === undefined ? {} : { interpreter }),
    account: async () => readCloudAccount({ connection: await lab.connection(), environment }),
  });
}
