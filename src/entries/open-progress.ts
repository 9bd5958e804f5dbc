import type { Clock } from '../ports/clock.ts';
import type { Progress, ProgressEvent } from '../ports/progress.ts';
import type { RunFolder } from '../ports/run-folder.ts';
import type { Settings } from './settings.ts';
import { createProgress } from './terminal-progress.ts';

/** Shows progress on stderr, live on a terminal and as plain lines elsewhere, and keeps all of it in the run's `log.ndjson`. */
export async function openProgress(
  settings: Settings,
  clock: Clock,
): Promise<{ readonly into: (folder: RunFolder) => Progress; readonly close: () => void }> {
  const interactive = isInteractive(process.env);
  const shown = await createProgress({
    stream: process.stderr,
    interactive,
    colour: hasColour(process.env),
    clock,
  });
  const wanted = filterOf(settings);
  return {
    into: (folder) => ({
      report(event) {
        folder.append('log.ndjson', {
          at: clock.wall(),
          ...(event.kind === 'case'
            ? { kind: 'case', id: event.result.id, outcome: event.result.outcome }
            : event),
        });
        if (wanted(event)) shown.report(event);
      },
    }),
    close: () => shown.close(),
  };
}

function filterOf({ logLevel }: Settings): (event: ProgressEvent) => boolean {
  if (logLevel === 'silent') return () => false;
  if (logLevel === 'warn') return (event) => event.kind === 'note' && event.level === 'warning';
  return () => true;
}

type Environment = Readonly<Record<string, string | undefined>>;

const isSet = (value: string | undefined): boolean =>
  value !== undefined && value !== '' && value !== 'false';

export function isInteractive(environment: Environment): boolean {
  return process.stderr.isTTY && !isSet(environment.CI) && environment.TERM !== 'dumb';
}

export function hasColour(
  environment: Environment,
  stream: { readonly isTTY?: boolean } = process.stderr,
): boolean {
  if (isSet(environment.NO_COLOR)) return false;
  return isSet(environment.FORCE_COLOR) || (stream.isTTY === true && !isSet(environment.CI));
}
