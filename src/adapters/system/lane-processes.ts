import { fork, type ChildProcess } from 'node:child_process';
import type { FromLane, Lane, LaneAssignment, LaneLauncher } from '../../ports/lanes.ts';
import type { EntryPath } from './entry-path.ts';

/** The end of a lane's error output that is worth keeping. */
const LAST_WORDS = 4000;

/**
 * Lanes as child processes, each in a session of its own. The assignment is the first message.
 * @param loaders further options of Node, such as a loader for suites in TypeScript.
 */
export function createLaneLauncher(entry: EntryPath, loaders: readonly string[] = []): LaneLauncher {
  return {
    launch(assignment: LaneAssignment): Lane {
      const child = fork(entry.path, [], {
        detached: true,
        execArgv: [...entry.execArgv, ...loaders],
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      });
      child.send(assignment);
      return laneOver(child);
    },
  };
}

function laneOver(child: ChildProcess): Lane {
  let says = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    says = (says + text).slice(-LAST_WORDS);
  });
  // Sending to a lane that has just died must not end the harness: `exited` says so already.
  child.on('error', () => undefined);
  return {
    send: (message) => {
      if (child.connected) child.send(message, () => undefined);
    },
    onMessage: (listener) => {
      child.on('message', (message) => listener(message as FromLane));
    },
    exited: new Promise((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal, says: says.trim() }));
      child.once('error', (error) => resolve({ code: null, signal: null, says: error.message }));
    }),
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}
