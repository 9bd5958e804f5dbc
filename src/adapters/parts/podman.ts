import { describeError, HarnessError } from '../../model/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { runProgram } from './run-program.ts';
import type { ProgramOptions } from './run-program.ts';

/** Enough for what is run while images are made, and below what hosts without CAP_SYS_RESOURCE may set. */
const LIMITS = ['--ulimit', 'nofile=8192:8192', '--ulimit', 'nproc=4096:4096'];

/** Some hosts' cgroups are refused by the one, others' by the other. */
const RUNTIMES = ['crun', 'runc'];

/** A small base is here in seconds; a network that swallows everything must not hold up the other way to have one. */
const PULL_LIMIT_MS = 180_000;

/** Calls podman to make images and to look into them; nodes are started elsewhere. */
export class Podman {
  readonly #program: string;
  readonly #clock: Clock;
  #runtime: Promise<string> | undefined;

  /** @param program default `podman`, looked for in PATH. */
  constructor(clock: Clock, program = 'podman') {
    this.#clock = clock;
    this.#program = program;
  }

  async exists(image: string, signal: AbortSignal): Promise<boolean> {
    return (await this.#call(['image', 'exists', image], signal)).code === 0;
  }

  /** Pulls an image that is not here. @returns why it cannot be had; undefined when it is here. */
  async pull(image: string, signal: AbortSignal): Promise<string | undefined> {
    if (await this.exists(image, signal)) return undefined;
    const { code, lines } = await this.#call(['pull', '--quiet', image], signal, {
      stop: 'ask',
      limitMs: PULL_LIMIT_MS,
    });
    return code === 0 ? undefined : (lines.at(-1) ?? 'no registry answered in time');
  }

  /** Makes an image of a tar of a root file system. @throws SQ_PARTS */
  async import(tar: string, image: string, signal: AbortSignal): Promise<void> {
    await this.#must(['import', '--quiet', tar, image], signal);
  }

  /** Builds the Containerfile of a folder on a base that is here. @throws SQ_PARTS with the last lines of the build. */
  async build(
    { folder, base, image, target }: { folder: string; base: string; image: string; target: string },
    signal: AbortSignal,
  ): Promise<void> {
    const argv = [
      ...['build', '--layers=false', '--network', 'host', ...LIMITS],
      ...['--build-arg', `BASE=${base}`, '--target', target, '--tag', image, folder],
    ];
    await this.#must(['--runtime', await this.#runtimeFor(base, signal), ...argv], signal);
  }

  /** Writes an image into an archive, under another name. @throws SQ_PARTS */
  async save(
    { image, as, file }: { image: string; as: string; file: string },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#must(['tag', image, as], signal);
    try {
      await this.#must(['save', '--quiet', '--format', 'docker-archive', '--output', file, as], signal);
    } finally {
      await this.#call(['untag', as, as], signal);
    }
  }

  /** Writes a file of the image into an open file of this host. @throws SQ_PARTS */
  async read(image: string, path: string, into: number, signal: AbortSignal): Promise<void> {
    const runtime = await this.#runtimeFor(image, signal);
    const argv = ['run', '--rm', '--network', 'none', ...LIMITS, '--entrypoint', '/bin/cat', image, path];
    await this.#must(['--runtime', runtime, ...argv], signal, into);
  }

  /** The tags of a repository, newest first. */
  async tags(repository: string, signal: AbortSignal): Promise<readonly string[]> {
    const filter = ['--filter', `reference=${repository}`, '--sort', 'created'];
    const argv = ['images', '--noheading', ...filter, '--format', '{{.Repository}}:{{.Tag}}'];
    return (await this.#must(argv, signal)).filter((line) => line.startsWith(`${repository}:`));
  }

  /** Removes an image; one that a container uses stays. */
  async remove(image: string, signal: AbortSignal): Promise<void> {
    await this.#call(['rmi', image], signal);
  }

  #runtimeFor(image: string, signal: AbortSignal): Promise<string> {
    this.#runtime ??= this.#findRuntime(image, signal).catch((error: unknown) => {
      this.#runtime = undefined;
      throw error;
    });
    return this.#runtime;
  }

  async #findRuntime(image: string, signal: AbortSignal): Promise<string> {
    const said: string[] = [];
    for (const runtime of RUNTIMES) {
      const argv = ['run', '--rm', '--network', 'none', ...LIMITS, '--entrypoint', '/bin/true', image];
      const { code, lines } = await this.#call(['--runtime', runtime, ...argv], signal);
      if (code === 0) return runtime;
      said.push(`${runtime}: ${lines.at(-1) ?? 'ended'}`);
    }
    throw new HarnessError('SQ_PARTS', `No container runtime starts a container here. ${said.join('; ')}.`, {
      remedy: 'Install crun or runc, and run Squall as root.',
    });
  }

  async #must(argv: readonly string[], signal: AbortSignal, stdout?: number): Promise<readonly string[]> {
    const { code, lines } = await this.#call(argv, signal, stdout === undefined ? {} : { stdout });
    if (code === 0) return lines;
    const verb = argv.find((word) => /^(build|import|run|images|tag|save)$/.test(word)) ?? argv[0];
    throw new HarnessError('SQ_PARTS', `podman ${verb} failed: ${lines.slice(-6).join(' | ')}.`, {
      remedy: 'The message is podman’s; `podman info` says whether it works on this host, as root.',
    });
  }

  /** A build or a container that is cut short stays in podman's store, so what is begun is finished unless told otherwise. */
  async #call(
    argv: readonly string[],
    signal: AbortSignal,
    options: Partial<ProgramOptions> = {},
  ): Promise<{ code: number | undefined; lines: readonly string[] }> {
    try {
      const how: ProgramOptions = { stop: 'wait', clock: this.#clock, ...options };
      return await runProgram(this.#program, argv, how, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new HarnessError('SQ_PARTS', `podman could not be started: ${describeError(error)}.`, {
        cause: error,
        remedy: 'Install podman; the reference lab is made of its containers.',
      });
    }
  }
}
