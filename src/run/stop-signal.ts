import { EXIT } from '../model/exit-code.ts';
import { HarnessError } from '../model/errors.ts';
import type { RunEnd } from '../model/evidence.ts';
import type { StopOrder } from '../ports/state-store.ts';

/** Why a run was stopped; the reason of its abort signal. */
export class StopRequest extends HarnessError {
  readonly signal: NonNullable<RunEnd['signal']>;

  /** @param order who stopped all runs and why; of `stop` only. */
  constructor(signal: NonNullable<RunEnd['signal']>, order?: Pick<StopOrder, 'by' | 'why'>) {
    super('SQ_STOPPED', `The run was stopped by ${order === undefined ? signal : sayOrder(order)}.`, {
      exitCode: signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated,
      ...(signal === 'stop'
        ? { remedy: 'Everything injected was healed; `squall allow` lets runs start again.' }
        : {}),
    });
    this.signal = signal;
  }
}

/** Who and why, to follow after `by`. */
export const sayOrder = ({ by, why }: Pick<StopOrder, 'by' | 'why'>): string =>
  why === '' ? by : `${by}: ${why.replace(/\.$/, '')}`;

/** A second Ctrl-C sooner than this is npm passing on the first one, for it signals its children itself. */
export const ECHO_MS = 500;
