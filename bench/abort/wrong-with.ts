import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../../src/model/exit-code.ts';
import type { RunEnd } from '../../src/model/evidence.ts';
import { ReportSchema } from '../../src/report/report-schema.ts';
import { reporters } from '../../src/report/index.ts';
import type { Moment, StoppedRun } from './stopped-run.ts';

const COMPUTED = ['analysis.json', 'verdict.json'];

/** Written only where another engine ran beside ours. */
const SELDOM = ['agreement.md'];

const read = <T>(folder: string, file: string): T =>
  JSON.parse(readFileSync(join(folder, file), 'utf8')) as T;

/** Files of the promise that are missing or empty. */
function lacking(folder: string): readonly string[] {
  return [...COMPUTED, ...reporters.map(({ file }) => file)]
    .filter((file) => !SELDOM.includes(file))
    .filter((file) => {
      const path = join(folder, file);
      if (!existsSync(path)) return true;
      return statSync(path).isDirectory() ? readdirSync(path).length === 0 : statSync(path).size === 0;
    });
}

/** What two formats that people read must have; the others are read by parsers of others, all at once. */
function wrongWithText(folder: string): readonly string[] {
  const page = readFileSync(join(folder, 'report.html'), 'utf8');
  const summary = readFileSync(join(folder, 'summary.md'), 'utf8');
  return [
    ...(page.startsWith('<!doctype html>') && page.trimEnd().endsWith('</html>')
      ? []
      : ['report.html is cut']),
    ...(/^#+ /.test(summary) ? [] : ['summary.md has no heading']),
  ];
}

/** What is wrong with what a stopped run left behind. One that had done all before the signal came may end as it would have. */
export function wrongWithStopped(run: StoppedRun, { signal }: Moment): readonly string[] {
  const { folder, code } = run;
  if (folder === undefined) return ['there is no run folder'];
  const missing = lacking(folder);
  if (missing.length > 0) return [`exit ${String(code)}, and not written: ${missing.join(', ')}`];
  const end = read<RunEnd>(folder, 'end.json');
  const report = ReportSchema.parse(read(folder, 'report.json'));
  const expected = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
  const stopped = end.reason === 'stopped';
  const junit = readFileSync(join(folder, 'junit.xml'), 'utf8');
  return [
    ...(report.verdict.exitCode === code
      ? []
      : [`report.json says exit ${report.verdict.exitCode}, it was ${String(code)}`]),
    ...(stopped || end.reason === 'complete' ? [] : [`it ended ${end.reason}: ${end.error?.says ?? ''}`]),
    ...(stopped && code !== expected ? [`exit ${String(code)} instead of ${expected}`] : []),
    ...(stopped && end.signal !== signal
      ? [`it says that it was stopped by ${end.signal ?? 'no signal'}`]
      : []),
    ...(stopped && report.verdict.truth === 'pass' ? ['it passed'] : []),
    ...(stopped && !/the run came to its end[\s\S]*<error/.test(junit)
      ? ['junit.xml does not say that it was stopped']
      : []),
    ...report.openFaults.map((fault) => `${fault} is open`),
    ...wrongWithText(folder),
  ];
}

/** What is wrong with the reports that were made afterwards of a run that was killed. */
export function wrongWithKilled(folder: string): readonly string[] {
  const missing = lacking(folder);
  if (missing.length > 0) return [`not written afterwards: ${missing.join(', ')}`];
  const report = ReportSchema.parse(read(folder, 'report.json'));
  const complete =
    existsSync(join(folder, 'end.json')) && read<RunEnd>(folder, 'end.json').reason === 'complete';
  return [...(report.verdict.truth === 'pass' && !complete ? ['it passed'] : []), ...wrongWithText(folder)];
}
