import { describeError, HarnessError } from '../../model/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CloudAccount } from '../../ports/openstack.ts';
import type { RunCommand } from '../../ports/run-command.ts';
import type {
  EngineEnd,
  EngineEvent,
  EngineOrder,
  EngineTest,
  OpenEngine,
  SuiteEngine,
} from '../../ports/suite-engine.ts';
import { describeTest } from './describe-test.ts';
import { discoverCloud } from './discover-cloud.ts';
import { ResultsFollower } from './follow-results.ts';
import { installTempest } from './install-tempest.ts';
import { openWorkspace } from './open-workspace.ts';
import { createMask } from './read-attachments.ts';
import { SubunitReader } from './read-subunit.ts';
import { runProgram, type ProgramEnd, type ProgramOrder } from './run-program.ts';
import { TEMPEST } from './tempest-version.ts';
import { writeConfiguration } from './write-configuration.ts';

export interface TempestOrder {
  readonly clock: Clock;
  readonly runCommand: RunCommand;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the virtual environment is kept; may be deleted at any time. */
  readonly cacheFolder: string;
  /** The Python to install it with. Default the first that is found. */
  readonly interpreter?: string;
  /** How the cloud is entered; its password goes into the workspace and nowhere else. */
  readonly account: () => Promise<CloudAccount>;
}

/** The real Tempest, from PyPI, in a virtual environment of its own. */
export function createTempest(order: TempestOrder): SuiteEngine {
  return {
    name: 'tempest',
    async open(engineOrder, report, signal) {
      const account = await order.account();
      const facts = await discoverCloud(engineOrder.openstack, signal);
      const write = (workspace: string): ReturnType<typeof writeConfiguration> =>
        writeConfiguration({ facts, account, prefix: engineOrder.prefix, workspace });
      // A cloud that Tempest cannot enter is refused before anything is installed.
      write('/');
      const { python } = await installTempest(order, report, signal);
      const workspace = await openWorkspace(write);
      const mask = createMask(account.password === undefined ? [] : [account.password]);
      return openTempest(order, engineOrder, { python, workspace, mask });
    },
  };
}

interface Parts {
  readonly python: string;
  readonly workspace: Awaited<ReturnType<typeof openWorkspace>>;
  readonly mask: (text: string) => string;
}

function openTempest(
  { clock, environment }: TempestOrder,
  { testTimeout }: EngineOrder,
  { python, workspace, mask }: Parts,
): OpenEngine {
  const { mostWorkers, notes } = workspace.configuration;
  const start = (
    words: readonly string[],
    onBytes: ProgramOrder['onBytes'],
    signal: AbortSignal,
  ): Promise<ProgramEnd> =>
    runProgram(
      {
        python,
        workspace: workspace.path,
        arguments: ['run', '--config-file', workspace.configurationFile, ...words],
        clock,
        environment,
        testTimeoutSeconds: Math.ceil(testTimeout.ms / 1000),
        onBytes,
      },
      signal,
    );
  const version = `Tempest ${TEMPEST.version}`;
  return {
    version,
    notes,
    ...(mostWorkers === undefined ? {} : { mostWorkers }),
    tests: (signal) => listTests(start, mask, signal),
    async run(tests, { workers, heard }, signal) {
      const file = await workspace.writeList(tests.map(({ id }) => id));
      const words = ['--subunit', '--load-list', file, '--concurrency', String(workers)];
      return follow((onBytes, stop) => start(words, onBytes, stop), { tests, mask, heard }, signal);
    },
    close: () => workspace.remove(),
  };
}

type Start = (
  words: readonly string[],
  onBytes: ProgramOrder['onBytes'],
  signal: AbortSignal,
) => Promise<ProgramEnd>;

async function listTests(
  start: Start,
  mask: (text: string) => string,
  signal: AbortSignal,
): Promise<readonly EngineTest[]> {
  const parts: Uint8Array[] = [];
  const ended = await start(['--list-tests'], (bytes) => void parts.push(bytes), signal);
  signal.throwIfAborted();
  const lines = Buffer.concat(parts).toString('utf8').split('\n');
  const tests = lines.map(describeTest).filter((test) => test !== undefined);
  if (ended.code === 0 && tests.length > 0) return tests;
  throw new HarnessError(
    'SQ_ENGINE',
    `Tempest ${TEMPEST.version} could not list its tests: ${mask(endOf(ended, lines.join('\n')))}`,
    { remedy: 'Delete the folder `tempest` of Squall’s cache, so that it is installed again.' },
  );
}

export interface Following {
  readonly tests: readonly EngineTest[];
  readonly mask: (text: string) => string;
  readonly heard: (event: EngineEvent) => void;
}

/**
 * Follows the stream of a program until it has ended. A stream that cannot be read any more ends the program, for what it would
 * say then is lost.
 */
export async function follow(
  start: (onBytes: (bytes: Uint8Array) => void, signal: AbortSignal) => Promise<ProgramEnd>,
  { tests, mask, heard }: Following,
  signal: AbortSignal,
): Promise<EngineEnd> {
  const reader = new SubunitReader();
  const follower = new ResultsFollower(tests, mask);
  const unreadable = new AbortController();
  let failed = false;
  const listen = (bytes: Uint8Array): void => {
    for (const packet of reader.feed(bytes))
      for (const event of follower.take(packet)) {
        failed ||= event.kind !== 'started' && event.outcome !== 'passed' && event.outcome !== 'skipped';
        heard(event);
      }
    if (reader.trouble !== undefined) unreadable.abort();
  };
  try {
    const ended = await start(listen, AbortSignal.any([signal, unreadable.signal]));
    reader.end();
    const trouble = reader.trouble ?? troubleOf(ended, failed, follower.complete);
    return trouble === undefined ? {} : { trouble: mask(trouble) };
  } catch (error) {
    return { trouble: mask(describeError(error)) };
  }
}

/**
 * Where it writes a stream it ends with 0 also when tests failed, or when a worker of its own was killed, so only the stream tells
 * whether all is there.
 */
function troubleOf(ended: ProgramEnd, failed: boolean, complete: boolean): string | undefined {
  const inOrder = ended.code === 0 || (ended.code === 1 && failed);
  if (!inOrder) return endOf(ended, '');
  return complete ? undefined : 'Tempest ended, and one of its workers had not: nothing more was said.';
}

/** How it ended, with the last line of what it said. */
function endOf({ code, signal, says }: ProgramEnd, output: string): string {
  const how = code === null ? `was ended by ${signal ?? 'a signal'}` : `ended with exit code ${code}`;
  const last = `${output}\n${says}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .at(-1);
  return `Tempest ${how}${last === undefined ? '.' : `: ${last}`}`;
}
