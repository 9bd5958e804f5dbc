import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { cacheFolder, packageFolder } from '../../src/entries/places.ts';
import {
  ADMIN_PASSWORD,
  DEMO_PASSWORD,
  startModelCloud,
} from '../../test/rehearsal/openstack/model-cloud.ts';
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

export interface GroundOrder {
  /** A cloud in the clouds.yaml of OS_CLIENT_CONFIG_FILE; absent: one of our own, which `close` takes down. */
  readonly cloud?: string | undefined;
  /** What our own is: the rehearsal, or its OpenStack alone, without replicas, in this very process. */
  readonly own: 'rehearsal' | 'model';
  /** The cloud of its clouds.yaml whose user is taken. */
  readonly user: string;
}

/** @throws when the rehearsal does not come up, or there is no such cloud. */
export async function openGround({ cloud: given, own, user }: GroundOrder): Promise<Ground> {
  const home = await mkdtemp(join(tmpdir(), 'squall-tempest-'));
  const { squall, end } = runnerIn(home);
  const found =
    given === undefined ? await (own === 'model' ? openModel : openRehearsal)(home, squall) : theGiven();
  const close = async (): Promise<void> => {
    await found.down();
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    const cloud = given ?? user;
    const { clouds } = parse(await readFile(found.file, 'utf8')) as { readonly clouds: Clouds };
    const known = clouds[cloud];
    if (known === undefined) throw new Error(`There is no cloud ${cloud} in ${found.file}.`);
    const ca = known.cacert === undefined ? undefined : await readFile(known.cacert, 'utf8');
    const proxy = new CloudProxy(known.auth.auth_url, ca);
    await proxy.start();
    const through = join(home, 'through.yaml');
    const auth = { ...known.auth, auth_url: proxy.rewritten(known.auth.auth_url) };
    await writeFile(through, stringify({ clouds: { [cloud]: { ...known, auth } } }), { mode: 0o600 });
    const closeAll = (): Promise<void> => proxy.stop().then(close);
    // What runs takes away what it made, and then the cloud goes.
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(
        signal,
        () =>
          void end()
            .then(closeAll)
            .finally(() => process.exit(130)),
      );
    return { cloud, direct: found.file, through, proxy, home, squall, close: closeAll };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Found {
  /** Its clouds.yaml. */
  readonly file: string;
  readonly down: () => Promise<unknown>;
}

function theGiven(): Found {
  const file = process.env.OS_CLIENT_CONFIG_FILE;
  if (file === undefined) throw new Error('Name the clouds.yaml of the cloud with OS_CLIENT_CONFIG_FILE.');
  return { file, down: () => Promise.resolve() };
}

async function openModel(home: string): Promise<Found> {
  const model = await startModelCloud();
  const file = join(home, 'clouds.yaml');
  const of = (name: string, password: string): object => ({
    auth: {
      ...{ auth_url: `${model.url('keystone')}/v3`, username: name, password, project_name: name },
      ...{ user_domain_name: 'Default', project_domain_name: 'Default' },
    },
    region_name: 'RegionOne',
  });
  const clouds = { rehearsal: of('admin', ADMIN_PASSWORD), 'rehearsal-demo': of('demo', DEMO_PASSWORD) };
  await writeFile(file, stringify({ clouds }), { mode: 0o600 });
  return { file, down: () => model.stop() };
}

/** A busy machine needs more than one try. */
async function openRehearsal(home: string, squall: Ground['squall']): Promise<Found> {
  const file = join(home, 'state', 'squall', 'labs', 'rehearsal', 'clouds.yaml');
  let says = '';
  for (let tries = 0; tries < 3; tries++) {
    const up = await squall(['lab', 'up']);
    if (up.says.includes('OS_CLOUD=')) return { file, down: () => squall(['lab', 'down']) };
    says = up.says.slice(-1000);
    await squall(['lab', 'down']);
  }
  throw new Error(`The rehearsal did not come up: ${says}`);
}

/** @returns besides how to end what runs. */
function runnerIn(home: string): { readonly squall: Ground['squall']; readonly end: () => Promise<unknown> } {
  let running: { readonly stop: () => void; readonly ended: Promise<Ended> } | undefined;
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
  let isOver = false;
  const squall: Ground['squall'] = (words, more = {}) => {
    // Nobody waits any more for what a stopped bench would measure next.
    if (isOver && words[0] !== 'lab') return new Promise(() => undefined);
    const begun = process.hrtime.bigint();
    const child = spawn(process.execPath, [...ENTRY, ...words], {
      cwd: packageFolder(),
      env: { ...environment, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let says = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (says += text));
    const ended = new Promise<Ended>((resolve) =>
      child.on('close', (code) =>
        resolve({ code, says, wallS: Number(process.hrtime.bigint() - begun) / 1e9 }),
      ),
    );
    running = { stop: () => void child.kill('SIGTERM'), ended };
    return ended;
  };
  return {
    squall,
    end: () => {
      isOver = true;
      running?.stop();
      return running?.ended ?? Promise.resolve();
    },
  };
}
