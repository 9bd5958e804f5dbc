import { pathToFileURL } from 'node:url';
import type { SuiteFile } from '../model/conformance.ts';
import { HarnessError } from '../model/errors.ts';
import type { Define, SuiteDefinition, SuiteOptions } from './suite-definition.ts';

/** Where `suite` leaves what a file defines while that file is being loaded. */
interface SuiteBinding {
  collecting: SuiteDefinition[] | undefined;
  /** One load at a time: while a file is being evaluated, `suite` cannot know who asked for it. */
  turn: Promise<unknown>;
  readonly loaded: Map<string, readonly SuiteDefinition[]>;
}

/**
 * The one process global of this folder. A suite file is loaded by `import`, which hands it no argument, so `suite` can learn
 * only from its surroundings who is loading. It hangs on the global object and not on this module because a user's suite that
 * imports the published package gets a second copy of this module, and both must meet.
 */
const BINDING = Symbol.for('squall.dev/conformance/binding');

function binding(): SuiteBinding {
  const holder = globalThis as { [BINDING]?: SuiteBinding };
  holder[BINDING] ??= { collecting: undefined, turn: Promise.resolve(), loaded: new Map() };
  return holder[BINDING];
}

/**
 * Defines the suite of this file. `name` is `<service>/<behaviour>`, as the file's path says it. `define` only declares cases
 * and hooks: it runs once for each listing and round, and must not touch the system.
 * @throws SQ_SUITE when the file was not loaded by Squall.
 */
export function suite(name: string, options: SuiteOptions, define: Define): void {
  const { collecting } = binding();
  if (collecting === undefined) {
    throw new HarnessError(
      'SQ_SUITE',
      `The suite ${name} was loaded by something other than Squall; run it with \`squall test ${name}\`.`,
    );
  }
  collecting.push({ name, options, define });
}

/**
 * Loads a suite file, once in a process.
 *
 * An ES module is evaluated once in a process, and mocha's `loadFilesAsync` loads through `require` where Node can, which caches
 * too and ignores queries. So a file is not loaded again for another round: its definition is kept, and defined again.
 * @throws SQ_SUITE when the file cannot be loaded, or does not define exactly the suite that its path names.
 */
export async function loadSuite(file: SuiteFile): Promise<SuiteDefinition> {
  const definition = await loadOnlySuite(file);
  if (definition.name !== file.name) {
    throw new HarnessError(
      'SQ_SUITE',
      `The file of suite ${file.name} defines the suite ${definition.name}; the two names should be the same.`,
    );
  }
  return definition;
}

/**
 * The suite of a file of the user's own, under the name that the file itself gives it.
 * @throws SQ_SUITE as `loadSuite` does, but for the name.
 */
export async function ownSuite(path: string): Promise<SuiteFile> {
  const { name } = await loadOnlySuite({ name: path, path });
  return { name, path };
}

async function loadOnlySuite(file: SuiteFile): Promise<SuiteDefinition> {
  const ours = binding();
  const load = ours.turn.then(() => evaluate(file, ours));
  ours.turn = load.catch(() => undefined);
  const definitions = await load;
  const [definition] = definitions;
  if (definition !== undefined && definitions.length === 1) return definition;
  throw new HarnessError(
    'SQ_SUITE',
    `The file of suite ${file.name} defines ${definitions.length} suites; it should define one.`,
  );
}

async function evaluate(file: SuiteFile, ours: SuiteBinding): Promise<readonly SuiteDefinition[]> {
  const known = ours.loaded.get(file.path);
  if (known !== undefined) return known;
  const collected: SuiteDefinition[] = [];
  ours.collecting = collected;
  try {
    await import(pathToFileURL(file.path).href);
  } catch (cause) {
    const says = cause instanceof Error ? cause.message : String(cause);
    throw new HarnessError('SQ_SUITE', `The suite ${file.name} could not be loaded: ${says}`, { cause });
  } finally {
    ours.collecting = undefined;
  }
  ours.loaded.set(file.path, collected);
  return collected;
}
