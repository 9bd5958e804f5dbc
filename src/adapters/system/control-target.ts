import { entryPath } from './entry-path.ts';
import { startWorkerThread } from './worker-thread.ts';

export interface ControlTarget {
  /** Where it listens on this host's loopback. Rejects when it ends before it listens. */
  readonly port: Promise<number>;
  stop(): Promise<void>;
}

/** Starts the control target of a prober in a thread of its own. */
export function startControlTarget(): ControlTarget {
  const worker = startWorkerThread(entryPath('control-target'));
  // A control target that is lost is no reason to stop probing.
  worker.unref();
  const port = new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the control target ended')));
  });
  port.catch(() => undefined);
  return {
    port,
    stop: async () => {
      await worker.terminate();
    },
  };
}
