import { EXIT } from '../model/exit-code.ts';
import { ECHO_MS, StopRequest } from '../run/stop-signal.ts';

/** SIGHUP comes when the terminal is closed: whoever sat there may be gone, and what was injected is owed all the same. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The first of the signals asks the run to stop: it heals, reports and ends. A second one ends the process at once, after
 * saying how to heal later; one that comes at once is the echo of npm, which passes on what its children got already.
 */
export function stopOnSignals(run: string): { readonly stop: AbortSignal; readonly forget: () => void } {
  const controller = new AbortController();
  let firstAtMs: number | undefined;
  const onSignal = (signal: (typeof SIGNALS)[number]): void => {
    const nowMs = performance.now();
    if (firstAtMs === undefined) {
      firstAtMs = nowMs;
      process.stderr.write(
        `squall: ${signal}: stopping; everything injected is healed first (once more: end at once)\n`,
      );
      controller.abort(new StopRequest(signal));
    } else if (nowMs - firstAtMs > ECHO_MS) {
      process.stderr.write(
        `squall: ended at once; what is still open ends at its declared end. To heal now: squall heal ${run}\n`,
      );
      process.exit(signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated);
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    stop: controller.signal,
    forget() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
