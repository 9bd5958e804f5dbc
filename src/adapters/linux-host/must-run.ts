import { HarnessError } from '../../model/errors.ts';
import type { CommandOrder, RunCommand } from '../../ports/run-command.ts';

/**
 * Runs a program of this host that has to succeed; what it wrote is returned.
 * @throws SQ_LAB with the end of what it said.
 */
export async function mustRun(
  run: RunCommand,
  program: string,
  given: readonly string[],
  options: Partial<CommandOrder> = {},
  signal?: AbortSignal,
): Promise<string> {
  const { code, stdout, stderr } = await run({ ...options, program, arguments: given }, signal);
  if (code === 0) return stdout;
  const says = stderr.trim().split('\n').slice(-2).join(' ');
  throw new HarnessError(
    'SQ_LAB',
    `\`${program} ${given.join(' ')}\` failed: ${says === '' ? `exit code ${code}` : says}`,
    code === 127 ? { remedy: `Install the program ${program}; \`squall doctor\` lists what is needed.` } : {},
  );
}
