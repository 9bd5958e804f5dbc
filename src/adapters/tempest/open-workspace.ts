import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from './write-configuration.ts';

const PRIVATE = { mode: 0o600 } as const;

export interface Workspace {
  readonly path: string;
  readonly configurationFile: string;
  /** A file of test ids, one a line. */
  writeList(ids: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

/**
 * A folder that nobody else may look into, for what Tempest reads and writes while it runs. It holds credentials, and is removed
 * when Tempest has ended.
 * @param write the configuration, which names the folder.
 */
export async function openWorkspace(
  write: (path: string) => Configuration,
): Promise<Workspace & { readonly configuration: Configuration }> {
  // Made with mode 0700.
  const path = await mkdtemp(join(tmpdir(), 'squall-tempest-'));
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 3 });
  try {
    const configuration = write(path);
    const configurationFile = join(path, 'tempest.conf');
    await writeFile(configurationFile, configuration.tempestConf, PRIVATE);
    if (configuration.accounts !== undefined)
      await writeFile(configuration.accountsFile, configuration.accounts, PRIVATE);
    const writeList = async (ids: readonly string[]): Promise<string> => {
      const file = join(path, 'chosen');
      await writeFile(file, `${ids.join('\n')}\n`, PRIVATE);
      return file;
    };
    return { path, configurationFile, configuration, writeList, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
