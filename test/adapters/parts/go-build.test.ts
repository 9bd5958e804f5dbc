import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goBuild, hostPlatform } from '../../../src/adapters/parts/index.ts';
import { HarnessError } from '../../../src/model/errors.ts';
import { program, rejectionOf, toolPart, Workbench } from './workbench.ts';

const part = toolPart('https://127.0.0.1:1');
const { os, arch } = hostPlatform();

/** A `go` that finds the name after `-o`, and keeps what it was called with. */
const FAKE = `
echo "$PWD $CGO_ENABLED $GOOS $GOARCH $GOWORK $*" >>"$CALLS"
while [ $# -gt 1 ]; do [ "$1" = -o ] && out=$2; shift; done
`;
const WRITE = `cat >"$out" <<'END'\n${program('1.2.3')}END\n`;

describe('adapters/parts: building with Go', function () {
  this.timeout(20_000);
  let bench: Workbench;
  let calls: string;
  const fake = (text: string) =>
    goBuild({ go: bench.script('go', FAKE + text), env: { CALLS: calls, OUT: bench.folder } });

  beforeEach(() => {
    bench = new Workbench();
    calls = join(bench.folder, 'calls');
  });
  afterEach(() => bench.clear());

  it('builds each program for a node, static, from what go.sum pins, with its version', async () => {
    const binaries = await bench.ensure(part, [fake(WRITE)]);
    expect(binaries.get('saw')).to.include({ how: 'build', origin: 'build' });
    const [first = '', second] = readFileSync(calls, 'utf8').trim().split('\n');
    expect(first).to.match(
      new RegExp(`^${join(bench.folder, 'reference', 'tool')} 0 ${os} ${arch} off build `),
    );
    expect(first).to.include('-trimpath -mod=readonly').and.to.include('-ldflags -s -w -X x.version=v1.2.3');
    expect(first).to.match(/ example\.test\/hammer$/);
    expect(second).to.match(/ example\.test\/saw$/);
    expect(bench.said.join('\n')).to.match(/hammer 1\.2\.3: built in [\d.]+m?s/);
  });

  it('makes the program that runs the tests of a package, where the lock asks for that', async () => {
    const tests = { ...part, build: { ...part.build, makes: 'tests' as const } };
    await bench.ensure(tests, [fake(WRITE)]);
    expect(readFileSync(calls, 'utf8')).to.match(
      / off test -c -vet=off -trimpath -mod=readonly .* example\.test\/hammer\n/,
    );
    writeFileSync(calls, '');
    const failing = fake('echo "saw_test.go:7: cannot use x" >&2; exit 1');
    const error = await rejectionOf(bench.ensure({ ...tests, version: '1.2.4' }, [failing]));
    expect(error.message).to.include('go test of hammer failed: saw_test.go:7: cannot use x');
  });

  it('keeps what is finished when the next one fails, and goes on there', async () => {
    const failing = fake(`case "$1" in */saw) echo "saw.go:7: cannot use x" >&2; exit 1;; esac\n${WRITE}`);
    const error = await rejectionOf(bench.ensure(part, [failing]));
    expect(error).to.be.instanceOf(HarnessError);
    expect(error.message).to.match(
      /^saw of tool 1\.2\.3 could not be had\. build: go build of saw failed: saw\.go:7: cannot use x/,
    );
    expect(bench.cached(part)).to.deep.equal(['hammer']);

    writeFileSync(calls, '');
    const binaries = await bench.ensure(part, [fake(WRITE)]);
    expect(readFileSync(calls, 'utf8'))
      .to.match(/saw\n$/)
      .and.not.to.include('hammer');
    expect(binaries.get('hammer')).to.include({ how: 'cache', origin: 'earlier' });
    expect(bench.cached(part)).to.deep.equal(['hammer', 'part.json', 'saw']);
  });

  it('refuses what was built but says another version', async () => {
    const error = await rejectionOf(bench.ensure(part, [fake(WRITE.replace('v1.2.3', 'v0.0.0'))]));
    expect(error.message).to.match(/hammer version does not say 1\.2\.3.*v0\.0\.0/);
    expect(bench.cached(part)).to.deep.equal([]);
  });

  it('says what to do where Go is missing', async () => {
    const error = (await rejectionOf(
      bench.ensure(part, [goBuild({ go: join(bench.folder, 'none') })]),
    )) as HarnessError;
    expect(error.message).to.include('Go is not installed');
    expect(error.remedy)
      .to.match(/Install Go/)
      .and.to.match(/folder/);
  });

  it('ends the compiler and all that it started when it is stopped, and leaves no half file', async () => {
    const slow = fake(
      'touch "$GOTMPDIR/half"; echo "#!/bin/sh" >"$out"; sleep 300 & echo $! >"$OUT/child"; touch "$OUT/busy"; wait',
    );
    const ended = rejectionOf(bench.ensure(part, [slow]));
    while (!existsSync(join(bench.folder, 'busy'))) await new Promise((done) => setImmediate(done));
    const child = Number(readFileSync(join(bench.folder, 'child'), 'utf8'));
    bench.stop();
    expect((await ended).message).to.equal('stopped by the test');
    expect(bench.cached(part)).to.deep.equal([]);
    expect(isAlive(child), 'a child of the compiler lives on').to.equal(false);
  });

  it('removes what a call that was killed left unfinished, and nothing of one that lives', async () => {
    const folder = join(bench.cache, 'parts', `tool-1.2.3-${os}-${arch}`);
    mkdirSync(folder, { recursive: true });
    // No process has a number above the kernel's limit.
    writeFileSync(join(folder, '.hammer.99999999.part'), 'half');
    writeFileSync(join(folder, '.hammer.1.part'), 'under way');
    await bench.ensure(part, [fake(WRITE)]);
    expect(bench.cached(part)).to.deep.equal(['.hammer.1.part', 'hammer', 'part.json', 'saw']);
  });

  it('builds again what is gone or cut short in the cache', async () => {
    const first = await bench.ensure(part, [fake(WRITE)]);
    writeFileSync(first.get('saw')?.path ?? '', '');
    const error = await rejectionOf(bench.ensure(part, []));
    expect(error.message).to.match(/^saw of tool/);
    const again = await bench.ensure(part, [fake(WRITE)]);
    expect(again.get('saw')?.bytes).to.equal(first.get('saw')?.bytes);
  });

  it('keys what has no publisher by its sources', async () => {
    const { release: _, ...own } = part;
    const paths: (string | undefined)[] = [];
    for (const text of ['one', 'one', 'two']) {
      writeFileSync(join(bench.folder, 'reference', 'tool', 'main.go'), text);
      paths.push((await bench.ensure(own, [fake(WRITE)])).get('saw')?.path);
    }
    expect(paths[1]).to.equal(paths[0]);
    expect(paths[2]).not.to.equal(paths[0]);
  });
});

function isAlive(pid: number): boolean {
  try {
    // A zombie is ended too: only its parent has not heard of it yet.
    return !/^\d+ \(.*\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
