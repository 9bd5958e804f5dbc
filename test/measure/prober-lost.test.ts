import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createProberLauncher } from '../../src/adapters/system/prober-process.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import type { Prober, ProberConfiguration } from '../../src/ports/prober.ts';

/** What a prober does once it was told to start: it says that it has, and then as given. */
const then = (act: string): string =>
  `process.on('message', ({ kind }) => {
  if (kind === 'start') { process.send({ kind: 'started', atNs: 0 }); ${act} }
  if (kind === 'stop') process.send({ kind: 'stopped' }, () => process.exit(0));
});`;

describe('a prober that is not there any more', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'squall-prober-lost-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function launch(act: string): Promise<Prober> {
    const path = join(folder, 'prober.mjs');
    await writeFile(path, then(act));
    const launcher = createProberLauncher({
      entryPath: () => ({ path, execArgv: [] }),
      clock: createSystemClock(),
    });
    return launcher.launch({ probes: [] } as unknown as ProberConfiguration);
  }
  const lost = ({ lost: signal }: Prober): Promise<string> =>
    new Promise((resolve) => {
      const tell = (): void => resolve((signal?.reason as Error).message);
      if (signal?.aborted) tell();
      signal?.addEventListener('abort', tell);
    });

  it('is told of when it ends unasked, or breaks', async () => {
    const ended = await launch('setTimeout(() => process.exit(1), 50);');
    expect(await lost(ended)).to.contain('ended before it was asked to');
    const broken = await launch(`process.send({ kind: 'broken', code: 'SQ_RUN_FOLDER', says: 'full' });`);
    expect(await lost(broken)).to.equal('full');
    await broken.stop().catch(() => undefined);
  });

  it('is not lost when it was asked to stop', async () => {
    const prober = await launch('');
    await prober.stop();
    expect(prober.lost?.aborted).to.equal(false);
  });
});
