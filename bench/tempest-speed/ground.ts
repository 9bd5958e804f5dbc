import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { cacheFolder, packageFolder } from '../../src/entries/places.ts';
import { CloudProxy } from './cloud-proxy.ts';

/** How one command of Squall's ended. */
export interface Ended {
  readonly code: number | null;
  readonly says: string;
  /** Seconds from the start of its process to its end. */
  readonly wallS: number;
}

/** A cloud to measure on, and a home of our own for what Squall keeps. */
export interface Ground {
  /** Of this cloud in both files. */
  readonly cloud: string;
  /** A clouds.yaml that leads to the cloud, and one that leads through the proxy. */
  readonly direct: string;
  readonly through: string;
  readonly proxy: CloudProxy;
  /** Where the rehearsal of our own lies; absent where the cloud was given. */
  readonly labFolder?: string;
  readonly home: string;
  squall(words: readonly string[], more?: Readonly<Record<string, string>>): Promise<Ended>;
  close(): Promise<void>;
}

type Clouds = Readonly<
  Record<string, { readonly auth: { readonly auth_url: string }; readonly cacert?: string }>
>;

/** This very bench runs compiled or as TypeScript, and so does the Squall that it measures: as users have it, or as it is written. */
const compiled = import.meta.url.endsWith('.js');
const ENTRY = compiled
  ? [join(packageFolder(), 'dist', 'cli', 'squall.mjs')]
  : ['--import', 'tsx', join(packageFolder(), 'src', 'entries', 'squall.ts')];

/**
 * The cloud of that name in the clouds.yaml of OS_CLIENT_CONFIG_FILE; without a name a rehearsal of our own, which `close` takes down.
 * @param user the cloud of the rehearsal's clouds.yaml whose user is taken.
 * @throws when the rehearsal does not come up, or there is no such cloud.
 */
export async function openGround(given: string | undefined, user = 'rehearsal'): Promise<Ground> {
  const home = await mkdtemp(join(tmpdir(), 'squall-tempest-'));
  const squall = runnerIn(home);
  const labFolder = join(home, 'state', 'squall', 'labs', 'rehearsal');
  const down = async (): Promise<void> => {
    if (given === undefined) await squall(['lab', 'down']);
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    const cloud = given ?? user;
    if (given === undefined) await rehearsalUp(squall);
    const file = given === undefined ? join(labFolder, 'clouds.yaml') : process.env.OS_CLIENT_CONFIG_FILE;
    if (file === undefined) throw new Error('Name the clouds.yaml of the cloud with OS_CLIENT_CONFIG_FILE.');
    const { clouds } = parse(await readFile(file, 'utf8')) as { readonly clouds: Clouds };
    const known = clouds[cloud];
    if (known === undefined) throw new Error(`There is no cloud ${cloud} in ${file}.`);
    const ca = known.cacert === undefined ? undefined : await readFile(known.cacert, 'utf8');
    const proxy = new CloudProxy(known.auth.auth_url, ca);
    await proxy.start();
    const through = join(home, 'clouds.yaml');
    const auth = { ...known.auth, auth_url: proxy.rewritten(known.auth.auth_url) };
    await writeFile(through, stringify({ clouds: { [cloud]: { ...known, auth } } }), { mode: 0o600 });
    const close = async (): Promise<void> => {
      await proxy.stop();
      await down();
    };
    return {
      cloud,
      direct: file,
      through,
      proxy,
      home,
      squall,
      close,
      ...(given === undefined ? { labFolder } : {}),
    };
  } catch (error) {
    await down();
    throw error;
  }
}

/** A busy machine needs more than one try. */
async function rehearsalUp(squall: Ground['squall']): Promise<void> {
  let says = '';
  for (let tries = 0; tries < 3; tries++) {
    const up = await squall(['lab', 'up']);
    if (up.says.includes('OS_CLOUD=')) return;
    says = up.says.slice(-1000);
    await squall(['lab', 'down']);
  }
  throw new Error(`The rehearsal did not come up: ${says}`);
}

function runnerIn(home: string): Ground['squall'] {
  const environment = {
    ...process.env,
    HOME: home,
    XDG_STATE_HOME: join(home, 'state'),
    XDG_CONFIG_HOME: join(home, 'config'),
    // Tempest is installed once for all benches and users.
    XDG_CACHE_HOME: join(cacheFolder(process.env), '..'),
    // The cloud alone is meant, and no cluster that happens to be there.
    KUBECONFIG: '',
  };
  return (words, more = {}) => {
    const begun = process.hrtime.bigint();
    const child = spawn(process.execPath, [...ENTRY, ...words], {
      cwd: packageFolder(),
      env: { ...environment, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let says = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (says += text));
    return new Promise((resolve) =>
      child.on('close', (code) =>
        resolve({ code, says, wallS: Number(process.hrtime.bigint() - begun) / 1e9 }),
      ),
    );
  };
}
