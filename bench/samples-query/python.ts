import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What benches install is kept here from one call to the next. */
export const CACHE = process.env['SQUALL_BENCH_CACHE'] ?? join(homedir(), '.cache', 'squall-bench');

/** Runs a program to its end. @throws where it is missing or fails, with what it said. */
export function call(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): string {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    timeout: 600_000,
    env: { ...process.env, ...environment },
  });
  if (error !== undefined) throw new Error(`${program} cannot be run: ${error.message}`);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${String(status)}: ${stderr}`);
  return stdout;
}

/** A Python that has DuckDB and pandas. @throws where there is no Python. */
export const pythonWithQueries = (): string =>
  pythonWith('python', { duckdb: 'duckdb', pandas: 'pandas', pyarrow: 'pyarrow' });

/**
 * A Python in an environment of its own, made once.
 * @param name of the environment.
 * @param packages what it has: modules by the names of their packages.
 * @throws where there is no Python.
 */
export function pythonWith(name: string, packages: Readonly<Record<string, string>>): string {
  const place = join(CACHE, name);
  const python = join(place, 'bin', 'python');
  const modules = Object.values(packages).join(',');
  const complete = existsSync(python) && spawnSync(python, ['-c', `import ${modules}`]).status === 0;
  if (complete) return python;
  mkdirSync(CACHE, { recursive: true });
  call('python3', ['-m', 'venv', place]);
  call(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...Object.keys(packages)]);
  return python;
}
