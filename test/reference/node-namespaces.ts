import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { hasTunnels } from '../../src/adapters/linux-host/tunnels.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import type { LabTools } from '../../src/labs/reference/lab-tools.ts';
import { renderLinkTable } from '../../src/labs/reference/render/link-table.ts';
import {
  ANSWER_PORT,
  API_ADDRESS,
  containerOf,
  HOST_ADDRESS,
  NODE_LABEL,
  NODE_SHAPES,
} from '../../src/labs/reference/shape.ts';
import type { ContainerEngine } from '../../src/ports/container-engine.ts';

/** A network namespace with the address, the hardware address and the rules of a node, and nothing else of one. */
interface Stand {
  readonly name: string;
  readonly namespace: string;
  readonly keeper: ChildProcess;
}

/** Nodes whose links are real, on a bridge of their own from which nothing leads out; as root, on Linux. */
export interface NodeNamespaces {
  readonly tools: LabTools;
  /** Runs a program in a node's network, and throws when it fails. @returns what it wrote. */
  inNode(node: string, ...command: readonly string[]): Promise<string>;
  /** Everything that these nodes are is gone after it, whatever is left in them. */
  remove(): Promise<void>;
}

/** Answers whoever connects, as the unit of a node does. */
const ANSWERS = `require('node:net').createServer((socket) => { socket.on('error', () => undefined); socket.end('here\\n'); })
  .listen(${ANSWER_PORT}, () => process.stdout.write('listens\\n'));`;

const run = promisify(execFile);
const ip = async (...given: readonly string[]): Promise<string> => (await run('ip', given)).stdout;

/**
 * @param names of nodes of the reference lab; the first has the API address as well.
 * @param path folders in which programs of nodes are looked for first.
 */
export async function makeNodes(
  names: readonly string[],
  path: readonly string[] = [],
): Promise<NodeNamespaces> {
  const prefix = `sq${process.pid}`;
  const hub = `${prefix}-hub`;
  const stands: Stand[] = [];
  const made: string[] = [];
  const remove = async (): Promise<void> => {
    for (const { keeper, namespace } of stands) {
      // A namespace lives as long as anything in it.
      const pids = await ip('netns', 'pids', namespace).catch(() => '');
      for (const pid of pids.trim().split('\n').map(Number)) if (pid > 0) endQuietly(pid);
      keeper.kill('SIGKILL');
    }
    for (const namespace of made) await ip('netns', 'delete', namespace).catch(() => undefined);
  };
  try {
    made.push(hub);
    await ip('netns', 'add', hub);
    await ip('-n', hub, 'link', 'add', 'hub', 'type', 'bridge');
    await ip('-n', hub, 'link', 'set', 'hub', 'up');
    for (const name of names) stands.push(await makeNode(name, hub, `${prefix}-${name}`, made));
    // What stands for this host in the lab: outside of it, and reached by whoever asks for it.
    await ip('-n', hub, 'address', 'add', `${HOST_ADDRESS}/24`, 'dev', 'hub');
    await ip('-n', hub, 'link', 'set', 'lo', 'up');
    await ip('-n', `${prefix}-${names[0] ?? ''}`, 'address', 'add', `${API_ADDRESS}/32`, 'dev', 'eth0');
  } catch (error) {
    await remove();
    throw error;
  }
  const environment = { ...process.env, PATH: [...path, process.env['PATH'] ?? ''].join(':') };
  return {
    tools: {
      engine: engineOf(stands, environment),
      clock: createSystemClock(),
      tunnels: hasTunnels,
    } as unknown as LabTools,
    async inNode(node, ...command) {
      const { namespace = '' } = stands.find(({ name }) => name === node) ?? {};
      return (await run('ip', ['netns', 'exec', namespace, ...command], { env: environment })).stdout;
    },
    remove,
  };
}

function endQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

async function makeNode(name: string, hub: string, namespace: string, made: string[]): Promise<Stand> {
  const shape = NODE_SHAPES.find((node) => node.name === name);
  if (shape === undefined) throw new Error(`The lab has no node ${name}.`);
  made.push(namespace);
  await ip('netns', 'add', namespace);
  const peer = ['peer', 'name', name, 'netns', hub];
  await ip('-n', namespace, 'link', 'add', 'eth0', 'address', shape.mac, 'type', 'veth', ...peer);
  await ip('-n', hub, 'link', 'set', name, 'master', 'hub', 'up');
  await ip('-n', namespace, 'link', 'set', 'lo', 'up');
  await ip('-n', namespace, 'address', 'add', `${shape.address}/24`, 'dev', 'eth0');
  await ip('-n', namespace, 'link', 'set', 'eth0', 'up');
  await ip('-n', namespace, 'route', 'add', 'unreachable', 'default', 'metric', '4278198272');
  const loading = run('ip', ['netns', 'exec', namespace, 'nft', '--file', '-']);
  loading.child.stdin?.end(renderLinkTable());
  await loading;
  const answering = ['netns', 'exec', namespace, process.execPath, '--eval', ANSWERS];
  const keeper = spawn('ip', answering, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  await once(keeper.stdout, 'data');
  return { name, namespace, keeper };
}

/** As much of an engine as links ask for. */
function engineOf(stands: readonly Stand[], environment: NodeJS.ProcessEnv): ContainerEngine {
  const standOf = (container: string): Stand | undefined =>
    stands.find(({ name }) => containerOf(name) === container);
  const engine: Pick<ContainerEngine, 'list' | 'inspect' | 'exec'> = {
    list: () =>
      Promise.resolve(
        stands.map(({ name }) => ({
          name: containerOf(name),
          state: 'running' as const,
          labels: { [NODE_LABEL]: name },
        })),
      ),
    inspect: (name) =>
      Promise.resolve({ name, state: 'running', labels: {}, image: '', pid: standOf(name)?.keeper.pid ?? 0 }),
    exec: (name, command, { input = '' } = {}) =>
      new Promise((resolve) => {
        const given = ['netns', 'exec', standOf(name)?.namespace ?? '', ...command];
        const child = execFile('ip', given, { env: environment }, (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
        );
        // What a program does not read is no failure of it.
        child.stdin?.on('error', () => undefined);
        child.stdin?.end(input);
      }),
  };
  return engine as ContainerEngine;
}
