import { describeError, HarnessError } from '../../model/errors.ts';

/** What goes wrong in the state folder, as an error that says which folder it is and where another one may be named. */
export const stateTrouble = (path: string, error: unknown): HarnessError =>
  new HarnessError('SQ_JOURNAL', `The state folder cannot be used: ${path}: ${describeError(error)}.`, {
    cause: error,
    remedy:
      'Make it a folder that you may read and write, or name another one by XDG_STATE_HOME; what earlier runs left open stands in the old one.',
  });
