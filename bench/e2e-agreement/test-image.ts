import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, createReadStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { ensureDebianBase } from '../../src/adapters/parts/debian-base.ts';
import { contentKey, hostPlatform, type Lock } from '../../src/adapters/parts/lock.ts';
import { Podman } from '../../src/adapters/parts/podman.ts';
import { runProgram } from '../../src/adapters/parts/run-program.ts';
import { sourceKey } from '../../src/adapters/parts/source-key.ts';
import { temporaryIn } from '../../src/adapters/parts/temporary.ts';
import type { EnsuredBinary } from '../../src/adapters/parts/index.ts';
import { containerOf } from '../../src/labs/reference/shape.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { NODES, onNode } from '../seeded-defects/on-nodes.ts';

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), 'image');
const REPOSITORY = 'localhost/squall-kubernetes-tests';
/** In the archive, and on a node until it has upstream's names there. */
const IMPORTED = 'localhost/squall-tests-imported:1';

/** The images that the chosen checks start; the pause image is on every node of the lab anyway. */
const STANDS_FOR = /^registry\.k8s\.io\/e2e-test-images\/(agnhost|busybox|glibc-dns-testing):/;

interface Tools {
  readonly lock: Lock;
  readonly cacheFolder: string;
  readonly clock: Clock;
  readonly report: (says: string) => void;
}

/** Has an image that stands in for upstream's, in one archive. @returns its path. @throws SQ_PARTS; the signal's reason. */
export async function ensureTestImage(
  agnhost: EnsuredBinary,
  { lock, cacheFolder, clock, report }: Tools,
  signal: AbortSignal,
): Promise<string> {
  const { base: from, suite } = lock.node;
  const key = contentKey([from, suite, hostPlatform().arch, sourceKey(FOLDER), agnhost.sha256]);
  const archive = join(cacheFolder, 'images', `kubernetes-tests-${key}.tar`);
  if (existsSync(archive)) return archive;
  const podman = new Podman(clock);
  const [base, image] = [`${REPOSITORY}-base:${key}`, `${REPOSITORY}:${key}`];
  const context = temporaryIn(join(cacheFolder, 'parts'), 'kubernetes-tests-context');
  mkdirSync(dirname(archive), { recursive: true });
  const temporary = temporaryIn(dirname(archive), 'kubernetes-tests');
  try {
    const what = { label: 'image of the tests', from, suite, folder: FOLDER, image: base };
    await ensureDebianBase(what, { cacheFolder, clock, report, podman }, signal);
    cpSync(FOLDER, context, { recursive: true });
    copyFileSync(agnhost.path, join(context, 'agnhost'));
    await podman.build({ folder: context, base, image, target: 'tests' }, signal);
    await podman.save({ image, as: IMPORTED, file: temporary }, signal);
    renameSync(temporary, archive);
  } finally {
    rmSync(context, { recursive: true, force: true });
    rmSync(temporary, { force: true });
    for (const made of [image, base]) await podman.remove(made, new AbortController().signal);
  }
  return archive;
}

/** The names under which `e2e.test` asks for what this image stands in for. */
export async function namesOf(e2e: string, clock: Clock, signal: AbortSignal): Promise<readonly string[]> {
  const names: string[] = [];
  const onLine = (line: string): void => {
    if (STANDS_FOR.test(line)) names.push(line);
  };
  const { code } = await runProgram(e2e, ['--list-images'], { clock, limitMs: 60_000, onLine }, signal);
  if (code !== 0 || names.length === 0) throw new Error('e2e.test does not say which images it starts.');
  return names;
}

const CTR = 'ctr --namespace k8s.io images';

/** Puts the image onto every node, under each name; a node that has them is left alone. */
export async function putOntoNodes(archive: string, names: readonly string[]): Promise<void> {
  const has = names.map((name) => `${CTR} ls -q name==${name} | grep -q .`).join(' && ');
  const named = names.map((name) => `${CTR} tag --force ${IMPORTED} ${name}`).join(' && ');
  for (const node of NODES) {
    const there = await onNode(node, has).then(
      () => true,
      () => false,
    );
    if (there) continue;
    await importInto(node, archive);
    await onNode(node, `${named} && ${CTR} rm ${IMPORTED}`);
  }
}

async function importInto(node: string, archive: string): Promise<void> {
  const argv = ['exec', '--interactive', containerOf(node), ...`${CTR} import --local -`.split(' ')];
  const child = spawn('podman', argv, { stdio: ['pipe', 'ignore', 'pipe'] });
  let says = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (says += text));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  // One that refuses the archive says so itself.
  await pipeline(createReadStream(archive), child.stdin).catch(() => undefined);
  if ((await ended) !== 0)
    throw new Error(`${node} does not take the image of the tests: ${says.slice(-500)}`);
}

/** Takes the image from every node, so that the lab is as it was. */
export async function takeFromNodes(names: readonly string[]): Promise<void> {
  for (const node of NODES) await onNode(node, `${CTR} rm ${names.join(' ')} >/dev/null 2>&1 || true`);
}
