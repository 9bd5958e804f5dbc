import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaseResult, SuiteFile } from '../../src/model/conformance.ts';
import type { Duration } from '../../src/model/duration.ts';
import type { LabConnection } from '../../src/ports/lab.ts';
import type { FromLane, Lane, LaneLauncher } from '../../src/ports/lanes.ts';
import { inProcessLanes } from '../../test/suites/in-process-lanes.ts';
import { runInProcess } from '../../test/suites/run-in-process.ts';

/** What stands between the cases and their cloud: it is told which case runs, and rewrites URLs to lead through itself. */
export interface Between {
  by: string;
  rewritten(text: string): string;
}

export interface FileRun {
  readonly file: SuiteFile;
  readonly connection: Required<Pick<LabConnection, 'cloudsYaml' | 'cloud'>>;
  /** Names of what is made begin with it, so that a replay makes the same. */
  readonly named: string;
  readonly caseTimeout: Duration;
  /** Once this case has ended nothing more is run. Default: all of the file. */
  readonly until?: string;
}

/** Runs a suite file through `between`, in this process and in one lane. */
export async function runFile(order: FileRun, between: Between): Promise<readonly CaseResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'squall-cloud-mutations-'));
  const cloudsYaml = join(folder, 'clouds.yaml');
  writeFileSync(cloudsYaml, between.rewritten(readFileSync(order.connection.cloudsYaml, 'utf8')), {
    mode: 0o600,
  });
  const connection = { cloudsYaml, cloud: order.connection.cloud };
  const results: CaseResult[] = [];
  const over = new AbortController();
  const heard = (message: FromLane): void => {
    if (message.kind === 'started') between.by = message.id;
    if (message.kind === 'result') results.push(message.result);
    if (message.kind === 'result' && message.result.id === order.until) over.abort();
  };
  try {
    await runInProcess(
      {
        run: order.named,
        selection: { suites: [order.file.name], tags: [] },
        files: [order.file],
        connection,
        abilities: ['openstack', 'whole-openstack'],
        lanes: 1,
        caseTimeout: order.caseTimeout,
      },
      { lanes: listening(inProcessLanes(connection), heard) },
      over.signal,
    );
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function listening(lanes: LaneLauncher, heard: (message: FromLane) => void): LaneLauncher {
  return {
    launch: (assignment): Lane => {
      const lane = lanes.launch(assignment);
      return {
        send: (message) => lane.send(message),
        onMessage: (listener) =>
          lane.onMessage((message) => {
            heard(message);
            listener(message);
          }),
        exited: lane.exited,
        kill: () => lane.kill(),
      };
    },
  };
}
