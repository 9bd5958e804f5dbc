#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { startControlTarget } from '../adapters/system/control-target.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { raiseOwnPriority } from '../adapters/system/own-priority.ts';
import { runProber } from '../measure/prober.ts';
import { describeError, HarnessError } from '../model/errors.ts';
import { EXIT } from '../model/exit-code.ts';
import type { FromProber, ToProber, WireConfiguration, WireRefresh } from '../ports/prober.ts';

/** How a prober hears from whoever started it, and tells what becomes of it. */
interface Channel {
  readonly configuration: WireConfiguration;
  send(message: FromProber): void;
  onMessage(listener: (message: ToProber) => void): void;
  close(): void;
}

/**
 * A child of the harness: its configuration is the first message, and it speaks the messages of `ports/prober.ts`. It stops when the
 * harness is gone.
 */
async function childChannel(): Promise<Channel> {
  const configuration = await new Promise<WireConfiguration>((resolve) => {
    process.once('message', ({ configuration: given }: { readonly configuration: WireConfiguration }) =>
      resolve(given),
    );
  });
  return {
    configuration,
    send: (message) => void process.send?.(message, undefined, undefined, () => undefined),
    onMessage(listener) {
      process.on('message', listener);
      process.on('disconnect', () => listener({ kind: 'stop' }));
    },
    // An open channel would keep it alive.
    close: () => {
      if (process.connected) process.disconnect();
    },
  };
}

/**
 * A program of its own, `squall-prober <configuration.json>`: says the same messages as lines of JSON on its standard output, and
 * goes on when nobody reads them. SIGTERM and SIGINT stop it, and SIGHUP makes it read its file again for renewed credentials.
 */
async function processChannel(file: string): Promise<Channel> {
  const read = async (): Promise<WireConfiguration> =>
    JSON.parse(await readFile(file, 'utf8')) as WireConfiguration;
  process.stdout.on('error', () => undefined);
  return {
    configuration: await read(),
    send: (message) => void process.stdout.write(`${JSON.stringify(message)}\n`),
    onMessage(listener) {
      for (const signal of ['SIGTERM', 'SIGINT'] as const)
        process.on(signal, () => listener({ kind: 'stop' }));
      process.on('SIGHUP', () => {
        const access = read().then(({ probes }) =>
          probes.map((probe) => ({ probe: probe.spec.name, access: probe.access })),
        );
        // A file that is being written is read at the next signal; until then the old credentials serve.
        access.then((renewed) => listener({ kind: 'refresh', access: renewed })).catch(() => undefined);
      });
    },
    close: () => undefined,
  };
}

async function openChannel(): Promise<Channel> {
  const [file] = process.argv.slice(2);
  if (file !== undefined) return processChannel(file);
  if (process.send !== undefined) return childChannel();
  throw new HarnessError('SQ_USAGE', 'The prober needs the file of its configuration.', {
    remedy: 'Call it as `squall-prober <configuration.json>`.',
  });
}

async function probe(channel: Channel): Promise<void> {
  const { configuration } = channel;
  const stopping = new AbortController();
  const renewals: ((access: readonly WireRefresh[]) => void)[] = [];
  channel.onMessage((message) => {
    if (message.kind === 'stop') stopping.abort();
    else for (const renew of renewals) renew(message.access);
  });
  // Before the priority is raised: the control target must run as the systems under test do.
  const control = startControlTarget();
  if (configuration.priority !== 'usual') raiseOwnPriority();
  const clock = createSystemClock();
  const { endAfter } = configuration;
  const cancelEnd = endAfter === undefined ? undefined : clock.after(endAfter.ms, () => stopping.abort());
  try {
    await runProber(
      configuration,
      {
        clock,
        control: control.port,
        onStarted: (atNs) => channel.send({ kind: 'started', atNs }),
        onLive: (states) => channel.send({ kind: 'live', states }),
        onRefresh: (renew) => renewals.push(renew),
      },
      stopping.signal,
    );
    channel.send({ kind: 'stopped' });
  } finally {
    cancelEnd?.();
    await control.stop();
  }
}

async function main(): Promise<void> {
  let channel: Channel | undefined;
  try {
    channel = await openChannel();
    await probe(channel);
  } catch (error) {
    const code = error instanceof HarnessError ? error.code : 'SQ_INTERNAL';
    channel?.send({ kind: 'broken', code, says: describeError(error) });
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = EXIT.internal;
  }
  channel?.close();
}

await main();
