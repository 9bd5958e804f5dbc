import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageFolder } from '../../src/entries/places.ts';
import { CUSTODY_MUTANTS, type Mutant } from './custody-mutants.ts';

/**
 * `npx tsx bench/mutants/mutants.ts [word]`: breaks each promise in a copy of the sources, and sees the named test fail, which passes
 * where nothing is broken. About a minute.
 */
const NEEDED = [
  'src',
  'suites',
  'bench',
  'test',
  'chaos-plans',
  'docs',
  'schema',
  'package.json',
  'tsconfig.json',
];
const PATIENCE_MS = 120_000;

const word = process.argv[2] ?? '';
const copy = await mkdtemp(join(tmpdir(), 'squall-mutants-'));

interface Ran {
  readonly ok: boolean;
  readonly says: string;
}

function runTest(test: string): Promise<Ran> {
  const given = ['-n', 'import=tsx', '--reporter', 'spec', '--no-color', test];
  return promisify(execFile)(join('node_modules', '.bin', 'mocha'), given, {
    cwd: copy,
    timeout: PATIENCE_MS,
  }).then(
    ({ stdout }) => ({ ok: true, says: stdout }),
    (error: { stdout?: string; stderr?: string }) => ({
      ok: false,
      says: `${error.stdout ?? ''}${error.stderr ?? ''}`,
    }),
  );
}

/** @returns what is wrong with the proof; undefined when the test noticed. */
async function tryMutant({ file, good, bad, test, noticedBy }: Mutant): Promise<string | undefined> {
  const path = join(copy, file);
  const source = await readFile(path, 'utf8');
  if (source.split(good).length !== 2) return `${file} has its line ${source.split(good).length - 1} times`;
  await writeFile(
    path,
    source.replace(good, () => bad),
  );
  try {
    const { ok, says } = await runTest(test);
    if (ok) return 'nothing noticed it';
    const failed = says.split('\n').filter((line) => /^\s*\d+\) /.test(line));
    if (failed.some((line) => line.includes(noticedBy))) return undefined;
    return `something else failed: ${failed.join(' ').trim() || says.slice(-400)}`;
  } finally {
    await writeFile(path, source);
  }
}

let wrong = 0;
const mutants = CUSTODY_MUTANTS.filter(({ name }) => name.includes(word));
try {
  for (const name of NEEDED) await cp(join(packageFolder(), name), join(copy, name), { recursive: true });
  await symlink(join(packageFolder(), 'node_modules'), join(copy, 'node_modules'));
  for (const test of new Set(mutants.map((mutant) => mutant.test))) {
    const { ok, says } = await runTest(test);
    if (!ok) throw new Error(`${test} does not pass as it is:\n${says.slice(-2000)}`);
  }
  for (const mutant of mutants) {
    const says = await tryMutant(mutant);
    if (says !== undefined) wrong += 1;
    process.stdout.write(`${mutant.name}: ${says ?? `noticed by "${mutant.noticedBy}" in ${mutant.test}`}\n`);
  }
} finally {
  await rm(copy, { recursive: true, force: true });
}
process.stdout.write(
  `${JSON.stringify({ bench: 'mutants', ok: wrong === 0, mutants: mutants.length, noticed: mutants.length - wrong })}\n`,
);
process.exitCode = wrong === 0 ? 0 : 1;
