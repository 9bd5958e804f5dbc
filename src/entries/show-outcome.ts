import type { RunFolder } from '../ports/run-folder.ts';
import { terminalSummary } from '../report/index.ts';
import type { Outcome } from '../run/outcome.ts';
import { hasColour } from './open-progress.ts';
import { showPath } from './places.ts';
import type { Settings } from './settings.ts';

/** The last lines of a run, on stdout: for people, or the verdict as JSON. */
export async function showOutcome(outcome: Outcome, folder: RunFolder, settings: Settings): Promise<void> {
  for (const trouble of outcome.troubles) process.stderr.write(`squall: ${trouble}\n`);
  if (settings.output === 'json') {
    const { run } = outcome.evidence;
    process.stdout.write(
      `${JSON.stringify({ schemaVersion: 1, run: run.id, seed: run.seed, folder: folder.path, verdict: outcome.verdict }, null, 2)}\n`,
    );
    return;
  }
  const summary = terminalSummary(outcome, {
    colour: hasColour(process.env, process.stdout),
    width: process.stdout.columns ?? 100,
    folder: showPath(folder.path, process.cwd()),
  });
  process.stdout.write(summary);
  const { error } = outcome.evidence.end;
  if (error !== undefined) process.stderr.write(`squall: ${error.says}\n  ${error.code}: ${error.remedy}\n`);
}
