import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RunFolderOnDisk } from '../../src/adapters/system/run-folder-on-disk.ts';
import { analyse } from '../../src/analysis/index.ts';
import { Secret } from '../../src/model/secret.ts';
import { writeReports, type ReportInput } from '../../src/report/index.ts';
import { readEvidence } from '../../src/run/read-evidence.ts';
import { judge } from '../../src/verdict/index.ts';
import { realisticInput } from '../../test/report/fixture.ts';
import { HOSTILE_NAMES, hostileInput } from '../../test/report/hostile-input.ts';
import { allureCounts } from './allure.ts';
import { checkFormats, JUNIT_SCHEMA } from './check-formats.ts';

const { values } = parseArgs({
  options: {
    /** A run folder that a real run wrote. */
    run: { type: 'string', default: 'reports/example' },
    'junit-schema': { type: 'string', default: JUNIT_SCHEMA },
    allure: { type: 'boolean', default: true },
  },
  allowNegative: true,
});

/** Nobody knows it but this bench, and it stands wherever a foreign text may stand. */
const CANARY = new Secret('cAnArY-4d1f0e7b9a');

const evidence = await readEvidence(new RunFolderOnDisk(values.run));
const analysis = analyse(evidence);
const real: ReportInput = { evidence, analysis, verdict: judge(evidence, analysis) };
const inputs: Readonly<Record<string, ReportInput>> = {
  real,
  drawn: realisticInput(),
  canary: hostileInput(`before ${CANARY.reveal()} after`),
  ...Object.fromEntries(HOSTILE_NAMES.map((name, index) => [`hostile-${index}`, hostileInput(name)])),
};

const root = mkdtempSync(join(tmpdir(), 'squall-formats-'));
const faults: string[] = [];
try {
  const runs = join(root, 'runs');
  for (const [name, input] of Object.entries(inputs)) {
    mkdirSync(join(runs, name), { recursive: true });
    const { troubles } = await writeReports(new RunFolderOnDisk(join(runs, name)), input, {
      secrets: [CANARY],
    });
    faults.push(...troubles.map((says) => `${name}: ${says}`));
  }
  const files = readdirSync(runs, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  for (const { parentPath, name } of files)
    if (readFileSync(join(parentPath, name)).includes(CANARY.reveal()))
      faults.push(`${name} tells the canary`);
  const { faults: found, counts } = checkFormats(runs, values['junit-schema']);
  faults.push(...found);
  if (values.allure) faults.push(...compareAllure(join(runs, 'real'), join(root, 'allure')));
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  const ok = faults.length === 0;
  process.stdout.write(
    `${JSON.stringify({ bench: 'formats', target: 0, ok, files: files.length, ...counts, faults: faults.length })}\n`,
  );
  process.exitCode = ok ? 0 : 1;
} finally {
  rmSync(root, { recursive: true, force: true });
}

/** Allure's own report has as many results of each status as were written. */
function compareAllure(run: string, output: string): readonly string[] {
  const written: Record<string, number> = {};
  const results = join(run, 'allure-results');
  for (const file of readdirSync(results).filter((name) => name.endsWith('-result.json'))) {
    const { status } = JSON.parse(readFileSync(join(results, file), 'utf8')) as { status: string };
    written[status] = (written[status] ?? 0) + 1;
  }
  const counted = allureCounts(results, output);
  return Object.entries(written)
    .filter(([status, count]) => counted[status] !== count)
    .map(([status, count]) => `Allure counts ${counted[status] ?? 0} results that ${status}, not ${count}`);
}
