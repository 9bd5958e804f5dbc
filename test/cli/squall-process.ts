import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownHome } from './own-home.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A home of its own for each test: state, cache, configuration and run folders of no other run are near. */
export interface Home {
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

export async function makeHome(): Promise<Home> {
  const path = await mkdtemp(join(tmpdir(), 'squall-cli-'));
  const environment = {
    ...ownHome(path),
    SQUALL_OUTPUT_DIR: join(path, 'reports'),
    CI: 'true',
  };
  return {
    path,
    environment,
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stderr holds the text; rejects when the process ends without it. */
  says(text: string): Promise<void>;
}

/** The real program, compiled, as a user starts it. */
export function start(
  home: Home,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn(process.execPath, ['dist/cli/squall.mjs', ...args], {
    env: { ...home.environment, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return {
    child,
    ended,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (stderr.includes(text)) resolve();
        };
        child.stderr.on('data', look);
        child.on('close', () => reject(new Error(`it ended without saying ${text}:\n${stderr}`)));
        look();
      }),
  };
}

export const squall = (
  home: Home,
  args: readonly string[],
  more?: Readonly<Record<string, string>>,
): Promise<Ended> => start(home, args, more).ended;
