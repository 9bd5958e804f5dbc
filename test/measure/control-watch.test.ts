import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { RunFolderOnDisk } from '../../src/adapters/system/run-folder-on-disk.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { runProber } from '../../src/measure/prober.ts';
import { readSeries } from '../../src/measure/read-series.ts';
import { milliseconds } from '../../src/model/duration.ts';
import type { Sample, Stall } from '../../src/model/observation.ts';
import { spec } from './sample-series.ts';

const clock = createSystemClock();
const sleep = (ms: number): Promise<void> => clock.sleep(milliseconds(ms));

/** Answers each chunk with some bytes, unless it is told to be silent; then what came meanwhile is answered late. */
class Responder {
  #silent = false;
  #owed: (() => void)[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(answer: (chunk: Buffer) => Buffer) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        const give = (): void => void socket.write(answer(chunk));
        if (this.#silent) this.#owed.push(give);
        else give();
      });
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  silence(silent: boolean): void {
    this.#silent = silent;
    if (silent) return;
    for (const give of this.#owed) give();
    this.#owed = [];
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe('the control target beside a probe', function () {
  this.timeout(10_000);
  let system: Responder;
  let control: Responder;
  let folder = '';

  beforeEach(async () => {
    system = new Responder(() => Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
    control = new Responder((chunk) => chunk);
    folder = await mkdtemp(join(tmpdir(), 'squall-control-'));
  });
  afterEach(async () => {
    await system.close();
    await control.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** The system is silent for 400 ms, four times as long as a sample may take. */
  async function silentSystem(
    silentToo: boolean,
  ): Promise<{ readonly samples: readonly Sample[]; readonly stalls: readonly Stall[] }> {
    const url = `http://127.0.0.1:${await system.listen()}`;
    const stopping = new AbortController();
    const running = runProber(
      {
        folder: join(folder, 'samples', 'host'),
        vantage: 'host',
        maxInFlight: 256,
        stallLimit: milliseconds(50),
        flushEvery: milliseconds(50),
        probes: [
          {
            spec: spec({ every: milliseconds(20), timeout: milliseconds(100), connection: 'new' }),
            question: { kind: 'http', ask: { method: 'GET', path: '/', headers: {}, expect: [200] } },
            access: { url, headers: {}, verify: true },
          },
        ],
      },
      {
        clock,
        control: control.listen(),
        onStarted: () => undefined,
        onLive: () => undefined,
        onRefresh: () => undefined,
      },
      stopping.signal,
    );
    await sleep(300);
    if (silentToo) control.silence(true);
    system.silence(true);
    await sleep(400);
    system.silence(false);
    control.silence(false);
    await sleep(300);
    stopping.abort();
    await running;
    const { series, stalls } = await readSeries(new RunFolderOnDisk(folder));
    return { samples: series[0]?.samples ?? [], stalls };
  }

  it('keeps our own trouble from being taken for an outage', async () => {
    const { samples, stalls } = await silentSystem(true);
    expect(samples.filter(({ outcome }) => outcome === 'failed')).to.deep.equal([]);
    const late = samples.filter(({ cause }) => cause === 'heard-late');
    expect(late.length).to.be.above(8);
    expect(late.every(({ outcome, impaired }) => outcome === 'unknown' && impaired)).to.equal(true);
    const ours = stalls.filter(({ by }) => by === 'control');
    expect(ours.some(({ fromNs, toNs }) => toNs - fromNs > 300e6)).to.equal(true);
  });

  it('excuses nothing where it answers: the same silence is an outage then', async () => {
    const { samples } = await silentSystem(false);
    expect(samples.filter(({ outcome }) => outcome === 'failed').length).to.be.above(8);
  });

  it('is not needed: where it goes away, probing goes on without it', async () => {
    const running = silentSystem(false);
    await sleep(150);
    await control.close();
    control = new Responder((chunk) => chunk);
    await control.listen();
    const { samples } = await running;
    expect(samples.filter(({ outcome }) => outcome === 'ok').length).to.be.above(15);
    expect(samples.filter(({ outcome }) => outcome === 'failed').length).to.be.above(8);
  });
});
