import { spawn } from 'node:child_process';
import { createReadStream, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { writeImageArchive } from '../../src/adapters/parts/image-archive.ts';
import type { EnsuredBinary } from '../../src/adapters/parts/index.ts';
import { contentKey, hostPlatform } from '../../src/adapters/parts/lock.ts';
import { runProgram } from '../../src/adapters/parts/run-program.ts';
import { temporaryIn } from '../../src/adapters/parts/temporary.ts';
import { containerOf } from '../../src/labs/reference/shape.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { NODES, onNode } from '../seeded-defects/on-nodes.ts';

/** In the archive, and on a node until it has upstream's names there. */
const IMPORTED = 'localhost/squall-kubernetes-tests:1';

/** The images that the chosen checks start; the pause image is on every node of the lab anyway. */
const STANDS_FOR = /^registry\.k8s\.io\/e2e-test-images\/(agnhost|busybox|glibc-dns-testing):/;

/** Of Debian: what the chosen checks call in the pods of these images. */
const PACKAGES = 'base-files,libc-bin,busybox,coreutils,bind9-dnsutils,curl,netcat-openbsd,hostname';

/**
 * Packages are unpacked and not set up, so what their set-up would leave behind is made here. Upstream's shells are busybox's, and
 * its scripts rely on that; names are looked for in files first, as in its images.
 */
const SET_UP =
  'ln -s busybox "$1/usr/bin/sh"; ln -s nc.openbsd "$1/usr/bin/nc"; echo "hosts: files dns" > "$1/etc/nsswitch.conf"';

const UNREAD = ['doc', 'man', 'locale'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);

interface Tools {
  /** Of Debian. */
  readonly suite: string;
  readonly cacheFolder: string;
  readonly clock: Clock;
  readonly report: (says: string) => void;
}

/**
 * Has an image that stands in for upstream's: its agnhost over Debian's programs, in one archive, made without a container
 * engine. @returns its path. @throws where mmdebstrap is missing or fails; the signal's reason.
 */
export async function ensureTestImage(
  agnhost: EnsuredBinary,
  { suite, cacheFolder, clock, report }: Tools,
  signal: AbortSignal,
): Promise<string> {
  const folder = join(cacheFolder, 'images');
  const platform = hostPlatform();
  const key = contentKey([suite, platform.arch, PACKAGES, SET_UP, agnhost.sha256]);
  const archive = join(folder, `kubernetes-tests-${key}.tar`);
  if (existsSync(archive)) return archive;
  const [layer, temporary] = [temporaryIn(folder, 'tests-layer'), temporaryIn(folder, 'kubernetes-tests')];
  report(`image of the tests: unpacking packages of Debian ${suite}`);
  try {
    const argv = ['--quiet', '--variant=extract', '--format=tar', ...UNREAD, `--include=${PACKAGES}`];
    const { code, lines } = await runProgram(
      'mmdebstrap',
      [...argv, `--extract-hook=${SET_UP}`, suite, layer],
      { stop: 'ask', clock },
      signal,
    );
    if (code !== 0) throw new Error(`mmdebstrap failed: ${lines.slice(-4).join(' | ')}`);
    const contents = {
      name: IMPORTED,
      layers: [layer],
      files: { '/agnhost': agnhost.path, '/agnhost-2': agnhost.path },
      entrypoint: ['/agnhost'],
      command: ['pause'],
    };
    await writeImageArchive(temporary, [contents], platform, signal);
    renameSync(temporary, archive);
  } finally {
    for (const file of [layer, temporary]) rmSync(file, { force: true });
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

/** Takes the image from every node, and what upstream's jobs leave there, so that the lab is as it was. */
export async function takeFromNodes(names: readonly string[]): Promise<void> {
  const taken = `${CTR} rm ${IMPORTED} ${names.join(' ')} >/dev/null 2>&1 || true; rm -rf /tmp/job-e2e`;
  for (const node of NODES) await onNode(node, taken);
}
