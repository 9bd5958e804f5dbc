import type { ContainerEngine, ExecOptions, JobSpec, MachineSpec } from '../../ports/container-engine.ts';
import type { CommandOrder, CommandResult, RunCommand } from '../../ports/run-command.ts';
import { jobArguments, machineArguments, networkArguments } from './arguments.ts';
import { explainFailure } from './explain-failure.ts';
import { findRuntime, type Runtime } from './find-runtime.ts';
import { readContainers, readDetails } from './read-answers.ts';

/** Containers by podman, as child processes; it needs no service that runs. */
export function createPodmanEngine(run: RunCommand): ContainerEngine {
  return new PodmanEngine(run);
}

class PodmanEngine implements ContainerEngine {
  readonly name = 'podman';
  readonly #run: RunCommand;
  #runtime: Promise<Runtime> | undefined;

  constructor(run: RunCommand) {
    this.#run = run;
  }

  async refusal(signal?: AbortSignal): ReturnType<ContainerEngine['refusal']> {
    const { code, stderr } = await this.#podman(['version', '--format', '{{.Client.Version}}'], {}, signal);
    if (code === 0) return undefined;
    if (code === 127)
      return {
        reason: 'There is no podman on this host.',
        remedy: 'Install podman (Debian, Ubuntu: apt-get install podman).',
      };
    return {
      reason: `podman does not work here: ${lastLine(stderr)}.`,
      remedy: 'See `podman info`; it must work for root.',
    };
  }

  async createNetwork(
    spec: Parameters<ContainerEngine['createNetwork']>[0],
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#must(networkArguments(spec), `create the network ${spec.name}`, {}, signal);
  }

  async removeNetwork(name: string): Promise<void> {
    const result = await this.#podman(['network', 'rm', '--force', name]);
    if (result.code !== 0 && !/network not found/.test(result.stderr))
      throw explainFailure(`remove the network ${name}`, result);
  }

  async networks(label: string): Promise<readonly string[]> {
    const format = '{{.Name}}';
    const { stdout } = await this.#must(
      ['network', 'ls', '--filter', `label=${label}`, '--format', format],
      'list networks',
    );
    return linesOf(stdout);
  }

  async bridgeOf(network: string): Promise<string | undefined> {
    const { code, stdout } = await this.#podman(['network', 'inspect', network]);
    if (code !== 0) return undefined;
    const [found] = JSON.parse(stdout) as readonly { network_interface?: string }[];
    return found?.network_interface;
  }

  async run(spec: MachineSpec, signal?: AbortSignal): Promise<void> {
    const runtime = await this.#findRuntime(spec.image, signal);
    await this.#must(machineArguments(spec, runtime), `start the container ${spec.name}`, {}, signal);
  }

  async job(spec: JobSpec, signal?: AbortSignal): Promise<CommandResult> {
    const runtime = await this.#findRuntime(spec.image, signal);
    return this.#podman(jobArguments(spec, runtime), { timeout: spec.timeout }, signal);
  }

  async start(name: string): Promise<void> {
    await this.#must(['start', name], `start the container ${name}`);
  }

  async kill(name: string): Promise<void> {
    // A frozen process does not die before it is thawed, and podman does not try.
    if ((await this.inspect(name))?.state === 'paused') await this.unpause(name);
    const result = await this.#podman(['kill', '--signal', 'KILL', name]);
    if (result.code !== 0 && !NOT_RUNNING.test(result.stderr))
      throw explainFailure(`kill the container ${name}`, result);
    await this.#podman(['wait', '--condition', 'exited', '--condition', 'stopped', name], {
      timeout: { ms: 20_000 },
    });
  }

  async pause(name: string): Promise<void> {
    const result = await this.#podman(['pause', name]);
    if (result.code !== 0 && !/already paused|is paused|state paused/i.test(result.stderr))
      throw explainFailure(`pause the container ${name}`, result);
  }

  async unpause(name: string): Promise<void> {
    const result = await this.#podman(['unpause', name]);
    if (result.code !== 0 && !/not paused|is not paused/i.test(result.stderr))
      throw explainFailure(`unpause the container ${name}`, result);
  }

  async remove(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const result = await this.#podman(['rm', '--force', '--time', '0', '--ignore', '--volumes', ...names], {
      timeout: { ms: 120_000 },
    });
    if (result.code !== 0) throw explainFailure(`remove ${names.join(', ')}`, result);
  }

  exec(
    name: string,
    command: readonly string[],
    { input, ...options }: ExecOptions = {},
    signal?: AbortSignal,
  ): Promise<CommandResult> {
    const stdin = input === undefined ? [] : ['--interactive'];
    return this.#podman(
      ['exec', ...stdin, name, ...command],
      { ...options, ...(input === undefined ? {} : { input }) },
      signal,
    ).then((result) => {
      if (result.code === 125 && /container|state/.test(result.stderr))
        throw explainFailure(`run ${command[0] ?? 'a command'} in ${name}`, result);
      return result;
    });
  }

  interactive(name: string, command: readonly string[]): readonly [string, ...string[]] {
    return ['podman', 'exec', '--interactive', '--tty', name, ...command];
  }

  async list(label: string): ReturnType<ContainerEngine['list']> {
    const { stdout } = await this.#must(
      ['ps', '--all', '--filter', `label=${label}`, '--format', 'json'],
      'list containers',
    );
    return readContainers(stdout);
  }

  async inspect(name: string): ReturnType<ContainerEngine['inspect']> {
    const result = await this.#podman(['container', 'inspect', name]);
    if (result.code === 0) return readDetails(result.stdout);
    if (/no such container/i.test(result.stderr)) return undefined;
    throw explainFailure(`look at the container ${name}`, result);
  }

  async hasImage(image: string): Promise<boolean> {
    return (await this.#podman(['image', 'exists', image])).code === 0;
  }

  #findRuntime(image: string, signal?: AbortSignal): Promise<Runtime> {
    const finding = (this.#runtime ??= findRuntime((order) => this.#run(order, signal), image));
    finding.catch(() => (this.#runtime = undefined));
    return finding;
  }

  #podman(
    given: readonly string[],
    options: Partial<CommandOrder> = {},
    signal?: AbortSignal,
  ): Promise<CommandResult> {
    return this.#run({ ...options, program: 'podman', arguments: given }, signal);
  }

  async #must(
    given: readonly string[],
    what: string,
    options: Partial<CommandOrder> = {},
    signal?: AbortSignal,
  ): Promise<CommandResult> {
    const result = await this.#podman(given, options, signal);
    if (result.code !== 0) throw explainFailure(what, result);
    return result;
  }
}

const NOT_RUNNING = /can only kill running containers|is not running|state improper|no such container/i;

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
