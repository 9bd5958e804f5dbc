import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { entryPath } from '../../src/adapters/system/entry-path.ts';
import { createProberLauncher } from '../../src/adapters/system/prober-process.ts';
import { RunFolderOnDisk } from '../../src/adapters/system/run-folder-on-disk.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { intervalsOf } from '../../src/analysis/intervals.ts';
import { outagesOf } from '../../src/analysis/outages.ts';
import { LiveBoard } from '../../src/measure/live-board.ts';
import { readSeries } from '../../src/measure/read-series.ts';
import { milliseconds } from '../../src/model/duration.ts';
import type { ProbeSeries } from '../../src/model/observation.ts';
import type { ProbeAssignment, Question } from '../../src/ports/prober.ts';

const clock = createSystemClock();
const now = (): number => clock.now().ns;

type Mode = 'answer' | 'reset' | 'black-hole';

interface Outage {
  readonly mode: Mode;
  readonly fromNs: number;
  readonly toNs: number;
}

/** A local server that goes away on request: by resetting connections, or by taking requests and never answering. */
class MoodyServer {
  mode: Mode = 'answer';
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      if (this.mode === 'answer') response.end('hello');
      else if (this.mode === 'reset') request.socket.resetAndDestroy();
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
      if (this.mode === 'reset') socket.resetAndDestroy();
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async away(mode: Mode, ms: number): Promise<Outage> {
    this.mode = mode;
    const fromNs = now();
    if (mode === 'reset') for (const socket of this.#sockets) socket.resetAndDestroy();
    await clock.sleep(milliseconds(ms));
    const toNs = now();
    this.mode = 'answer';
    return { mode, fromNs, toNs };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const EVERY_MS = 10;
const TIMEOUT_MS = 300;

function assignment(
  name: string,
  url: string,
  connection: 'new' | 'reused',
  question: Question,
): ProbeAssignment {
  return {
    spec: {
      name,
      probe: 'http',
      endpoint: 'target',
      every: milliseconds(EVERY_MS),
      timeout: milliseconds(TIMEOUT_MS),
      connection,
      vantage: 'host',
      parameters: {},
    },
    question,
    access: { url, headers: {}, verify: true },
  };
}

const get = (path: string): Question => ({
  kind: 'http',
  ask: { method: 'GET', path, headers: {}, expect: [200], holds: 'hello' },
});

describe('the prober in its process, against a server that goes away', function () {
  this.timeout(20_000);
  // All is asked of one recording: a second try would be given the same answers.
  this.retries(0);
  const server = new MoodyServer();
  const outages: Outage[] = [];
  const changes: string[] = [];
  let folder = '';
  let series: readonly ProbeSeries[] = [];
  let guarded: AbortSignal | undefined;

  before(async () => {
    const port = await server.listen();
    folder = await mkdtemp(join(tmpdir(), 'squall-prober-'));
    const url = `http://127.0.0.1:${port}`;
    const board = new LiveBoard(clock, (probe, state) => changes.push(`${probe} ${state}`));
    guarded = board.guardSignal([{ name: 'too-long', probe: 'reused', downFor: milliseconds(200) }]);
    try {
      const prober = await createProberLauncher({ entryPath, clock }).launch({
        folder: join(folder, 'samples', 'host'),
        vantage: 'host',
        probes: [
          assignment('reused', url, 'reused', get('/')),
          assignment('new', url, 'new', get('/')),
          assignment('port', url, 'new', { kind: 'tcp', host: '127.0.0.1', port }),
        ],
        maxInFlight: 256,
        stallLimit: milliseconds(50),
        flushEvery: milliseconds(50),
      });
      prober.onLive((states) => board.update(states));
      await clock.sleep(milliseconds(500));
      for (const [mode, ms] of [
        ['reset', 150],
        ['black-hole', 250],
        ['reset', 60],
        ['black-hole', 1000],
      ] as const) {
        outages.push(await server.away(mode, ms));
        await clock.sleep(milliseconds(400));
      }
      await prober.stop();
    } finally {
      await server.close();
    }
    series = (await readSeries(new RunFolderOnDisk(folder))).series;
  });

  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const find = (name: string): ProbeSeries => {
    const found = series.find(({ probe }) => probe.name === name);
    if (found === undefined) throw new Error(`there is no series ${name}`);
    return found;
  };

  it('plans every sample at its instant, and answers for each', () => {
    for (const name of ['reused', 'new', 'port']) {
      const { samples, startNs, endNs } = find(name);
      expect(samples.map(({ n }) => n)).to.deep.equal(samples.map((_, index) => index));
      expect(samples.length).to.equal(Math.floor((endNs - startNs) / (EVERY_MS * 1e6)) + 1);
      for (const { sentNs, plannedNs, completedNs } of samples) {
        expect(sentNs).to.be.at.least(plannedNs);
        expect(completedNs).to.be.at.least(sentNs);
      }
    }
  });

  for (const name of ['reused', 'new']) {
    it(`finds each outage, with its truth inside the edges (${name} connections)`, () => {
      const found = outagesOf(intervalsOf(find(name)));
      for (const { fromNs, toNs } of outages) {
        const around = found.filter(({ start, end }) => start.earliestNs <= fromNs && end.latestNs >= toNs);
        expect(around).to.have.length(1);
        const [outage] = around;
        expect(outage?.minNs).to.be.at.most(toNs - fromNs);
        expect(outage?.maxNs).to.be.at.least(toNs - fromNs);
      }
      // What is reported beyond the real outages may only be what the machine did not let the prober see.
      const invented = found.filter(({ start, end, seenDown }) => {
        return (
          seenDown && !outages.some(({ fromNs, toNs }) => start.earliestNs <= fromNs && end.latestNs >= toNs)
        );
      });
      expect(invented).to.deep.equal([]);
    });

    it(`brackets each outage narrowly (${name} connections)`, () => {
      const widths = outagesOf(intervalsOf(find(name)))
        .filter(({ seenDown }) => seenDown)
        .map(({ minNs, maxNs }) => (maxNs - minNs) / 1e6)
        .sort((a, b) => a - b);
      // Two edges of a period and the grain of timers each; a machine that is busy with other things adds to single ones.
      expect(widths[1]).to.be.at.most(6 * EVERY_MS);
    });
  }

  it('names the phase in which requests failed', () => {
    const failures = (name: string, { fromNs, toNs }: Outage): readonly (string | undefined)[] =>
      find(name)
        .samples.filter(({ sentNs, outcome }) => outcome === 'failed' && sentNs > fromNs && sentNs < toNs)
        .map(({ phase }) => phase);
    for (const outage of outages) {
      for (const name of ['reused', 'new']) {
        const phases = failures(name, outage);
        expect(phases).not.to.be.empty;
        if (outage.mode === 'black-hole') expect(new Set(phases)).to.deep.equal(new Set(['wait']));
        else expect(phases.filter((phase) => phase === 'answer' || phase === 'status')).to.deep.equal([]);
      }
    }
  });

  it('sees a listening port as up when only the answers are missing', () => {
    const silent = outages.filter(({ mode }) => mode === 'black-hole');
    for (const { fromNs, toNs } of silent) {
      const asked = find('port').samples.filter(
        ({ sentNs, completedNs }) => sentNs > fromNs && completedNs < toNs,
      );
      expect(asked.length).to.be.above(10);
      expect(asked.filter(({ outcome }) => outcome === 'failed')).to.deep.equal([]);
    }
  });

  it('told the board as it happened, and the guard fired', () => {
    expect(changes).to.include('reused up').and.to.include('reused down');
    expect(guarded?.aborted).to.equal(true);
    expect(String(guarded?.reason)).to.include('too-long');
  });
});
