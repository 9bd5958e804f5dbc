import { describeError } from '../model/errors.ts';
import { maskSecrets, type Secret } from '../model/secret.ts';
import type { RunFolder } from '../ports/run-folder.ts';
import { cleanInput, cleanText } from './clean-input.ts';
import type { FolderReporter, Reporter, ReportInput } from './reporter.ts';
import { reporters as allReporters } from './reporter-registry.ts';

export interface WrittenReports {
  /** Files that were written, or folders of them, relative to the run folder, in the order of the reporters. */
  readonly files: readonly string[];
  /** One whole sentence for each report that could not be written. */
  readonly troubles: readonly string[];
}

export interface WriteReportsOptions {
  /** Credentials that this process knows; none of them reaches a file. */
  readonly secrets?: readonly Secret[];
  /** Default: all that are registered. */
  readonly reporters?: readonly (Reporter | FolderReporter)[];
}

/**
 * Renders and writes every report. A reporter that breaks, or whose file cannot be written, is told in `troubles`; it breaks
 * neither the run nor the other reports, so this never throws.
 */
export async function writeReports(
  folder: RunFolder,
  input: ReportInput,
  { secrets = [], reporters = allReporters }: WriteReportsOptions = {},
): Promise<WrittenReports> {
  const files: string[] = [];
  const troubles: string[] = [];
  const clean = cleanInput(input, secrets);
  for (const reporter of reporters) {
    try {
      const rendered = await filesOf(reporter, clean);
      for (const [file, bytes] of rendered) {
        await folder.write(file, typeof bytes === 'string' ? maskSecrets(bytes, secrets) : bytes);
      }
      if (rendered.length > 0) files.push(reporter.file);
    } catch (error) {
      const says = cleanText(describeError(error), secrets);
      troubles.push(
        `The report ${reporter.file} was not written, because reporter "${reporter.name}" failed: ${says}`,
      );
    }
  }
  return { files, troubles };
}

async function filesOf(
  reporter: Reporter | FolderReporter,
  input: ReportInput,
): Promise<readonly (readonly [string, string | Uint8Array])[]> {
  if ('renderAll' in reporter) return reporter.renderAll(input).map(({ file, content }) => [file, content]);
  return [[reporter.file, await reporter.render(input)]];
}
