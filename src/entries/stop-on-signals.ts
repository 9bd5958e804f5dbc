import { EXIT } from '../model/exit-code.ts';
import { ECHO_MS, StopRequest } from '../run/stop-signal.ts';

/**
 * The first SIGINT or SIGTERM asks the run to stop: it heals, reports and ends. A second one ends the process at once, after
 * saying how to heal later; one that comes at once is the echo of npm, which passes on what its children got already.
 */
export function stopOnSignals(run: string): { readonly stop: AbortSignal; readonly forget: () => void } {
  const controller = new AbortController();
  let firstAtMs: number | undefined;
  const onSignal = (signal: 'SIGINT' | 'SIGTERM'): void => {
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
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    stop: controller.signal,
    forget() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
