import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { hostPlatform, releaseDownload } from '../../../src/adapters/parts/index.ts';
import type { Part } from '../../../src/adapters/parts/index.ts';
import { HarnessError } from '../../../src/model/errors.ts';
import { emptySource, program, rejectionOf, sha256, toolPart, Workbench } from './workbench.ts';

// Made for tests and used nowhere else: an authority, and a server `127.0.0.1` that it signed.
const certificate = (name: string): string =>
  readFileSync(resolve('test', 'adapters', 'kubernetes', 'certificates', name), 'utf8');

const { arch } = hostPlatform();
const HAMMER = program('1.2.3', 'hammer');
const SAW = program('1.2.3', 'saw');

describe('adapters/parts: releases over HTTPS', function () {
  this.timeout(20_000);
  let bench: Workbench;
  let server: Server;
  let url: string;
  /** Files by path; what is no text answers by itself. */
  let files: Map<string, string | Buffer | RequestListener>;
  let asked: string[];
  const source = (patienceMs = 2_000) => releaseDownload({ patienceMs, authorities: certificate('ca.pem') });

  async function listen(serve: (listener: RequestListener) => Server): Promise<number> {
    server = serve((request: IncomingMessage, response: ServerResponse) => {
      asked.push(request.url ?? '');
      const found = files.get(request.url ?? '');
      if (typeof found === 'function') found(request, response);
      else response.writeHead(found === undefined ? 404 : 200).end(found);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return (server.address() as AddressInfo).port;
  }

  beforeEach(async () => {
    bench = new Workbench();
    asked = [];
    const material = { cert: certificate('server.pem'), key: certificate('server.key') };
    url = `https://127.0.0.1:${await listen((listener) => createServer(material, listener))}`;
    files = new Map<string, string>([
      [`/v1.2.3/${arch}/hammer`, HAMMER],
      [`/v1.2.3/${arch}/saw`, SAW],
      [`/v1.2.3/${arch}/hammer.sha256`, sha256(HAMMER)],
      [`/v1.2.3/${arch}/saw.sha256`, `${sha256(SAW)}  ./release/saw\n${sha256(HAMMER)}  hammer\n`],
    ]);
  });
  afterEach(async () => {
    bench.clear();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  it('takes what has the sum that the publisher says, and says that the sum was not pinned', async () => {
    const binaries = await bench.ensure(toolPart(url), [source()]);
    expect(readFileSync(binaries.get('hammer')?.path ?? '', 'utf8')).to.equal(HAMMER);
    expect(binaries.get('saw')).to.include({ how: 'release', origin: 'release', sha256: sha256(SAW) });
    expect(bench.cached(toolPart(url))).to.deep.equal(['hammer', 'part.json', 'saw']);
    expect(bench.said.join('\n')).to.match(
      /hammer: its sum is not pinned; taking the publisher's from https:/,
    );
  });

  it('asks for nothing a second time', async () => {
    const first = await bench.ensure(toolPart(url), [source()]);
    const record = join(dirname(first.get('saw')?.path ?? ''), 'part.json');
    const { mtimeMs } = statSync(record);
    asked.length = 0;
    const binaries = await bench.ensure(toolPart(url), [source()]);
    expect(statSync(record).mtimeMs, 'the record was written again').to.equal(mtimeMs);
    expect([...binaries.values()].map(({ how }) => how)).to.deep.equal(['cache', 'cache']);
    expect(asked).to.deep.equal([]);
  });

  it('takes a pinned sum and does not ask the publisher for one', async () => {
    const part = toolPart(url, { hammer: sha256(HAMMER), saw: sha256(SAW) });
    await bench.ensure(part, [source()]);
    expect(asked.filter((path) => path.endsWith('.sha256'))).to.deep.equal([]);
    expect(bench.said.join('\n')).not.to.include('not pinned');
  });

  it('refuses what differs from the pinned sum, even when the publisher confirms it', async () => {
    const error = await rejectionOf(bench.ensure(toolPart(url, { hammer: sha256('other') }), [source()]));
    expect(error).to.be.instanceOf(HarnessError);
    expect(error.message).to.match(
      new RegExp(`hammer has the sha256 sum ${sha256(HAMMER)} instead of ${sha256('other')}`),
    );
    expect(bench.cached(toolPart(url)), 'what is refused is kept').to.deep.equal([]);
  });

  it('refuses a wrong sum of the publisher, keeps what was right, and moves on', async () => {
    files.set(`/v1.2.3/${arch}/saw.sha256`, sha256('something else'));
    const next = emptySource();
    const error = await rejectionOf(bench.ensure(toolPart(url), [source(), next]));
    expect(error.message).to.match(
      /^saw of tool 1\.2\.3 could not be had\. release: .* instead of .*; build: it has nothing/,
    );
    expect(next.asked).to.equal(1);
    expect(bench.cached(toolPart(url))).to.deep.equal(['hammer']);
  });

  it('refuses a file without any sum', async () => {
    files.set(`/v1.2.3/${arch}/hammer.sha256`, `${sha256(HAMMER)}  other\n${sha256(SAW)}  saw\n`);
    const error = await rejectionOf(bench.ensure(toolPart(url), [source()]));
    expect(error.message).to.include('holds no sha256 sum of hammer');
    expect(bench.cached(toolPart(url))).to.deep.equal([]);
  });

  it('refuses a program of another version, whatever its sum', async () => {
    const old = program('1.2.31');
    files.set(`/v1.2.3/${arch}/hammer`, old).set(`/v1.2.3/${arch}/hammer.sha256`, sha256(old));
    const error = await rejectionOf(bench.ensure(toolPart(url), [source()]));
    expect(error.message).to.match(/hammer version does not say 1\.2\.3 but, with exit code 0: v1\.2\.31/);
    expect(bench.cached(toolPart(url))).to.deep.equal([]);
  });

  it('asks once more for a file that broke off, and never keeps the beginning', async () => {
    let times = 0;
    const breakOff: RequestListener = (_request, response) => {
      times += 1;
      response.writeHead(200, { 'content-length': HAMMER.length });
      response.write(HAMMER.slice(0, 10), () => response.destroy());
    };
    files.set(`/v1.2.3/${arch}/hammer`, breakOff);
    const error = await rejectionOf(bench.ensure(toolPart(url), [source()]));
    expect(error.message).to.match(/hammer broke off/);
    expect(times).to.equal(2);
    expect(bench.cached(toolPart(url))).to.deep.equal([]);
  });

  it('goes on after a file that broke off only once', async () => {
    let times = 0;
    files.set(`/v1.2.3/${arch}/hammer`, (_request, response) => {
      times += 1;
      if (times > 1) return void response.end(HAMMER);
      response.writeHead(200, { 'content-length': HAMMER.length });
      response.write(HAMMER.slice(0, 10), () => response.destroy());
    });
    await bench.ensure(toolPart(url), [source()]);
    expect(bench.cached(toolPart(url))).to.deep.equal(['hammer', 'part.json', 'saw']);
  });

  it('moves on at once where the publisher has no such file', async () => {
    files.clear();
    const next = emptySource();
    const error = await rejectionOf(bench.ensure(toolPart(url), [source(), next]));
    expect(error.message).to.match(/hammer\.sha256 answers 404/);
    expect(asked).to.have.length(1);
    expect(next.asked).to.equal(1);
  });

  it('waits for a server that hangs no longer than its patience, in headers and in the body', async () => {
    for (const hang of [
      () => undefined,
      (_: unknown, response: ServerResponse) => void response.write('#!'),
    ]) {
      files.set(`/v1.2.3/${arch}/hammer`, hang);
      const start = process.hrtime.bigint();
      const error = await rejectionOf(bench.ensure(toolPart(url), [source(300)]));
      expect(error.message).to.match(/hammer stopped answering/);
      expect(Number(process.hrtime.bigint() - start) / 1e6).to.be.within(500, 6_000);
      expect(bench.cached(toolPart(url))).to.deep.equal([]);
    }
  });

  it('says in one line that a host refuses', async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    await rejectionOf(bench.ensure(toolPart(url), [source()]));
    expect(bench.said).to.have.length(1);
    expect(bench.said[0]).to.match(
      /^tool 1\.2\.3 not by release: 127\.0\.0\.1:\d+ cannot be reached: ECONNREFUSED$/,
    );
    await listen((listener) => createPlainServer(listener));
  });

  it('does not try a host again that could not be reached', async () => {
    let connections = 0;
    const closing = createNetServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((done) => closing.listen(0, '127.0.0.1', done));
    const dead = `https://127.0.0.1:${(closing.address() as AddressInfo).port}`;
    const once = source();
    for (const name of ['tool', 'other', 'third']) {
      await rejectionOf(bench.ensure({ ...toolPart(dead), name }, [once]));
    }
    await new Promise((done) => closing.close(done));
    expect(connections).to.equal(1);
    expect(bench.said.filter((line) => line.includes('cannot be reached'))).to.have.length(3);
  });

  it('believes no server that the system does not trust', async () => {
    const error = await rejectionOf(bench.ensure(toolPart(url), [releaseDownload()]));
    expect(error.message).to.match(/cannot be reached: .*(CERT|certificate|SIGNATURE)/);
    expect(asked).to.deep.equal([]);
  });

  it('follows a redirection, but not away from HTTPS', async () => {
    const to =
      (location: string): RequestListener =>
      (_, response) =>
        void response.writeHead(302, { location }).end();
    files.set('/mirror', HAMMER).set(`/v1.2.3/${arch}/hammer`, to('/mirror'));
    await bench.ensure(toolPart(url), [source()]);
    expect(asked).to.include('/mirror');

    const plain = createPlainServer((_, response) => void response.end(SAW));
    await new Promise<void>((done) => plain.listen(0, '127.0.0.1', done));
    const away = `http://127.0.0.1:${(plain.address() as AddressInfo).port}/saw`;
    files.set(`/v1.2.3/${arch}/saw`, to(away));
    const other = { ...toolPart(url), name: 'other' };
    const error = await rejectionOf(bench.ensure(other, [source()]));
    plain.closeAllConnections();
    await new Promise((done) => plain.close(done));
    expect(error.message).to.match(/leads away from HTTPS/);
  });

  it('takes the programs out of an archive, and says what an archive lacks', async () => {
    const { release, ...rest } = toolPart(url);
    const part: Part = {
      ...rest,
      release: {
        url: `${url}/tool.tar.gz`,
        sums: `${url}/SHA256SUMS`,
        member: 'tool-{version}/{binary}',
        pinned: {},
      },
    };
    const pack = (...names: string[]): void => {
      const archive = execFileSync('tar', [
        '-czf',
        '-',
        '-C',
        bench.folder,
        ...names.map((name) => `tool-1.2.3/${name}`),
      ]);
      files.set('/tool.tar.gz', archive).set('/SHA256SUMS', `${sha256(archive)}  tool.tar.gz\n`);
    };
    mkdirSync(join(bench.folder, 'tool-1.2.3'));
    writeFileSync(join(bench.folder, 'tool-1.2.3', 'hammer'), HAMMER);
    writeFileSync(join(bench.folder, 'tool-1.2.3', 'saw'), SAW);
    pack('hammer');
    expect((await rejectionOf(bench.ensure(part, [source()]))).message).to.match(
      /archive of tool cannot be unpacked: .*saw/,
    );
    expect(bench.cached(part)).to.deep.equal([]);
    pack('hammer', 'saw');
    await bench.ensure(part, [source()]);
    expect(bench.cached(part)).to.deep.equal(['hammer', 'part.json', 'saw']);
    expect(release).not.to.equal(undefined);
  });

  it('ends when it is stopped, and leaves nothing', async () => {
    files.set(`/v1.2.3/${arch}/hammer`, (_request, response) => {
      response.write('#!');
      bench.stop();
    });
    expect((await rejectionOf(bench.ensure(toolPart(url), [source()]))).message).to.equal(
      'stopped by the test',
    );
    expect(bench.cached(toolPart(url))).to.deep.equal([]);
  });
});
