import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { runProgram, type ProgramEnd } from '../../../src/adapters/tempest/run-program.ts';

/** Polite for a moment only. */
const clock = {
  after: (_ms: number, callback: () => void): (() => void) => {
    const timer = setTimeout(callback, 50);
    return () => clearTimeout(timer);
  },
};

describe('the program of Tempest', function () {
  this.timeout(20_000);
  let workspace: string;

  beforeEach(async () => {
    workspace = await mkdtemp(join(tmpdir(), 'squall-program-'));
  });
  afterEach(() => rm(workspace, { recursive: true, force: true }));

  /** Runs a shell script in the place of Python, which gets the guard and the words after it as its arguments. */
  async function run(
    script: string,
    signal = new AbortController().signal,
    environment: Record<string, string> = {},
  ): Promise<ProgramEnd & { readonly output: string }> {
    const python = join(workspace, 'python');
    await writeFile(python, `#!/bin/sh\n${script}\n`);
    await chmod(python, 0o700);
    const parts: Uint8Array[] = [];
    const order = { python, workspace, clock, environment: { PATH: process.env['PATH'], ...environment } };
    const onBytes = (bytes: Uint8Array): void => void parts.push(bytes);
    const end = await runProgram(
      { ...order, arguments: ['run', 'x'], testTimeoutSeconds: 90, onBytes },
      signal,
    );
    return { ...end, output: Buffer.concat(parts).toString('utf8') };
  }

  it('runs in its workspace, with its words, and without what would speak to it or is nobody’s business', async () => {
    const ended = await run('echo "$1 $3 $4"; pwd; env; echo sorry >&2; exit 3', undefined, {
      OS_PASSWORD: 'hunter2',
      TEMPEST_CONFIG_DIR: '/elsewhere',
      PYTHONPATH: '/elsewhere',
      NO_PROXY: 'cloud',
    });
    expect(ended).to.deep.include({ code: 3, signal: null, says: 'sorry\n' });
    expect(ended.output.split('\n').slice(0, 2)).to.deep.equal(['-c run x', workspace]);
    expect(ended.output).to.include('OS_TEST_TIMEOUT=90').and.to.include('NO_PROXY=cloud');
    expect(ended.output).not.to.match(/hunter2|elsewhere/);
  });

  // Whoever still runs holds the output open, and the end is not told before: what is left would make these tests take too long.
  it('is ended with all that it started when it is told to, also when it does not listen', async () => {
    const stop = new AbortController();
    const script = `trap '' TERM; sh -c 'trap "" TERM; echo $$ > child; while :; do sleep 1; done' & echo up; wait`;
    const running = run(script, stop.signal);
    const begun = (): Promise<boolean> =>
      readFile(join(workspace, 'child')).then(
        () => true,
        () => false,
      );
    while (!(await begun())) await sleep(20);
    stop.abort();
    const ended = await running;
    expect(ended).to.deep.include({ code: null, signal: 'SIGKILL' });
  });

  it('is ended with its workers when it ends and they do not', async () => {
    const ended = await run(`sh -c 'sleep 60' & echo up; exit 0`);
    expect(ended).to.deep.include({ code: 0, output: 'up\n' });
  });

  it('is not there: that is an end as well', async () => {
    const order = { python: join(workspace, 'none'), workspace, clock, environment: {}, arguments: [] };
    const ended = await runProgram({ ...order, onBytes: () => undefined }, new AbortController().signal);
    expect(ended.code).to.equal(127);
    expect(ended.says).to.include('ENOENT');
  });
});
