import { parentPort, workerData } from 'node:worker_threads';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { runProber } from '../measure/prober.ts';
import { describeError, HarnessError } from '../model/errors.ts';
import type { FromProber, ToProber, WireConfiguration, WireRefresh } from '../ports/prober.ts';

/** The prober, in a thread of its own: started with its configuration, it speaks the messages of `ports/prober.ts`. */
async function main(): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('The prober runs as a worker thread only.');
  const send = (message: FromProber): void => port.postMessage(message);
  const stopping = new AbortController();
  const listeners: ((access: readonly WireRefresh[]) => void)[] = [];
  port.on('message', (message: ToProber) => {
    if (message.kind === 'stop') stopping.abort();
    else for (const listener of listeners) listener(message.access);
  });
  try {
    await runProber(
      workerData as WireConfiguration,
      {
        clock: createSystemClock(),
        onStarted: (atNs) => send({ kind: 'started', atNs }),
        onLive: (states) => send({ kind: 'live', states }),
        onRefresh: (listener) => listeners.push(listener),
      },
      stopping.signal,
    );
    send({ kind: 'stopped' });
  } catch (error) {
    const code = error instanceof HarnessError ? error.code : 'SQ_INTERNAL';
    send({ kind: 'broken', code, says: describeError(error) });
  }
  // An open port would keep the thread alive.
  port.close();
}

await main();
