import { analyse } from '../analysis/index.ts';
import type { Evidence } from '../model/evidence.ts';
import { judge } from '../verdict/index.ts';
import { writeReports } from '../report/index.ts';
import type { RunFolder } from '../ports/run-folder.ts';
import type { Outcome } from './outcome.ts';

/** From evidence to verdict and reports; no cloud is near. Repeating it on a stored run gives the same bytes. */
export async function conclude(evidence: Evidence, folder: RunFolder): Promise<Outcome> {
  const analysis = analyse(evidence);
  await folder.write('analysis.json', analysis);
  const verdict = judge(evidence, analysis);
  await folder.write('verdict.json', verdict);
  const { files, troubles } = await writeReports(folder, { evidence, analysis, verdict });
  return { evidence, analysis, verdict, files, troubles };
}
