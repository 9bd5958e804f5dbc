import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { describe, it } from 'mocha';

/** In a process of its own, or the tests would come before everything else on the machine. */
const PROGRAM = `
  import { readdirSync, readFileSync } from 'node:fs';
  import { readFile } from 'node:fs/promises';
  import { getPriority } from 'node:os';
  import { raiseOwnPriority } from '${new URL('../../../src/adapters/system/own-priority.js', import.meta.url).href}';
  const raised = raiseOwnPriority();
  // Work for threads that are started by it.
  await Promise.all(Array.from({ length: 8 }, () => readFile('/proc/self/stat')));
  const policyOf = (thread) => readFileSync('/proc/self/task/' + thread + '/stat', 'utf8').split(') ').at(-1).split(' ').slice(37, 39).join();
  const threads = readdirSync('/proc/self/task').map((thread) => policyOf(thread) + ' ' + getPriority(Number(thread)));
  console.log(JSON.stringify({ raised, threads }));
`;

describe('raiseOwnPriority', () => {
  it('raises all threads alike, also those that are started later', () => {
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
      encoding: 'utf8',
    });
    const { raised, threads } = JSON.parse(said) as { raised: boolean; threads: readonly string[] };
    expect(threads).to.have.length.above(4);
    expect(new Set(threads).size, threads.join('; ')).to.equal(1);
    // Who may do anything may do this; policy 2 is round robin in real time.
    if (process.getuid?.() === 0) expect(raised).to.equal(true);
    if (raised) expect(threads[0]).to.match(/^1,2 |^0,0 -10$/);
  });
});
