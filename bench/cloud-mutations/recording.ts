import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** One request of a suite file and its answer, as the cloud gave it. */
export interface Recorded {
  /** The case that asked; empty for what the file shares. */
  readonly by: string;
  readonly method: string;
  /** With the host in front, as the proxies write it: `/127.0.0.1_5000/v3/auth/tokens`. */
  readonly path: string;
  /** As it was sent. */
  readonly asked: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** All that a suite file asked of a cloud in one run, and which of its cases passed. */
export interface Recording {
  /** How the names of what was made begin; a replay makes the same. */
  readonly named: string;
  readonly passed: readonly string[];
  readonly exchanges: readonly Recorded[];
}

export function readRecording(file: string): Recording | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Recording;
  } catch {
    return undefined;
  }
}

/** Of a case that waits, only the answers that differ from the one before are kept: a replay need not wait. */
export function writeRecording(file: string, { named, passed, exchanges }: Recording): void {
  const last = new Map<string, string>();
  const kept = exchanges.filter(({ by, method, path, status, text }) => {
    const key = `${by} ${method} ${path}`;
    const answer = `${status} ${text}`;
    const isNew = method !== 'GET' || last.get(key) !== answer;
    last.set(key, answer);
    return isNew;
  });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ named, passed, exchanges: kept }));
}
