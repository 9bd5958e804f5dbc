import type { Duration } from '../model/duration.ts';

/** A program of this host to run as a child process: never through a shell, so that nothing in it is interpreted. */
export interface CommandOrder {
  readonly program: string;
  readonly arguments: readonly string[];
  /** Written to its standard input, which is closed then; by default it is closed at once. */
  readonly input?: string;
  /** It is ended after this, counted from its start. Default one minute. */
  readonly timeout?: Duration;
  /** Added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with each whole line that it writes to either output, while it runs. */
  readonly onLine?: (line: string) => void;
}

export interface CommandResult {
  /** Its exit code; 124 when its time was over, 127 when there is no such program, 128 and more when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs it to its end and never throws for what it says; a child is in a session of its own, so that no signal of the terminal
 * reaches it.
 * @throws the signal's reason once the child has ended, when the signal aborts.
 */
export type RunCommand = (order: CommandOrder, signal?: AbortSignal) => Promise<CommandResult>;
