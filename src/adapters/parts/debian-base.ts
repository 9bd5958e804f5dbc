import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatDuration } from '../../model/duration.ts';
import { describeError, HarnessError } from '../../model/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { elapsed } from './elapsed.ts';
import type { Podman } from './podman.ts';
import { runProgram } from './run-program.ts';
import { temporaryIn } from './temporary.ts';

export interface DebianBase {
  /** For messages, such as `node image`. */
  readonly label: string;
  /** Pulled where a registry is reached; its folder's Containerfile has a stage `packages` that adds to it. */
  readonly from: string;
  /** Of Debian, where nothing can be pulled. */
  readonly suite: string;
  /** Holds `packages`, one a line, and may hold `excludes`, patterns of paths to leave out. */
  readonly folder: string;
  /** What the base is called when it is there. */
  readonly image: string;
}

interface Tools {
  readonly cacheFolder: string;
  readonly clock: Clock;
  readonly report: (says: string) => void;
  readonly podman: Podman;
  /** Whether to ask a registry at all. Default true. */
  readonly pull?: boolean;
}

/** Has a Debian with some packages in podman's store: pulled, or made from Debian's packages where no registry is reached. */
export async function ensureDebianBase(base: DebianBase, tools: Tools, signal: AbortSignal): Promise<void> {
  const { podman, clock, report } = tools;
  const { label, from, folder, image } = base;
  if (await podman.exists(image, signal)) return;
  const since = elapsed(clock);
  const why = tools.pull === false ? 'not asked' : await podman.pull(from, signal);
  if (why === undefined) {
    report(`${label}: ${from} pulled; adding Debian packages`);
    await podman.build({ folder, base: from, image, target: 'packages' }, signal);
  } else {
    report(`${label}: ${from} cannot be pulled (${why}); making ${base.suite} from Debian packages`);
    await bootstrap(base, tools, signal);
  }
  report(`${label}: base ready in ${formatDuration(since())}`);
}

const linesOf = (file: string): readonly string[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
    : [];

const UNREAD = ['doc', 'man', 'locale'].map((name) => `/usr/share/${name}/*`);

/** A package whose tests are left out cannot be compiled on its own, so all Python is compiled at the end, and much faster. */
const COMPILE_ONCE = [
  '--essential-hook=chroot "$1" dpkg-divert --local --rename --add /usr/bin/py3compile',
  String.raw`--essential-hook=printf "#!/bin/sh\nexit 0\n" > "$1/usr/bin/py3compile"; chmod 0755 "$1/usr/bin/py3compile"`,
  '--customize-hook=chroot "$1" sh -c "python3 -m compileall -q -j 2 /usr/lib/python3/dist-packages /usr/lib/python3.*/ >/dev/null || true"',
];

/** Makes the root file system without a registry, from the package sources that this host itself uses. */
async function bootstrap(
  { label, from, suite, folder, image }: DebianBase,
  { cacheFolder, clock, podman }: Tools,
  signal: AbortSignal,
): Promise<void> {
  const packages = linesOf(join(folder, 'packages'));
  const excludes = linesOf(join(folder, 'excludes'));
  const unread = (excludes.length === 0 ? UNREAD : excludes).map((path) => `--dpkgopt=path-exclude=${path}`);
  const tar = temporaryIn(join(cacheFolder, 'parts'), 'debian-base');
  const hooks = excludes.length === 0 ? [] : COMPILE_ONCE;
  const argv = ['--quiet', '--variant=minbase', '--format=tar', ...unread, ...hooks];
  try {
    // It mounts file systems below its folder, and only it removes them.
    const how = { stop: 'ask', clock } as const;
    const all = [...argv, `--include=${packages.join(',')}`, suite, tar];
    const { code, lines } = await runProgram('mmdebstrap', all, how, signal);
    if (code !== 0) throw new HarnessError('SQ_PARTS', `mmdebstrap failed: ${lines.slice(-4).join(' | ')}.`);
    await podman.import(tar, image, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HarnessError) throw error;
    throw new HarnessError(
      'SQ_PARTS',
      `The ${label} can neither be pulled nor made: mmdebstrap could not be started (${describeError(error)}).`,
      { cause: error, remedy: `Let this machine reach ${from}, or install mmdebstrap.` },
    );
  } finally {
    rmSync(tar, { force: true });
  }
}
