import { HarnessError } from '../../model/errors.ts';
import type { CommandOrder, CommandResult } from '../../ports/run-command.ts';

/** What must be said so that containers start on this host. */
export interface Runtime {
  readonly options: readonly string[];
}

const RUNTIMES = ['crun', 'runc'];

/** From the roomiest down: what a process may give its child depends on the rights that this host leaves to root. */
const LIMITS: readonly (readonly string[])[] = [
  ['--ulimit=nofile=1048576:1048576', '--ulimit=nproc=-1:-1'],
  ['--ulimit=nofile=20000:20000', '--ulimit=nproc=30000:30000'],
  ['--ulimit=nofile=4096:4096', '--ulimit=nproc=8192:8192'],
];

/**
 * Tries, for a runtime may be installed and refuse this host (crun does on mixed control groups), and limits that podman sets by
 * default may be above those that this host allows.
 * @throws SQ_LAB with what each try said.
 */
export async function findRuntime(
  run: (order: CommandOrder) => Promise<CommandResult>,
  image: string,
): Promise<Runtime> {
  const said: string[] = [];
  for (const runtime of RUNTIMES) {
    for (const limits of LIMITS) {
      const options = [`--runtime=${runtime}`, ...limits];
      const { code, stderr } = await run({
        program: 'podman',
        arguments: [
          'run',
          '--rm',
          '--privileged',
          '--network=none',
          '--cgroupns=private',
          '--pull=never',
          '--entrypoint=/bin/true',
          ...options,
          image,
        ],
        timeout: { ms: 30_000 },
      });
      if (code === 0) return { options };
      said.push(`${options.join(' ')}: ${stderr.trim().split('\n').at(-1) ?? ''}`);
      // Other limits do not help a runtime that is not there or does not want this host.
      if (!/rlimit/.test(stderr)) break;
    }
  }
  throw new HarnessError('SQ_LAB', `No container starts on this host. ${said.join(' | ')}`, {
    remedy: 'Install runc or crun, and run as root; each try is in the message.',
  });
}
