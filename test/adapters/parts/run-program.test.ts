import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../../src/adapters/parts/run-program.ts';
import type { ProgramOptions } from '../../../src/adapters/parts/run-program.ts';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';
import { rejectionOf, Workbench } from './workbench.ts';

const clock = createSystemClock();

describe('adapters/parts: running a program', function () {
  this.timeout(20_000);
  let bench: Workbench;
  let stop: AbortController;
  beforeEach(() => {
    bench = new Workbench();
    stop = new AbortController();
  });
  afterEach(() => bench.clear());

  const mark = (name: string): string => join(bench.folder, name);
  /** Tidies up when it is asked to end; otherwise it ends by itself after half a second. */
  const tidy = (): string =>
    bench.script(
      'tidy',
      `cd ${bench.folder}; trap 'touch tidied; exit 1' TERM; touch begun; for i in 1 2 3 4 5; do sleep 0.1; done; touch done`,
    );

  async function stopInTheMiddle(options: Partial<ProgramOptions>): Promise<Error> {
    const rejected = rejectionOf(runProgram(tidy(), [], { clock, ...options }, stop.signal));
    while (!existsSync(mark('begun'))) await clock.sleep({ ms: 5 });
    stop.abort(new Error('enough'));
    return rejected;
  }

  it('tells the code and the last lines of both outputs', async () => {
    const script = bench.script('says', 'seq 100; echo oops >&2; exit 3');
    const seen: string[] = [];
    const { code, lines } = await runProgram(
      script,
      [],
      { clock, onLine: (line) => seen.push(line) },
      stop.signal,
    );
    expect(code).to.equal(3);
    expect(lines).to.include('oops').and.to.have.length.below(30);
    expect(seen).to.have.length(101);
  });

  it('kills at once, by default', async () => {
    expect((await stopInTheMiddle({})).message).to.equal('enough');
    expect([existsSync(mark('tidied')), existsSync(mark('done'))]).to.deep.equal([false, false]);
  });

  it('asks what must tidy up', async () => {
    expect((await stopInTheMiddle({ stop: 'ask' })).message).to.equal('enough');
    expect([existsSync(mark('tidied')), existsSync(mark('done'))]).to.deep.equal([true, false]);
  });

  it('waits for what may not be ended, and then says that it was stopped', async () => {
    expect((await stopInTheMiddle({ stop: 'wait' })).message).to.equal('enough');
    expect([existsSync(mark('tidied')), existsSync(mark('done'))]).to.deep.equal([false, true]);
  });

  it('ends a program at its limit, with no code', async () => {
    const { code } = await runProgram('sleep', ['60'], { clock, limitMs: 100 }, stop.signal);
    expect(code).to.equal(undefined);
  });

  it('starts nothing when it was stopped before, and lets others go first when it is told to', async () => {
    const nice = bench.script('nice', `sleep 0.1; cut -d' ' -f19 /proc/self/stat >${mark('niceness')}`);
    await runProgram(nice, [], { clock, background: true }, stop.signal);
    expect(Number(readFileSync(mark('niceness'), 'utf8'))).to.be.greaterThan(0);
    stop.abort(new Error('enough'));
    expect((await rejectionOf(runProgram('no such program', [], { clock }, stop.signal))).message).to.equal(
      'enough',
    );
  });
});
