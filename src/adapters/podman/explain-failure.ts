import { HarnessError } from '../../model/errors.ts';
import type { CommandResult } from '../../ports/run-command.ts';

interface Known {
  readonly pattern: RegExp;
  readonly remedy: string;
}

/** What podman says, and what helps. */
const KNOWN: readonly Known[] = [
  {
    pattern: /address already in use|subnet .* (is already used|overlaps)|already used on the host/i,
    remedy: 'Another network of this host has that subnet; `podman network ls` names it.',
  },
  {
    pattern: /name .* is (already )?in use|network already exists/i,
    remedy: 'Something of an earlier lab is left: run `squall lab down --lab reference`.',
  },
  {
    pattern: /error setting rlimit|operation not permitted/i,
    remedy: 'This process may not do that here: run as root, outside of an unprivileged container.',
  },
  { pattern: /no space left on device/i, remedy: 'Free some space on the disk that is named.' },
  {
    pattern: /image not known|no such image/i,
    remedy: 'The image of the nodes is gone; `squall lab up --lab reference` makes it again.',
  },
  {
    pattern: /cgroups?.*(hybrid|v1|v2)/i,
    remedy: 'Install runc beside crun, or boot with one version of control groups.',
  },
];

/** @param what follows "could not". */
export function explainFailure(what: string, result: CommandResult): HarnessError {
  const says = result.stderr
    .trim()
    .split('\n')
    .slice(-3)
    .join(' ')
    .replace(/^Error: /, '');
  const remedy = KNOWN.find(({ pattern }) => pattern.test(result.stderr))?.remedy;
  const why = result.code === 124 ? 'it took too long' : says === '' ? `exit code ${result.code}` : says;
  return new HarnessError('SQ_LAB', `podman could not ${what}: ${why}`, {
    // A command that was ended may have done it all the same.
    definite: result.code !== 124,
    ...(remedy === undefined ? {} : { remedy }),
  });
}
