import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../../model/errors.ts';
import { formatDuration } from '../../model/duration.ts';
import { elapsed } from './elapsed.ts';
import { fill } from './lock.ts';
import type { Part } from './lock.ts';
import type { PartFolder } from './part-folder.ts';
import { runProgram } from './run-program.ts';
import type { Source, SourceTools } from './source.ts';

/** How often a build that goes on says where it is. */
const PROGRESS_EVERY_MS = 10_000;

export interface GoBuildOptions {
  /** The program to call. Default `go`, looked for in PATH. */
  readonly go?: string;
  /** Added to the environment of this process, which decides about the module proxy and the caches. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Builds parts from their sources with Go, which has them from a module proxy and checks them against our go.sum. What is
 * built is static, has no path of this machine in it, and is kept binary by binary.
 */
export function goBuild({ go = 'go', env = {} }: GoBuildOptions = {}): Source {
  return {
    origin: 'build',
    async fetch(part, folder, tools, signal) {
      const module = join(tools.lock.folder, part.build.module);
      if (!existsSync(join(module, 'go.mod'))) return `${module} has no go.mod`;
      for (const binary of folder.missing()) {
        const wrong = await build(binary, part, folder, tools, { go, env, module }, signal);
        if (wrong !== undefined) return wrong;
      }
      return undefined;
    },
  };
}

/** Vetting thousands of packages that are not ours takes as long as building them. */
const VERBS = { program: ['build', '-v'], tests: ['test', '-c', '-vet=off'] } as const;

async function build(
  binary: string,
  part: Part,
  folder: PartFolder,
  tools: SourceTools,
  { go, env, module }: { go: string; env: Readonly<Record<string, string>>; module: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  const since = elapsed(tools.clock);
  const file = folder.temporary(binary);
  const work = folder.temporary('work');
  let told = 0;
  let packages = 0;
  const verb = VERBS[part.build.makes];
  const called = `go ${verb[0]} of ${binary}`;
  const onLine = (line: string): void => {
    if (/^[\w.-]+(\/[\w.@-]+)*$/.test(line)) packages += 1;
    if (since().ms - told < PROGRESS_EVERY_MS) return;
    told = since().ms;
    tools.report(`${binary}: ${packages} packages built after ${formatDuration(since())}; now ${line}`);
  };
  tools.report(`${binary} ${part.version}: building it with Go`);
  try {
    mkdirSync(work);
    const { code, lines } = await runProgram(
      go,
      [...verb, ...flagsOf(part, tools), '-o', file, packageOf(part, binary)],
      {
        cwd: module,
        env: { ...process.env, ...goEnvironment(tools), GOTMPDIR: work, ...env },
        onLine,
        background: true,
        clock: tools.clock,
      },
      signal,
    );
    if (code !== 0) return `${called} failed: ${lines.slice(-4).join(' | ') || 'it was ended'}`;
    const wrong = await folder.settle(binary, file, 'build', signal);
    if (wrong === undefined) tools.report(`${binary} ${part.version}: built in ${formatDuration(since())}`);
    return wrong;
  } catch (error) {
    signal.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'Go is not installed';
    return `${called} could not be started: ${describeError(error)}`;
  } finally {
    rmSync(file, { force: true });
    rmSync(work, { recursive: true, force: true });
  }
}

const packageOf = (part: Part, binary: string): string => part.build.packages[binary] ?? binary;

function flagsOf(part: Part, { platform }: SourceTools): readonly string[] {
  const variables = Object.entries(part.build.variables).map(
    ([name, value]) => `-X ${name}=${fill(value, part, platform)}`,
  );
  const linked = ['-ldflags', ['-s', '-w', ...variables].join(' ')];
  return ['-trimpath', '-mod=readonly', '-buildvcs=false', ...linked];
}

/** A workspace file above the module would replace what its go.sum pins. */
function goEnvironment({ platform }: SourceTools): Readonly<Record<string, string>> {
  return { CGO_ENABLED: '0', GOOS: platform.os, GOARCH: platform.arch, GOWORK: 'off' };
}
