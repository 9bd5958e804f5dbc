import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ownSuite } from '../conformance/load-suite.ts';
import type { SuiteFile } from '../model/conformance.ts';
import { describeError, HarnessError } from '../model/errors.ts';

/** Suites of the user's own, and what a process that loads them must be started with. */
export interface OwnSuites {
  readonly files: readonly SuiteFile[];
  /** Options of Node: the loader of TypeScript, where it needs one. */
  readonly loaders: readonly string[];
}

/**
 * Loads each file once, in this process, to learn the name that it gives itself.
 * @throws SQ_SUITE when a file is not there or cannot be loaded, or is TypeScript and no loader can be found.
 */
export async function readOwnSuites(paths: readonly string[]): Promise<OwnSuites> {
  for (const path of paths) {
    if (!existsSync(path)) throw new HarnessError('SQ_SUITE', `The suite ${path} is not there.`);
  }
  const loaders = paths.some((path) => /\.[cm]?ts$/.test(path)) ? await loadTypeScript() : [];
  return { files: await Promise.all(paths.map((path) => ownSuite(resolve(path)))), loaders };
}

/** Node takes TypeScript as it is from 22.18 on; before, `tsx` does, as the user installed it. */
async function loadTypeScript(): Promise<readonly string[]> {
  if ('typescript' in process.features && process.features.typescript !== false) return [];
  const require = createRequire(join(process.cwd(), 'package.json'));
  let loader: string;
  let registration: string;
  try {
    loader = require.resolve('tsx');
    // `require` is answered with the CommonJS form, which cannot be imported; the other lies beside it.
    registration = require.resolve('tsx/esm/api').replace(/\.cjs$/, '.mjs');
  } catch (error) {
    throw new HarnessError(
      'SQ_SUITE',
      `A suite in TypeScript needs a loader on Node ${process.versions.node}: ${describeError(error)}`,
      {
        cause: error,
        remedy: 'Run `npm install tsx` here, or use Node 22.18 or newer.',
      },
    );
  }
  const { register } = (await import(pathToFileURL(registration).href)) as {
    register: () => () => Promise<void>;
  };
  register();
  return ['--import', pathToFileURL(loader).href];
}
