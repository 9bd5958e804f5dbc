import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** One request of a suite file and its answer, as the cloud gave it. */
export interface Recorded {
  /** The case that asked; empty for what the file shares. */
  readonly by: string;
  readonly method: string;
  /** With the host in front, as the proxies write it: `/127.0.0.1_5000/v3/auth/tokens`. */
  readonly path: string;
  /** The microversion that was asked for; empty without one. */
  readonly version: string;
  /** Whose request it was, by the token: the same answer gives the same token in a replay. */
  readonly token: string;
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
    const recording = JSON.parse(readFileSync(file, 'utf8')) as Recording;
    return { ...recording, exchanges: withoutWaiting(recording.exchanges) };
  } catch {
    return undefined;
  }
}

export function writeRecording(file: string, recording: Recording): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(recording));
}

/** Whoever waits looks again and again: of what is read between two writes the last answer stays, so that a replay need not wait. */
function withoutWaiting(exchanges: readonly Recorded[]): readonly Recorded[] {
  const later = new Set<string>();
  const kept = exchanges.toReversed().filter(({ by, method, path, version, token }) => {
    if (method !== 'GET') {
      later.clear();
      return true;
    }
    const key = `${by} ${token} ${version} ${path}`;
    const isLast = !later.has(key);
    later.add(key);
    return isLast;
  });
  return kept.toReversed();
}
