import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { entryPath } from '../../src/adapters/system/entry-path.ts';
import { RunFolderOnDisk } from '../../src/adapters/system/run-folder-on-disk.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { readSeries } from '../../src/measure/read-series.ts';
import { milliseconds } from '../../src/model/duration.ts';
import type { ProbeSeries } from '../../src/model/observation.ts';
import type { WireConfiguration } from '../../src/ports/prober.ts';
import { spec } from './sample-series.ts';

const clock = createSystemClock();
const sleep = (ms: number): Promise<void> => clock.sleep(milliseconds(ms));

describe('the prober as a program of its own', function () {
  this.timeout(20_000);
  let server: Server;
  let folder = '';
  let child: ChildProcess | undefined;
  const tokens = new Set<string | undefined>();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'squall-prober-process-'));
    tokens.clear();
    server = createServer((request, response) => {
      tokens.add(request.headers['x-auth-token']?.toString());
      response.end('hello');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    if (child?.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true, force: true });
  });

  function configuration(token: string, more: Partial<WireConfiguration> = {}): WireConfiguration {
    const { port } = server.address() as AddressInfo;
    return {
      folder: join(folder, 'on-the-node'),
      vantage: 'node-1',
      maxInFlight: 64,
      stallLimit: milliseconds(50),
      flushEvery: milliseconds(50),
      priority: 'usual',
      endAfter: milliseconds(30_000),
      probes: [
        {
          spec: spec({ vantage: 'node-1', timeout: milliseconds(1000) }),
          question: { kind: 'http', ask: { method: 'GET', path: '/', headers: {}, expect: [200] } },
          access: { url: `http://127.0.0.1:${port}`, headers: { 'x-auth-token': token }, verify: true },
        },
      ],
      ...more,
    };
  }

  async function start(wire: WireConfiguration): Promise<ChildProcess> {
    const file = join(folder, 'prober.json');
    await writeFile(file, JSON.stringify(wire), { mode: 0o600 });
    const { path, execArgv } = entryPath('prober');
    const started = spawn(process.execPath, [...execArgv, path, file], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child = started;
    await new Promise<void>((resolve, reject) => {
      started.stdout?.on('data', (text) => {
        if (String(text).includes('"started"')) resolve();
      });
      started.once('exit', () => reject(new Error('the prober ended before its first sample')));
    });
    return started;
  }

  /** As somebody does who reaches the node again: copies what is there into the run folder. */
  async function collect(): Promise<ProbeSeries> {
    const into = join(folder, 'run', 'samples', 'node-1');
    await mkdir(into, { recursive: true });
    for (const name of await readdir(join(folder, 'on-the-node')))
      await copyFile(join(folder, 'on-the-node', name), join(into, name));
    const { series } = await readSeries(new RunFolderOnDisk(join(folder, 'run')));
    if (series[0] === undefined) throw new Error('nothing was collected');
    return series[0];
  }

  const isWhole = ({ samples }: ProbeSeries): void => {
    expect(samples.map(({ n }) => n)).to.deep.equal(samples.map((_, index) => index));
  };

  it('goes on when nobody listens any more, and its samples are collected later', async () => {
    const started = await start(configuration('first'));
    started.stdout?.destroy();
    await sleep(600);
    await writeFile(join(folder, 'prober.json'), JSON.stringify(configuration('second')));
    started.kill('SIGHUP');
    await sleep(600);
    const ended = once(started, 'exit');
    started.kill('SIGTERM');
    expect(await ended).to.deep.equal([0, null]);
    const series = await collect();
    isWhole(series);
    expect(series.samples.length).to.be.above(80);
    expect(series.endNs).to.be.above(series.startNs + 1000e6);
    expect([...tokens]).to.deep.equal(['first', 'second']);
  });

  it('loses at most its last batch when it is killed', async () => {
    const started = await start(configuration('first'));
    await sleep(800);
    const ended = once(started, 'exit');
    const killedNs = clock.now().ns;
    started.kill('SIGKILL');
    await ended;
    const series = await collect();
    isWhole(series);
    const last = series.samples.at(-1)?.plannedNs ?? 0;
    // A batch is written every 50 ms; the rest is what a busy machine takes for it.
    expect(killedNs - last).to.be.below(400e6);
  });

  it('ends by itself when it was told to', async () => {
    const started = await start(configuration('first', { endAfter: milliseconds(400) }));
    expect(await once(started, 'exit')).to.deep.equal([0, null]);
    isWhole(await collect());
  });

  it('takes at most 24 bytes for a sample at 100 a second', async () => {
    const started = await start(configuration('first', { flushEvery: milliseconds(100) }));
    await sleep(3000);
    const ended = once(started, 'exit');
    started.kill('SIGTERM');
    await ended;
    const { samples } = await collect();
    const names = (await readdir(join(folder, 'on-the-node'))).filter((name) => name.endsWith('.seg'));
    const sizes = await Promise.all(names.map((name) => stat(join(folder, 'on-the-node', name))));
    const bytes = sizes.reduce((sum, { size }) => sum + size, 0);
    // The header is there once; what grows is what counts.
    const head = 12 + 8 + 400;
    expect(samples.length).to.be.above(250);
    expect((bytes - head) / samples.length).to.be.at.most(24);
  });
});
