import { existsSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CACHE, call } from '../samples-query/python.ts';

/** Programs of CI systems, by the ordinary clients of their registries, installed once. */
const place = (name: string): string => {
  const folder = join(CACHE, 'pipelines', name);
  mkdirSync(folder, { recursive: true });
  return folder;
};

/** @param module with its version; the last part of its path is the program's name. @throws where Go is missing. */
export function goProgram(module: string): string {
  const [path = '', version = ''] = module.split('@');
  const folder = place(`go-${basename(path)}-${version}`);
  const program = join(folder, basename(path));
  if (!existsSync(program)) call('go', ['install', module], { GOBIN: folder });
  return program;
}

/** @param name of the package and of its program. Scripts of packages are not run. @returns the folder with all programs. */
export function npmPrograms(name: string, packages: readonly string[]): string {
  const folder = place(name);
  const programs = join(folder, 'node_modules', '.bin');
  if (!existsSync(programs))
    call('npm', [
      'install',
      '--prefix',
      folder,
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--silent',
      ...packages,
    ]);
  return programs;
}

/** Zuul's executor runs playbooks by Ansible, whose collections are among the packages of `ansible`. */
const PYTHON = ['ansible==11.*', 'ansible-lint', 'yamllint', 'kubernetes-validate', 'zuul==14.3.0'];

/** @returns the folder with all programs of an own Python. @throws where there is no Python. */
export function pythonPrograms(): string {
  const folder = place('python');
  const programs = join(folder, 'bin');
  if (!existsSync(join(programs, 'zuul-web'))) {
    call('python3', ['-m', 'venv', folder]);
    call(join(programs, 'python'), [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      ...PYTHON,
    ]);
  }
  return programs;
}

/** @param artifact as `group:name:version`. @returns the archive. */
export function mavenArchive(artifact: string): string {
  const folder = place('maven');
  const [, name = '', version = ''] = artifact.split(':');
  const archive = join(folder, `${name}-${version}.jar`);
  if (!existsSync(archive))
    call('mvn', [
      '--batch-mode',
      '--quiet',
      'dependency:copy',
      `-Dartifact=${artifact}`,
      `-DoutputDirectory=${folder}`,
    ]);
  return archive;
}
