import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundledPlans, packageFolder } from '../../src/entries/places.ts';
import { seededRandom } from '../../src/model/seeded-random.ts';
import { ownHome } from '../../test/cli/own-home.ts';
import { canary, canaryIn, clouds, kubeconfig, toldIn } from './documents.ts';
import type { FuzzSummary } from './fuzz-pool.ts';
import { startLyingServer, type LyingServer } from './lying-server.ts';
import { draw, mutateText, mutateTree, yamlOf } from './mutate.ts';

/** A command line has to start and to load its clients besides; its own deadlines for a silent server are longer than that. */
const ENDS_WITHIN_MS = 40_000;

const COMMAND = join(packageFolder(), 'dist', 'cli', 'squall.mjs');

/** Gives some fuzzed files to the real command line: what it prints, what it leaves, and how it ends are looked at. */
export async function runCommands(from: number, count: number, summary: FuzzSummary): Promise<void> {
  const server = await startLyingServer();
  try {
    for (let n = 0; n < count; n++) await runCommand(from + n, server, summary);
  } finally {
    await server.close();
  }
}

async function runCommand(number: number, server: LyingServer, summary: FuzzSummary): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'squall-fuzz-command-'));
  try {
    const args = prepare(number, home, server);
    const { code, text } = await runIn(home, args);
    const find = (says: string): void => {
      summary.wrong.push({ number, kind: 'plan', says: `squall ${args.join(' ')}: ${says}` });
    };
    if (code === null || code === 70) find(`ended with ${String(code)}: ${text.slice(-600)}`);
    const told = toldBy(home);
    const leaked = canaryIn(text, told);
    if (leaked !== undefined) find(`${leaked} was printed`);
    for (const file of filesUnder(join(home, 'written')))
      if (canaryIn(readFileSync(file, 'latin1'), told) !== undefined) find(`a secret was written to ${file}`);
    const most = Number(readFileSync(join(home, 'memory'), 'utf8'));
    summary.mostMiB = Math.max(summary.mostMiB, most);
    const key = `command ${args[0]} ${String(code)}`;
    summary.outcomes[key] = (summary.outcomes[key] ?? 0) + 1;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** @returns the arguments of the command. */
function prepare(number: number, home: string, server: LyingServer): readonly string[] {
  const random = seededRandom(`command-${number}`);
  server.begin(`command-${number}`);
  mkdirSync(join(home, 'written'));
  writeFileSync(join(home, 'token-file'), canary('token_file'));
  const memory = join(home, 'memory');
  const says = `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(memory)}, String(process.resourceUsage().maxRSS / 1024)));`;
  writeFileSync(join(home, 'preload.cjs'), says);
  const plan = readFileSync(draw(random, bundledPlans()).path, 'utf8');
  const file = join(home, 'kubeconfig.yaml');
  const honest = random.integer(2) === 0;
  const config = kubeconfig(server.url, random.integer(100));
  writeFileSync(file, yamlOf(honest ? config : mutateTree(random, config)));
  const cloud = clouds(`${server.url}/identity/v3`, random.integer(100));
  writeFileSync(join(home, 'clouds.yaml'), yamlOf(honest ? cloud : mutateTree(random, cloud)));
  writeFileSync(join(home, 'plan.yaml'), random.integer(2) === 0 ? plan : mutateText(random, plan));
  const aim = ['--lab', 'existing', '--kubeconfig', file, '--os-cloud', 'fuzz'];
  const commands: readonly (readonly string[])[] = [
    ['plan', join(home, 'plan.yaml')],
    ['plan', join(home, 'plan.yaml'), ...aim],
    ['doctor', ...aim],
    ['run', join(home, 'plan.yaml'), ...aim, '--yes', '--output-dir', join(home, 'written', 'reports')],
  ];
  return draw(random, commands);
}

function toldBy(home: string): ReadonlySet<string> {
  const documents = ['kubeconfig.yaml', 'clouds.yaml'].map((name) => readFileSync(join(home, name), 'utf8'));
  return new Set(documents.flatMap((document) => [...toldIn(document)]));
}

function runIn(
  home: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly text: string }> {
  const written = join(home, 'written');
  const environment = {
    ...ownHome(written),
    OS_CLIENT_CONFIG_FILE: join(home, 'clouds.yaml'),
    NODE_OPTIONS: `--require ${join(home, 'preload.cjs')}`,
  };
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: written,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
    });
  const late = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS);
  return new Promise((resolve) =>
    child.once('close', (code) => {
      clearTimeout(late);
      resolve({ code, text });
    }),
  );
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}
