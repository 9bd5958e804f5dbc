import { HarnessError } from '../model/errors.ts';

/** Why a run was stopped; the reason of its abort signal. */
export class StopRequest extends HarnessError {
  readonly signal: 'SIGINT' | 'SIGTERM' | 'stop';

  constructor(signal: 'SIGINT' | 'SIGTERM' | 'stop') {
    super(
      'SQ_STOPPED',
      signal === 'stop' ? 'The run was stopped by a message.' : `The run was stopped by ${signal}.`,
      {
        exitCode: signal === 'SIGTERM' ? 143 : 130,
      },
    );
    this.signal = signal;
  }
}

/** A second Ctrl-C sooner than this is npm passing on the first one, for it signals its children itself. */
export const ECHO_MS = 500;
